"""Is a record of an upload acceptable, and what does it say? One record at a time, the first thing wrong decides.

Profiles, events and device tokens have their own rules in `properties`, `events` and `tokens`; this file knows what
they have in common.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

import msgspec

from . import events, identity, properties, tokens
from .identity import Key
from .problems import RECORD_TYPE, TIMESTAMP, Problem, Remark
from .settings import DEFAULT, Settings
from .tokens import Token

LATEST_TS = 9_999_999_999
"""Seconds; what is larger must be milliseconds. Assumed."""

FURTHEST_AHEAD = 120
"""Seconds; what is dated further ahead is stored with a remark, and starts no campaign. Source of the two minutes: the
page on event APIs; documented. The remark is assumed."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=identity.LONGEST)]
Ts = Annotated[int, msgspec.Meta(ge=1, le=LATEST_TS)]
Value = Annotated[str, msgspec.Meta(max_length=128)] | bool | int | float
"""A value that is certainly kept as it is: 128 characters never exceed 512 bytes."""


class Links(NamedTuple):
    """Identifiers of a record beside identity and object id."""

    others: tuple[Key, ...] = ()
    """FBID and GPID, which may lead to a profile."""
    further: tuple[Key, ...] = ()
    """Those in profileData, which only add to it."""


class _Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type", forbid_unknown_fields=True):
    """What an accepted record says, with the members it has on the wire.

    A record of the wire that can be decoded into one of these is *nearly* in normal form: what types cannot say about
    it is asked in `batches`.
    """

    identity: Id | None = None
    object_id: Id | None = msgspec.field(default=None, name="objectId")
    ts: Ts | None = None
    links: Links | None = msgspec.field(default=None, name="")
    """None for the many records that have no others. A record of the wire has no such member."""

    kind: ClassVar[str]

    @property
    def keys(self) -> tuple[Key, ...]:
        """The identifiers, in the order in which they are tried."""
        if self.identity is not None and self.object_id is None and self.links is None:
            return (Key(identity.IDENTITY_KIND, self.identity),)
        values = ((identity.OBJECT_ID_KIND, self.object_id), (identity.IDENTITY_KIND, self.identity))
        first = tuple(Key(kind, value) for kind, value in values if value is not None)
        return first if self.links is None else (*first, *self.links.others)


class ProfileRecord(_Record, frozen=True, kw_only=True, gc=False, tag="profile"):
    """Creates or updates a profile."""

    kind: ClassVar[str] = "profile"

    data: dict[str, Value] = msgspec.field(default_factory=dict, name="profileData")
    """Clean, as `properties.clean` leaves it; what that made may hold lists and operations, too."""


class EventRecord(_Record, frozen=True, kw_only=True, gc=False, tag="event"):
    """Says what a profile did."""

    kind: ClassVar[str] = "event"

    name: Name = msgspec.field(name="evtName")
    data: dict[str, Value] = msgspec.field(default_factory=dict, name="evtData")
    source: Name = msgspec.field(default=events.DEFAULT_SOURCE, name="$source")


class TokenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Says by what a device can be reached."""

    kind: ClassVar[str] = "token"

    object_id: str
    token: Token
    ts: int | None = None
    links: None = None

    @property
    def keys(self) -> tuple[Key, ...]:
        """The device."""
        return (Key(identity.OBJECT_ID_KIND, self.object_id),)


Record = ProfileRecord | EventRecord | TokenRecord


def find_problem(record: object, settings: Settings = DEFAULT) -> Problem | None:
    """Why is this record not processed? None if it is.

    Checked in this order: type, identifiers, time, then what its type asks for. Source: docs/api-errors for the codes;
    documented. Recorded traffic of tradeo/clevertap-ruby has ts before profile data; observed. The rest of the order is
    assumed.
    """
    if not isinstance(record, Mapping):
        return RECORD_TYPE
    kind = record.get("type")
    if kind == "token":
        return _find_ts_problem(record, settings) or tokens.find_problem(record, identity.read_object_id(record))
    if kind not in ("profile", "event"):
        return RECORD_TYPE
    if problem := identity.find_problem(record) or _find_ts_problem(record, settings):
        return problem
    if kind == "profile":
        return properties.find_problem(record.get("profileData"), settings)
    return events.find_problem(record, settings)


def _find_ts_problem(record: Mapping[str, Any], settings: Settings) -> Problem | None:
    given = record.get("ts")
    return TIMESTAMP if given is not None and read_ts(given, lenient=settings.lenient) is None else None


def read_ts(value: object, *, lenient: bool = False) -> int | None:
    """The epoch seconds that a `ts` names, or None if it names none.

    A whole number or a text of digits, above 0 and not in milliseconds, unless the account is lenient. Source: recorded
    traffic for 0; observed. Texts of digits are taken, milliseconds refused: assumed.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(LATEST_TS)) + 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if lenient and LATEST_TS < value <= LATEST_TS * 1000:
        value //= 1000
    return value if 0 < value <= LATEST_TS else None


def read(record: Mapping[str, Any], settings: Settings, now: int) -> tuple[Record, list[Remark]]:
    """What a record without problems says, in normal form, and what was changed for it. `now` in epoch seconds."""
    remarks = _remarks_on_ts(record.get("ts"), settings, now)
    ts = read_ts(record.get("ts"), lenient=settings.lenient)
    if record["type"] == "token":
        return TokenRecord(object_id=record["objectId"], token=tokens.read_token(record), ts=ts), remarks
    sent = record.get("profileData") or {} if record["type"] == "profile" else {}
    keys = identity.read_keys(record)
    of_kind = dict(keys)
    links = Links(
        tuple(key for key in keys if key.kind not in {identity.OBJECT_ID_KIND, identity.IDENTITY_KIND}),
        identity.read_further_keys(sent),
    )
    ids: dict[str, Any] = {
        "identity": of_kind.get(identity.IDENTITY_KIND),
        "object_id": of_kind.get(identity.OBJECT_ID_KIND),
        "links": links if any(links) else None,
    }
    if record["type"] == "profile":
        data, more = properties.clean(sent, settings)
        return ProfileRecord(**ids, ts=ts, data=data), remarks + more
    name, data, more = events.clean(record, settings)
    return EventRecord(**ids, ts=ts, name=name, data=data, source=events.read_source(record)), remarks + more


def _remarks_on_ts(given: object, settings: Settings, now: int) -> list[Remark]:
    if given is None:
        return []
    if read_ts(given) is None:
        return [Remark("ts in milliseconds", "ts: taken as milliseconds, because the account is lenient.")]
    ts = read_ts(given, lenient=settings.lenient)
    if ts is not None and ts > now + FURTHEST_AHEAD:
        return [Remark("ts in the future", f"ts: {ts - now:,} s ahead; more than two minutes start no campaign.")]
    return []
