"""The records of one upload, read together: which are accepted, which are refused and why.

Two ways lead to the same result. Where types can say that a record is in normal form, the decoder says it for the whole
upload at once; a record of which it cannot be said is read by the rules in `records`. A test holds both ways together.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Annotated, Any, NamedTuple

import msgspec

from . import events, identity, properties, records
from .problems import Problem, Remark
from .records import EventRecord, ProfileRecord
from .settings import Settings

MOST_RECORDS = 1000
"""Records of one upload. Source: developer.clevertap.com/docs/upload-events-api, 2026-06-30; documented."""

DEEPEST = 64
"""Levels of lists and objects in an upload. The vendor publishes none; ours keeps hostile ones from our stack."""


class MalformedUploadError(Exception):
    """The body is no JSON object with a list `d`."""


class TooManyRecordsError(Exception):
    """The list is longer than `MOST_RECORDS`."""


class Refused(NamedTuple):
    """A record that is not processed. `number` is its position in the upload, counted from 1."""

    number: int
    record: object
    problem: Problem


class Batch(msgspec.Struct, frozen=True):
    """What an upload says. `records` has a `Record`, or of other calls the entry itself, and None for a refused one."""

    records: list[Any]
    refused: list[Refused]
    remarks: list[tuple[int, Remark]]
    """With the number of the record that each is about."""

    @property
    def processed(self) -> int:
        """How many records were accepted."""
        return len(self.records) - len(self.refused)

    @property
    def status(self) -> str:
        """`success`, `partial` or `fail`. An empty upload is a success. Source: recorded traffic; observed."""
        return "success" if not self.refused else "partial" if self.processed else "fail"


class _Normal(msgspec.Struct, forbid_unknown_fields=True):
    d: Annotated[list[ProfileRecord | EventRecord], msgspec.Meta(max_length=MOST_RECORDS)]


_NORMAL = msgspec.json.Decoder(_Normal)


def read_batch(body: bytes, settings: Settings, now: int) -> Batch:
    """The records of a body `{"d": [record, ...]}`, each judged on its own; `now` in epoch seconds.

    Raises `MalformedUploadError`, also for records nested without end, and `TooManyRecordsError`.
    """
    sent: list[Any] | None = None
    try:
        accepted: list[Any] = _NORMAL.decode(body).d
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # a record is odd, or it is no JSON at all
        sent = _decode(body)
        accepted = [_nearly_normal(record) for record in sent]
    odd = _find_odd(accepted, settings, now)
    if not odd:
        return Batch(accepted, [], [])
    return _read_odd(accepted, _decode(body) if sent is None else sent, odd, settings, now)


def _read_odd(accepted: list[Any], sent: Sequence[Any], odd: Sequence[int], settings: Settings, now: int) -> Batch:
    """The batch, once the rules have read what was sent at these positions."""
    refused: list[Refused] = []
    remarks: list[tuple[int, Remark]] = []
    for position in odd:
        record, number = sent[position], position + 1
        problem = records.find_problem(record, settings)
        if problem is None:
            accepted[position], more = records.read(record, settings, now)
            remarks.extend((number, remark) for remark in more)
        else:
            accepted[position] = None
            refused.append(Refused(number, record, problem))
    return Batch(accepted, refused, remarks)


_RECORDS: dict[str, Any] = {"profile": ProfileRecord, "event": EventRecord}
_MEMBERS = {
    "profile": ("type", "identity", "objectId", "ts", "profileData"),
    "event": ("type", "identity", "objectId", "ts", "evtName", "evtData", "$source"),
}


def _nearly_normal(record: Any) -> ProfileRecord | EventRecord | None:
    """A record of which types can say that it is nearly in normal form, or None. Members nobody knows do not matter."""
    kind = record.get("type") if isinstance(record, dict) else None
    if not isinstance(kind, str) or kind not in _RECORDS or "FBID" in record or "GPID" in record:
        return None
    known = {name: record[name] for name in _MEMBERS[kind] if name in record}
    if kind == "event" and "$source" not in known and "source" in record:
        known["$source"] = record["source"]
    try:
        nearly: ProfileRecord | EventRecord = msgspec.convert(known, _RECORDS[kind])
    except msgspec.ValidationError:
        return None
    return nearly


def read_entries(body: bytes, find_problem: Callable[[object], Problem | None]) -> Batch:
    """The entries of a body `{"d": [entry, ...]}` of another call that answers like an upload, as they were sent.

    Raises as `read_batch`.
    """
    sent = _decode(body)
    found = [(number, entry, find_problem(entry)) for number, entry in enumerate(sent, start=1)]
    refused = [Refused(number, entry, problem) for number, entry, problem in found if problem is not None]
    return Batch([entry if problem is None else None for _, entry, problem in found], refused, [])


def _decode(body: bytes) -> list[Any]:
    """The list `d` of a body."""
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedUploadError from None
    sent = decoded.get("d") if isinstance(decoded, dict) else None
    if not isinstance(sent, list) or is_too_deep(sent):
        raise MalformedUploadError
    if len(sent) > MOST_RECORDS:
        raise TooManyRecordsError
    return sent


def _find_odd(accepted: Sequence[Any], settings: Settings, now: int, first: int = 0) -> list[int]:
    """At which positions, counted from `first`, are records that are not in normal form? By halves."""
    if _are_normal(accepted, settings, now):
        return []
    if len(accepted) == 1:
        return [first]
    half = len(accepted) // 2
    return [
        *_find_odd(accepted[:half], settings, now, first),
        *_find_odd(accepted[half:], settings, now, first + half),
    ]


_identity, _object_id, _links, _ts = (attrgetter(name) for name in ("identity", "object_id", "links", "ts"))
_name, _data, _source = (attrgetter(name) for name in ("name", "data", "source"))


def _are_normal(accepted: Sequence[Any], settings: Settings, now: int) -> bool:
    """Would the rules leave all these records as they are? Asked of whole columns, which is far cheaper."""
    if not all(accepted):
        return False
    identities = list(map(_identity, accepted))
    if None in identities or list(map(str.strip, identities)) != identities:
        return False  # records without identity are rare: the rules look at them
    object_ids = set(map(_object_id, accepted)) - {None}
    if not all(map(identity.is_object_id, object_ids)) or set(map(_links, accepted)) - {None}:
        return False
    if max(filter(None, map(_ts, accepted)), default=0) > now + records.FURTHEST_AHEAD:
        return False
    return _are_normal_events(
        [record for record in accepted if type(record) is EventRecord], settings
    ) and _are_normal_profiles([record.data for record in accepted if type(record) is ProfileRecord])


def _are_normal_events(accepted: Sequence[EventRecord], settings: Settings) -> bool:
    names = set(map(_name, accepted))
    keys = set(map(tuple, map(_data, accepted)))
    return (
        all(map(_is_normal_name, names))
        and names.isdisjoint(settings.discarded_events)
        and all(map(_are_normal_keys, keys))
        and max(map(len, keys), default=0) <= settings.event_properties
        and all(source == source.strip() for source in set(map(_source, accepted)))
    )


def _are_normal_profiles(data: Sequence[Mapping[str, Any]]) -> bool:
    columns: dict[str, properties.Column] = {}
    shapes = set(map(tuple, data))
    for names in shapes:
        checks = _normal_columns(names)
        if checks is None:
            return False
        columns.update(checks)
    if len(shapes) == 1:
        return all(are_normal(list(map(itemgetter(name), data))) for name, are_normal in columns.items())
    return all(are_normal([each[name] for each in data if name in each]) for name, are_normal in columns.items())


# An upload's records are mostly alike, so what is asked only of names is remembered.
_is_normal_name: Callable[[str], bool] = functools.lru_cache(1024)(events.is_normal_name)
_are_normal_keys: Callable[[tuple[str, ...]], bool] = functools.lru_cache(1024)(events.are_normal_keys)
_normal_columns = functools.lru_cache(1024)(properties.normal_columns)


def is_too_deep(uploaded: object) -> bool:
    """Is the JSON nested deeper than `DEEPEST` levels? Looks at each value once, without recursion."""
    level = [uploaded]
    for _ in range(DEEPEST):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
