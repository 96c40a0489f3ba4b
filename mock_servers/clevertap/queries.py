"""What does somebody ask for in CleverTap's query language, and which events and users are meant?

Here are the question and the comparisons, both as values; looking for events and users is the emulator's.

Source: developer.clevertap.com/docs/clevertap-query-language, read 2026-11; documented, unless a rule says otherwise.
"""

import operator as comparisons
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Literal, NamedTuple, TypeGuard, get_args

import msgspec

CountOperator = Literal["equals", "not_equals", "greater_than", "greater_than_equals", "less_than", "less_than_equals"]
Operator = Literal[CountOperator, "contains", "does_not_contain", "exists", "does_not_exist"]

OPERATORS: tuple[Operator, ...] = get_args(Operator)
COUNT_OPERATORS: tuple[CountOperator, ...] = get_args(CountOperator)

NOT_IMITATED = (
    "demographics",
    "technographics",
    "reachability",
    "app_fields",
    "geo_fields",
    "geo_radius",
    "session_properties",
)
"""Filters of the real query language that are refused by name here, because an uploaded record cannot answer them."""

MOST = 100
"""Entries of one list in a query: filters, events, or values. Assumed."""

LONGEST_TEXT = 1024
"""Characters of a name or value; no stored one is longer. Assumed."""

LARGEST = 32_000
"""Bytes of a query as JSON: it travels in a cursor, and a cursor in an address. Ours."""

MOST_FAULTS = 20
"""Faults that are named in one message; of the others only the number."""

Number = Annotated[int, msgspec.Meta(ge=-(1 << 62), le=1 << 62)]
"""What the database takes as a number."""

Scalar = Number | float | bool | str


class Filter(msgspec.Struct, frozen=True):
    """One condition on a property; several values are any of them. `value` is None if there is nothing to compare."""

    name: str
    operator: Operator = "equals"
    value: Number | float | bool | str | tuple[Scalar, ...] | None = None


class Occurrence(msgspec.Struct, frozen=True):
    """Events of one name from one moment up to but without another, both epoch seconds, that pass all filters."""

    event_name: str
    since: Number
    until: Number
    filters: tuple[Filter, ...] = ()


class CountedOccurrences(msgspec.Struct, frozen=True):
    """How many times in all a user did any of these."""

    occurrences: tuple[Occurrence, ...]
    operator: CountOperator = "greater_than_equals"
    value: Number = 1


class Query(msgspec.Struct, frozen=True):
    """Users who did something, are somebody, did all of this and none of that; everything must hold."""

    occurrence: Occurrence
    profile_filters: tuple[Filter, ...] = ()
    did_all: tuple[Occurrence, ...] = ()
    did_none: tuple[Occurrence, ...] = ()
    did_any: CountedOccurrences | None = None


class Fault(NamedTuple):
    """Something wrong in a document: where (`event_properties[0].operator`) and what would be right."""

    path: str
    message: str


class UnreadableQueryError(Exception):
    """The query says nothing that could be looked for; the message names what is wrong, and where."""


def passes(filter: Filter, properties: Mapping[str, Any]) -> bool:
    """Do these properties meet the condition?

    Of a property that is absent only `does_not_exist`, `not_equals` and `does_not_contain` are true. Of several values,
    the property's or the filter's, one is enough, and for the three denials none may be it. A number and the text of a
    number are compared as numbers, two texts letter by letter, dates (`$D_<epoch seconds>`) only with dates. A boolean
    is true or "True", never 1. More and less than are about numbers and dates only.

    Source: as above for lists and for "True"; documented. The operators: a Java SDK; observed. All else: assumed.
    """
    operator = _DENIALS.get(filter.operator, filter.operator)
    present = properties.get(filter.name)
    if operator == "exists":
        holds = present is not None
    else:
        compare = _COMPARISONS[operator]
        holds = any(compare(value, wanted) for value in _scalars(present) for wanted in _scalars(filter.value))
    return holds != (filter.operator in _DENIALS)


def _scalars(value: object) -> list[Any]:
    values = value if isinstance(value, list | tuple) else [value]
    return [each for each in values if isinstance(each, str | int | float)]


def _are_equal(one: object, other: object) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return _as_text(one).lower() == _as_text(other).lower()
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    measure = _measure(one)
    return measure is not None and measure == _measure(other)


def _contains(text: object, part: object) -> bool:
    return _as_text(part) in _as_text(text)


def _in_order(compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    def do_compare(one: object, other: object) -> bool:
        first, second = _measure(one), _measure(other)
        if first is None or second is None or first.kind != second.kind:
            return False
        return compare(first.number, second.number)

    return do_compare


_DENIALS = {"not_equals": "equals", "does_not_contain": "contains", "does_not_exist": "exists"}
_COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "equals": _are_equal,
    "contains": _contains,
    "greater_than": _in_order(comparisons.gt),
    "greater_than_equals": _in_order(comparisons.ge),
    "less_than": _in_order(comparisons.lt),
    "less_than_equals": _in_order(comparisons.le),
}


class _Measure(NamedTuple):
    kind: Literal["number", "date"]
    number: int | float


_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?")
_DATE = re.compile(r"\$D_(-?[0-9]{1,18})")  # wider than `texts.DATE`: a bound may lie beyond all days there are


def _measure(value: object) -> _Measure | None:
    """What can be more or less: a number, a text that is one, a date. None for anything else."""
    if isinstance(value, int | float):
        return None if isinstance(value, bool) else _Measure("number", value)
    if not isinstance(value, str):
        return None
    if found := _DATE.fullmatch(value):
        return _Measure("date", int(found[1]))
    if found := _NUMBER.fullmatch(value):
        return _Measure("number", float(value) if found[1] else int(value))
    return None


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return ""  # Python refuses to write out very large ones, and nobody looks for a part of one
    return str(value)


def counts(operator: CountOperator, value: int, number: int) -> bool:
    """Is a number of times the one that was asked for, e.g. `greater_than` 2?"""
    return number != value if operator == "not_equals" else _COMPARISONS[operator](number, value)


def read_query(body: object, zone: tzinfo) -> Query:
    """The query in a body, e.g. `{"event_name": "Charged", "from": 20240101, "to": 20240131}`, both days included.

    Days begin and end in `zone`. `props` is an old name of `event_properties`. Members nobody knows are ignored.
    `did_any` without a number of times is at least once, a number without an operator is exactly that. Raises
    `UnreadableQueryError`, which names all faults.

    Source: the example of the documentation and its days in the account's time zone; documented. `props`: the npm
    package clevertap; observed. What is refused, and both defaults of `did_any`: assumed.
    """
    if not isinstance(body, Mapping):
        raise UnreadableQueryError("The query must be a JSON object")
    faults: list[Fault] = []
    reader = _Reader(zone, faults)
    common = reader.member(body, "common_profile_properties")
    advanced = reader.member(body, "advanced_query")
    reader.find_not_imitated(common, "common_profile_properties.")
    query = Query(
        reader.occurrence(body, ""),
        read_filters(common.get("profile_fields"), "common_profile_properties.profile_fields", faults),
        reader.occurrences(advanced.get("did_all"), "advanced_query.did_all"),
        reader.occurrences(advanced.get("did_none"), "advanced_query.did_none"),
        reader.counted(advanced.get("did_any"), "advanced_query.did_any"),
    )
    if faults:
        raise UnreadableQueryError(in_one_line(faults))
    if len(msgspec.json.encode(query)) > LARGEST:
        raise UnreadableQueryError(f"The query is too long: without blanks it may have {LARGEST:,} bytes")
    return query


class _Reader:
    """Reads the parts of a query and notes every fault instead of stopping at the first."""

    def __init__(self, zone: tzinfo, faults: list[Fault]):
        self._zone = zone
        self._faults = faults

    def member(self, body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = body.get(name)
        if value is not None and not isinstance(value, Mapping):
            self._faults.append(Fault(name, f"must be an object, not {in_words(value)}"))
        return value if isinstance(value, Mapping) else {}

    def find_not_imitated(self, body: Mapping[str, Any], prefix: str) -> None:
        self._faults += [
            Fault(f"{prefix}{group}", "this filter is not imitated here; leave it out")
            for group in NOT_IMITATED
            if body.get(group)
        ]

    def occurrence(self, body: Mapping[str, Any], prefix: str) -> Occurrence:
        self.find_not_imitated(body, prefix)
        name = read_text(body, "event_name", prefix, self._faults)
        first, last = self._day(body, "from", prefix), self._day(body, "to", prefix)
        if first is not None and last is not None and first > last:
            self._faults.append(Fault(f"{prefix}from", f"{first:%Y%m%d} is after to, which is {last:%Y%m%d}"))
        filters = read_filters(body.get("event_properties"), f"{prefix}event_properties", self._faults)
        filters += read_filters(body.get("props"), f"{prefix}props", self._faults)
        if first is None or last is None:
            return Occurrence(name, 0, 0, filters)
        next_day = min(last, date.max - timedelta(days=1)) + timedelta(days=1)  # time ends with the year 9999
        return Occurrence(name, self._midnight(first), self._midnight(next_day), filters)

    def _midnight(self, day: date) -> int:
        return int(datetime.combine(day, time(), self._zone).timestamp())

    def _day(self, body: Mapping[str, Any], member: str, prefix: str) -> date | None:
        value = body.get(member)
        if isinstance(value, int) and not isinstance(value, bool) and 10_000_000 <= value <= 99_999_999:
            try:
                return date(value // 10_000, value // 100 % 100, value % 100)
            except ValueError:
                pass  # no such day in the calendar: said below like every other value that is no day
        said = _instead(body, member)
        self._faults.append(Fault(f"{prefix}{member}", f"must be a day as a number, such as 20240131{said}"))
        return None

    def occurrences(self, value: object, path: str) -> tuple[Occurrence, ...]:
        return tuple(
            self.occurrence(item, f"{place}.") for place, item in _objects(value, path, "an event", self._faults)
        )

    def counted(self, value: object, path: str) -> CountedOccurrences | None:
        if value is None:
            return None
        if not isinstance(value, Mapping) or not value.get("any_events"):
            self._faults.append(Fault(path, "must be an object whose any_events is a list with at least one event"))
            return None
        found = self.occurrences(value["any_events"], f"{path}.any_events")
        operator: Any = value.get("operator")
        times: Any = value.get("value")
        if operator is None and times is None:
            return CountedOccurrences(found)
        if operator is not None and operator not in COUNT_OPERATORS:
            self._faults.append(Fault(f"{path}.operator", _unknown(operator, COUNT_OPERATORS)))
        if not isinstance(times, int) or isinstance(times, bool) or not 0 <= times <= 1 << 62:
            said = _instead(value, "value")
            self._faults.append(Fault(f"{path}.value", f"must be a number of times, such as 2{said}"))
        return CountedOccurrences(found, operator or "equals", times)


def read_filters(value: object, path: str, faults: list[Fault]) -> tuple[Filter, ...]:
    """The filters in a list such as `[{"name": "Amount", "operator": "greater_than", "value": 100}]`; null is none.

    What is wrong is added to `faults`, and left out of the answer.
    """
    read = (_read_filter(item, place, faults) for place, item in _objects(value, path, "a filter", faults))
    return tuple(filter for filter in read if filter is not None)


def _read_filter(item: Mapping[str, Any], path: str, faults: list[Fault]) -> Filter | None:
    before = len(faults)
    name = read_text(item, "name", f"{path}.", faults)
    operator: Any = "equals" if item.get("operator") is None else item["operator"]
    value = item.get("value")
    if operator not in OPERATORS:
        faults.append(Fault(f"{path}.operator", _unknown(operator, OPERATORS)))
    elif operator in {"exists", "does_not_exist"}:
        value = None
    elif said := _find_value_fault(value, must_have_order="than" in operator):
        faults.append(Fault(f"{path}.value", f"{said}{_instead(item, 'value')}"))
    if len(faults) > before:
        return None
    return Filter(name, operator, tuple(value) if isinstance(value, list) else value)


def _find_value_fault(value: object, *, must_have_order: bool) -> str | None:
    values = value if isinstance(value, list) else [value]
    if not 0 < len(values) <= MOST:
        return f"must be one value or a list of 1 to {MOST}"
    if must_have_order and any(_measure(each) is None for each in values):
        return "must be a number, or a date such as $D_1700000000, to be more or less than"
    if not all(_is_scalar(each) for each in values):
        return (
            f"must be a number up to 4e18, a boolean, a text of up to {LONGEST_TEXT:,} characters, or a list of these"
        )
    return None


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return is_text(value)
    return isinstance(value, int | float) and abs(value) <= 1 << 62


def is_text(value: object, longest: int = LONGEST_TEXT) -> TypeGuard[str]:
    """Is this a text that is not too long and can be stored? Surrogates are half letters that no file can hold."""
    return isinstance(value, str) and len(value) <= longest and not any("\ud800" <= c <= "\udfff" for c in value)


def read_text(body: Mapping[str, Any], member: str, prefix: str, faults: list[Fault]) -> str:
    """A member that must be a text and not blank; else a fault, and an empty text."""
    value = body.get(member)
    if is_text(value) and value.strip():
        return value
    message = f"must be a text of 1 to {LONGEST_TEXT:,} characters{_instead(body, member)}"
    faults.append(Fault(f"{prefix}{member}", message))
    return ""


def _objects(value: object, path: str, what: str, faults: list[Fault]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Path and object for each object of a list; null is no list and no fault."""
    if value is None:
        return
    if not isinstance(value, list):
        faults.append(Fault(path, f"must be a list, not {in_words(value)}"))
    elif len(value) > MOST:
        faults.append(Fault(path, f"has {len(value):,} entries; at most {MOST} may be asked for"))
    else:
        for place, item in enumerate(value):
            if isinstance(item, Mapping):
                yield f"{path}[{place}]", item
            else:
                faults.append(Fault(f"{path}[{place}]", f"must be {what}, which is an object, not {in_words(item)}"))


def _unknown(value: object, known: Sequence[str]) -> str:
    return f"{in_words(value)} is not known; known are {', '.join(known)}"


def _instead(body: Mapping[str, Any], member: str) -> str:
    return f", not {in_words(body[member])}" if member in body else "; it is missing"


def in_words(value: object) -> str:
    """A JSON value as a person reads it in a message: short, and never deeper than one list."""
    if isinstance(value, list | tuple):
        shown = ["a list" if isinstance(each, list | tuple) else in_words(each) for each in value[:5]]
        return f"[{', '.join(shown)}{', …' if len(value) > 5 else ''}]"
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:60]!r}…"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return "a number beyond every bound"
    if isinstance(value, int | float):
        return str(value)
    return "null" if value is None else "an object"


def in_one_line(faults: Sequence[Fault]) -> str:
    """All faults as one sentence; of very many the first, and how many there are besides."""
    named = "; ".join(f"{fault.path}: {fault.message}" for fault in faults[:MOST_FAULTS])
    return named + (f"; and {len(faults) - MOST_FAULTS:,} more" if len(faults) > MOST_FAULTS else "")
