"""What may a profile's properties be, and in which form are they kept?

System properties are known by their exact spelling: `Email` is one, `email` is a custom property. A record whose
system property is wrong is refused whole; anything else odd is cut, changed or left out, with a remark, and the record
still counts.

Source: developer.clevertap.com/docs/upload-user-profiles-api, read 2026-11, unless a rule says otherwise.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from . import nesting, operators
from .identity import FURTHER, read_text
from .problems import AGE, EDUCATION, EMAIL, EMPLOYED, GENDER, MARRIED, MISCELLANEOUS, PHONE, Problem, Remark
from .settings import DEFAULT, Settings
from .texts import DATE, LONGEST_VALUE, clean_key, cut_value, is_plain_key, note_twin

_EMAIL = re.compile(r"[^@\s]++@[^@\s.]++(?:\.[^@\s.]++)++")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_DECORATION = re.compile(r"[ ()-]")
_AGE = re.compile(r"[0-9]{1,3}")


def find_problem(profile_data: object, settings: Settings = DEFAULT) -> Problem | None:
    """What is wrong with the profileData of a record? The first wrong property decides.

    Absent data is `{}`, anything but an object is 555. Source: docs/api-errors for the codes; documented. Recorded
    traffic for e-mail before phone before the rest, and age last; observed. 555 and the place of gender: assumed.
    """
    if profile_data is None:
        return None
    if not isinstance(profile_data, Mapping):
        return MISCELLANEOUS
    cleaned = ((clean_key(name, is_profile=True, remarks=[]), value) for name, value in profile_data.items())
    wrong = {name for name, value in cleaned if name in CHECKS and not _is_right(name, value, settings)}
    return next((check.problem for name, check in CHECKS.items() if name in wrong), None)


def _is_right(name: str, sent: object, settings: Settings) -> bool:
    value = operators.value_to_check(sent)
    if settings.lenient and name in _YES_OR_NO and isinstance(value, bool):
        return True
    return value is None or CHECKS[name].is_right(value)


def is_email(value: object) -> bool:
    """One `@` and a dotted domain; an empty text is not an e-mail but says nothing, so it passes.

    Source: recorded traffic for what is refused; observed. The empty text is assumed, and that one which would have to
    be cut is refused, because it would identify nobody.
    """
    if not isinstance(value, str) or not value.strip():
        return isinstance(value, str)
    return len(value.strip().encode()) <= LONGEST_VALUE and _EMAIL.fullmatch(value.strip()) is not None


def is_phone(value: object) -> bool:
    """`+`, country code and number, in E.164; spaces, dashes and brackets do not matter; an empty text passes.

    Source: recorded traffic for what is refused; observed. The exact lengths are assumed.
    """
    return isinstance(value, str) and (not value.strip() or _PHONE.fullmatch(plain_phone(value)) is not None)


def plain_phone(value: str) -> str:
    """A phone number without what people put between its digits."""
    return _PHONE_DECORATION.sub("", value.strip())


def is_age(value: object) -> bool:
    """A whole number of years, or its text.

    Source: recorded traffic (`"18"` is right, `"aa"` is not); observed. Up to three digits: assumed.
    """
    if isinstance(value, str):
        return _AGE.fullmatch(value.strip()) is not None
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 999


def _is_one_of(*choices: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in choices


class _Check(NamedTuple):
    is_right: Callable[[object], bool]
    problem: Problem


CHECKS = {
    "Email": _Check(is_email, EMAIL),
    "Phone": _Check(is_phone, PHONE),
    "Gender": _Check(_is_one_of("M", "F"), GENDER),
    "Employed": _Check(_is_one_of("Y", "N"), EMPLOYED),
    "Education": _Check(_is_one_of("School", "College", "Graduate"), EDUCATION),
    "Married": _Check(_is_one_of("Y", "N"), MARRIED),
    "Age": _Check(is_age, AGE),
}
"""The system properties that can spoil a record, in the order in which they are looked at."""

_YES_OR_NO = frozenset({"Employed", "Married"})
_TEXTS = frozenset({"Name", "DOB", "Photo", "Tz"})
_SWITCHES = frozenset(
    [f"MSG-{channel}" for channel in ("email", "push", "sms", "whatsapp")]
    + [f"MSG-dnd{address}" for address in ("Email", "SMS", "Phone", "WhatsApp")]
)
_SWITCHES_OF_ADDRESSES = frozenset(name for name in _SWITCHES if name.startswith("MSG-dnd"))
"""What is kept of them is no property: to delete one is to switch it off."""
_SUBSCRIPTIONS = frozenset({"category-unsubscribe", "category-resubscribe"})

SYSTEM = frozenset(CHECKS) | _TEXTS | _SWITCHES | _SUBSCRIPTIONS
"""Names that CleverTap gives a meaning."""


def clean(profile_data: Mapping[str, Any], settings: Settings = DEFAULT) -> tuple[dict[str, Any], list[Remark]]:
    """Data without problems in the form in which it is laid over a profile, and what had to be changed for it.

    null says nothing, identifiers are no properties. Custom values: scalars as they are (a date is a text
    `$D_<epoch seconds>`), a list becomes multi-value, an object its JSON text unless the account has nested objects;
    an operation stays one. Cleaning what is clean changes nothing. Source: documented for the types; else assumed.
    """
    remarks: list[Remark] = []
    kept: dict[str, Any] = {}
    for sent_name, value in profile_data.items():
        if value is None:
            continue
        name = clean_key(sent_name, is_profile=True, remarks=remarks)
        if name in FURTHER:
            if read_text(value) is None and not (isinstance(value, str) and not value.strip()):
                remarks.append(
                    Remark("identifier dropped", f"{name}: this cannot identify a user, so it was left out.")
                )
            continue
        note_twin(name, kept, remarks)
        if not name:
            remarks.append(Remark("property dropped", f"A property without a usable name was left out: {sent_name!r}."))
        elif name in SYSTEM:
            _clean_system(kept, name, value, remarks)
        elif operators.is_operation(value):
            if operation := operators.clean(name, value, remarks):
                kept[name] = operation
        elif operators.is_nested(value):
            kept[name] = value if settings.nested_objects else _as_json_text(name, value, remarks)
        elif isinstance(value, list):
            kept[name] = operators.multi_value(value, name, remarks)
        else:
            kept[name] = cut_value(name, value, remarks) if isinstance(value, str) else value
    if settings.nested_objects:
        kept = nesting.within_limits(kept, remarks, is_profile=True)
    return kept, remarks


def _as_json_text(name: str, value: Any, remarks: list[Remark]) -> Any:
    """Source: the nested objects beta must be switched on; documented. JSON text without it: assumed."""
    remarks.append(Remark("nested object", f"{name}: kept as JSON text, because nested objects are off."))
    if isinstance(value, list):
        return operators.multi_value(value, name, remarks)
    return cut_value(name, operators.as_text(value), remarks)


def _clean_system(kept: dict[str, Any], name: str, value: Any, remarks: list[Remark]) -> None:
    """System properties hold one value, so they know only `$set`, and those that are not checked `$delete`.

    Source: the list in CleverTap's SDKs; observed. What happens instead is assumed: nothing.
    """
    if operators.is_operation(value):
        if name not in CHECKS and value.get(operators.DELETE) in (True, 1):
            kept[name] = False if name in _SWITCHES_OF_ADDRESSES else {operators.DELETE: 1}
        elif set(value) - {operators.SET}:
            remarks.append(Remark("operation skipped", f"{name}: only $set is known for this property."))
        value = value.get(operators.SET)
        if value is None:
            return
    form = _system_form(name, value, remarks)
    if form is None:
        if not (isinstance(value, str) and not value.strip()):
            remarks.append(Remark("property dropped", f"{name}: this property cannot have such a value."))
    else:
        kept[name] = form


def _system_form(name: str, value: Any, remarks: list[Remark]) -> Any:
    if name in _SUBSCRIPTIONS:
        return value if isinstance(value, dict) else None
    if name in _SWITCHES:
        return value if isinstance(value, bool) else None
    if isinstance(value, dict | list):
        return None
    if name in _YES_OR_NO and isinstance(value, bool):
        return "Y" if value else "N"
    if name == "Age":
        return int(value)
    text = operators.as_text(value)
    if name == "Phone":
        return plain_phone(text) or None
    if name == "Email":
        return cut_value(name, text.strip(), remarks) or None
    if name == "DOB" and DATE.fullmatch(text) is None:
        remarks.append(Remark("date unreadable", "DOB: this is no date in the form $D_<epoch seconds>; kept as text."))
    return cut_value(name, text, remarks)


Column = Callable[[Sequence[Any]], bool]
"""Are all these values, which are scalars, kept as they are?"""


def _match(pattern: re.Pattern[str]) -> Column:
    """For a pattern that no line break matches: one look at all values in lines is cheaper than one at each."""

    @functools.cache
    def lines() -> re.Pattern[str]:  # with the first upload: compiling costs at the start
        return re.compile(f"(?:{pattern.pattern}\n)*+")

    def do_match(values: Sequence[Any]) -> bool:
        try:
            text = "\n".join(values) + "\n"
        except TypeError:  # one of them is no text
            return False
        return text.count("\n") == len(values) and lines().fullmatch(text) is not None

    return do_match


def _are(kind: type) -> Column:
    return lambda values: set(map(type, values)) <= {kind}


def _are_one_of(*choices: str) -> Column:
    return lambda values: set(values) <= set(choices)


_NORMAL: dict[str, Column] = {
    "Email": _match(_EMAIL),
    "Phone": _match(_PHONE),
    "Gender": _are_one_of("M", "F"),
    "Employed": _are_one_of("Y", "N"),
    "Education": _are_one_of("School", "College", "Graduate"),
    "Married": _are_one_of("Y", "N"),
    "Age": lambda values: all(type(value) is int and 0 <= value <= 999 for value in values),
    "DOB": _match(DATE),
    **dict.fromkeys(_TEXTS - {"DOB"}, _are(str)),
    **dict.fromkeys(_SWITCHES, _are(bool)),
}


def normal_columns(names: tuple[str, ...]) -> tuple[tuple[str, Column], ...] | None:
    """For data with these property names and only short scalar values: when does `clean` change nothing in it?

    If each of these says yes of the values of its name. None if already a name would be changed.
    """
    if any(name in FURTHER or name in _SUBSCRIPTIONS or not is_plain_key(name, is_profile=True) for name in names):
        return None
    return tuple((name, _NORMAL[name]) for name in names if name in _NORMAL)


def age_on(date_of_birth: object, now: int) -> int | None:
    """Full years between a date `$D_<epoch seconds>` and now (epoch seconds), or None if it is no such date.

    Source: Age is computed from DOB if that is known; documented.
    """
    months = months_since(date_of_birth, now)
    return None if months is None else months // 12


def months_since(date: object, now: int) -> int | None:
    """Full months between a date `$D_<epoch seconds>` and now; None if it is no date, or one to come."""
    found = DATE.fullmatch(date) if isinstance(date, str) else None
    if found is None or int(found[1]) > now:
        return None
    try:
        then = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found[1]))
    except OverflowError:
        return None
    today = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=now)
    months = (today.year - then.year) * 12 + today.month - then.month
    return months - (today.day < then.day)
