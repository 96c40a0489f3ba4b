"""Whose record is it? The identifiers a record carries, and which profile they lead to."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from .problems import IDENTITY_MISSING, OBJECT_ID, Problem
from .texts import clean_key

OBJECT_ID_KIND = "objectId"
IDENTITY_KIND = "identity"
EMAIL_KIND = "email"
PHONE_KIND = "phone"

KINDS = (OBJECT_ID_KIND, IDENTITY_KIND, "FBID", "GPID")
"""The members of a record that identify, in the order in which they are tried.

Source: developer.clevertap.com/docs/upload-user-profiles-api for the four; the order is assumed."""

FURTHER = {"identity": IDENTITY_KIND, "Identity": IDENTITY_KIND, "FBID": "FBID", "GPID": "GPID"}
"""Members of profileData that are identifiers and no properties. Source: client code (alias calls); observed."""

LONGEST = 1023
"""Characters of an identifier. Source: docs.clevertap.com/docs/imports-via-sftp; documented."""


MOST_DEVICES = 50
"""Devices of a profile. Source: a hidden page of docs.clevertap.com; documented."""

_GHOST = f"; the user has {MOST_DEVICES} devices, so this one stays without identity"


class Key(NamedTuple):
    """One identifier, e.g. `Key("identity", "u-1")`."""

    kind: str
    value: str


class Known(Protocol):
    """A profile, as far as it matters whose record it is."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """Its identifiers."""

    @property
    def is_identified(self) -> bool:
        """Is anything but devices known of this user?"""

    @property
    def object_ids(self) -> tuple[str, ...]:
        """Its devices."""


P = TypeVar("P", bound=Known)


class Resolution(msgspec.Struct, Generic[P], frozen=True, gc=False):
    """Where a record belongs."""

    profile: P | None
    """None if a new profile must be made."""
    free: tuple[Key, ...]
    """Identifiers that nobody holds yet: the profile gets them."""
    taken: tuple[Key, ...] = ()
    """Identifiers of another profile: they stay where they are."""
    absorbed: P | None = None
    """An anonymous profile that turns out to be the same user: it becomes part of `profile`."""
    by: Key | None = None
    """What led to the profile."""
    note: str = ""

    @property
    def reason(self) -> str:
        """In words that a person can read."""
        if self.by is None:
            how = "new: nobody had these identifiers"
        elif self.profile is None or self.absorbed is not None or self.by in self.profile.keys:
            how = f"found by {self.by.kind} {self.by.value}"
        else:
            how = f"found by {'e-mail' if '@' in self.by.value else 'phone'} {self.by.value}"
        if self.taken:
            how += "; not added, because another profile has it: "
            how += ", ".join(f"{key.kind} {key.value}" for key in self.taken)
        return how + self.note


def read_text(value: object) -> str | None:
    """The identifier a JSON value stands for, or None if it stands for none.

    Texts are trimmed, a number is its decimal text, so `12`, `12.0` and `"12"` are one user. Source: recorded traffic
    shows a number turned into text inside profileData; observed there, assumed elsewhere.
    """
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return None
    elif value == int(value):
        text = str(int(value))
    else:
        text = format(Decimal(repr(value)), "f")
    return text if 0 < len(text) <= LONGEST else None


def find_problem(record: Mapping[str, Any]) -> Problem | None:
    """Can this record be given to a profile?

    One identifier is enough, and a blank one beside it counts as absent (523 if none is left); but an objectId that is
    given must be one: no white space, shorter than 1024 characters (526). Source: docs/api-errors for the codes;
    documented. Which shapes are refused is assumed.
    """
    given = {kind: record[kind] for kind in KINDS if not _is_blank(record.get(kind))}
    if not given:
        return IDENTITY_MISSING
    if record.get(OBJECT_ID_KIND) is not None and not is_object_id(record[OBJECT_ID_KIND]):
        return OBJECT_ID
    if any(read_text(value) is None for value in given.values()):
        return IDENTITY_MISSING
    return None


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def is_object_id(value: object) -> bool:
    """Can this be a CleverTap ID? Source: see `find_problem`."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST and not any(letter.isspace() for letter in value)


def read_object_id(record: Mapping[str, Any]) -> str | None:
    """The objectId of a record, or None if it has none that could be one."""
    value = record.get(OBJECT_ID_KIND)
    return value if isinstance(value, str) and is_object_id(value) else None


def read_keys(record: Mapping[str, Any]) -> tuple[Key, ...]:
    """The identifiers of a record without problems, in the order in which they are tried."""
    return _keys((kind, record.get(kind)) for kind in KINDS)


def read_further_keys(profile_data: Mapping[str, Any]) -> tuple[Key, ...]:
    """The identifiers that profileData adds: an alias links another user id to the profile.

    Source: client code; observed. One that cannot be an identifier is left out: assumed.
    """
    cleaned = {clean_key(name, is_profile=True, remarks=[]): value for name, value in profile_data.items()}
    return _keys((kind, cleaned.get(name)) for name, kind in FURTHER.items())


def _keys(members: Iterable[tuple[str, object]]) -> tuple[Key, ...]:
    texts = ((kind, read_text(value)) for kind, value in members)
    return tuple(dict.fromkeys(Key(kind, text) for kind, text in texts if text is not None))


def email_key(address: str) -> Key:
    """What an e-mail address is compared by: upper and lower case are the same. Assumed."""
    return Key(EMAIL_KIND, address.strip().lower())


def lookups(key: Key, fields: Container[str]) -> tuple[Key, ...]:
    """Under which keys is the holder of this one looked for, in this order?

    What was given as identity may also be somebody's e-mail, or phone, if the account says that these identify.
    Source: docs.clevertap.com (if you declare Phone as identity you can search by it); documented. The order, and that
    upper and lower case are the same in an e-mail: assumed.
    """
    if key.kind != IDENTITY_KIND:
        return (key,)
    if "@" in key.value:
        return (key, email_key(key.value)) if EMAIL_KIND in fields else (key,)
    if PHONE_KIND in fields and key.value.startswith("+"):
        return (key, Key(PHONE_KIND, key.value))
    return (key,)


def search_key(*, object_id: str, identity: str, email: str) -> Key | None:
    """What a profile is looked up by: the first that is given, in this order; None if all are blank.

    Source: developer.clevertap.com/docs/get-user-profiles-api asks for exactly one; documented. The order is assumed.
    """
    if object_id.strip():
        return Key(OBJECT_ID_KIND, object_id.strip())
    if identity.strip():
        return Key(IDENTITY_KIND, identity.strip())
    return email_key(email) if email.strip() else None


def resolve(keys: Sequence[Key], further: Sequence[Key], find: Callable[[Key], P | None]) -> Resolution[P]:
    """Which profile do these identifiers lead to, and which of them does it get?

    The first key that somebody holds decides. `further` keys only add to the profile, they never choose it. `find`
    says who holds a key. If the device that was given belongs to nobody known by name, and the identity to somebody,
    it is that user's device: the anonymous profile becomes part of theirs. A user has at most 50 devices; one more
    makes, or stays, a profile without the identity.

    Source: developer.clevertap.com/docs/upload-user-profiles-api (found: update, not found: create); documented. The
    same site on Identity Set and Identity Error (a taken identity stays where it is), on the same identity on two
    devices (one profile) and on the fifty-first; documented. The order, and what follows for uploads: assumed.
    """
    if len(keys) == 1 and not further:  # nearly all records
        found = find(keys[0])
        return Resolution(None, (keys[0],)) if found is None else Resolution(found, (), by=keys[0])
    held = {key: find(key) for key in (*keys, *further)}
    for leading in keys:
        found = held[leading]
        if found is not None:
            return _resolve_among(leading, found, held)
    free = tuple(key for key, holder in held.items() if holder is None)
    return Resolution(None, free, tuple(key for key in further if held[key] is not None))


def _resolve_among(leading: Key, found: P, held: Mapping[Key, P | None]) -> Resolution[P]:
    free = tuple(key for key, holder in held.items() if holder is None)
    others = {key: holder for key, holder in held.items() if holder is not None and holder is not found}
    new_device = next((key for key in free if key.kind == OBJECT_ID_KIND), None)
    if new_device and len(found.object_ids) >= MOST_DEVICES:
        taken = tuple(key for key, holder in held.items() if holder is not None)
        return Resolution(None, (new_device,), taken, by=leading, note=_GHOST)
    owner = next((holder for holder in others.values() if holder.is_identified), None)
    if found.is_identified or owner is None:
        return Resolution(found, free, tuple(others), by=leading)
    taken = tuple(key for key, holder in others.items() if holder is not owner)
    if len(owner.object_ids) + len(found.object_ids) > MOST_DEVICES:
        return Resolution(found, free, tuple(others), by=leading, note=_GHOST)
    return Resolution(owner, free, taken, found, leading, "; its anonymous profile became part of the user's")
