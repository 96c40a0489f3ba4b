"""Whose record is it? The identifiers a record carries, and which profile they lead to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from .problems import IDENTITY_MISSING, OBJECT_ID, Problem

OBJECT_ID_KIND = "objectId"
IDENTITY_KIND = "identity"
EMAIL_KIND = "email"

KINDS = (OBJECT_ID_KIND, IDENTITY_KIND, "FBID", "GPID")
"""The members of a record that identify, in the order in which they are tried.

Source: developer.clevertap.com/docs/upload-user-profiles-api for the four; the order is assumed."""

FURTHER = {"identity": IDENTITY_KIND, "Identity": IDENTITY_KIND, "FBID": "FBID", "GPID": "GPID"}
"""Members of profileData that are identifiers and no properties. Source: client code (alias calls); observed."""

LONGEST = 1023
"""Characters of an identifier. Source: docs.clevertap.com/docs/imports-via-sftp; documented."""


class Key(NamedTuple):
    """One identifier, e.g. `Key("identity", "u-1")`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where a record belongs. `profile_id` is None if a new profile must be made."""

    profile_id: int | None
    reason: str
    """In words that a person can read."""
    free: tuple[Key, ...]
    """Identifiers that nobody holds yet: the profile gets them."""
    taken: tuple[Key, ...]
    """Identifiers of another profile: they stay where they are."""


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
    if record.get(OBJECT_ID_KIND) is not None and not _is_object_id(record[OBJECT_ID_KIND]):
        return OBJECT_ID
    if any(read_text(value) is None for value in given.values()):
        return IDENTITY_MISSING
    return None


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_object_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and not any(letter.isspace() for letter in value)


def read_keys(record: Mapping[str, Any]) -> tuple[Key, ...]:
    """The identifiers of a record without problems, in the order in which they are tried."""
    return _keys((kind, record.get(kind)) for kind in KINDS)


def read_further_keys(profile_data: Mapping[str, Any]) -> tuple[Key, ...]:
    """The identifiers that profileData adds: an alias links another user id to the profile.

    Source: client code; observed. One that cannot be an identifier is left out: assumed.
    """
    return _keys((kind, profile_data.get(name)) for name, kind in FURTHER.items())


def _keys(members: Iterable[tuple[str, object]]) -> tuple[Key, ...]:
    texts = ((kind, read_text(value)) for kind, value in members)
    return tuple(dict.fromkeys(Key(kind, text) for kind, text in texts if text is not None))


def email_key(address: str) -> Key:
    """What an e-mail address is compared by: upper and lower case are the same. Assumed."""
    return Key(EMAIL_KIND, address.strip().lower())


def search_key(*, object_id: str, identity: str, email: str) -> Key | None:
    """What a profile is looked up by: the first that is given, in this order; None if all are blank.

    Source: developer.clevertap.com/docs/get-user-profiles-api asks for exactly one; documented. The order is assumed.
    """
    if object_id.strip():
        return Key(OBJECT_ID_KIND, object_id.strip())
    if identity.strip():
        return Key(IDENTITY_KIND, identity.strip())
    return email_key(email) if email.strip() else None


def resolve(keys: Sequence[Key], further: Sequence[Key], holders: Mapping[Key, int]) -> Resolution:
    """Which profile do these identifiers lead to, and which of them does it get?

    The first key that somebody holds decides. `further` keys only add to the profile, they never choose it. `holders`
    says which profile holds which key, e-mail addresses included; an identity that is another profile's e-mail leads
    to that profile.

    Source: developer.clevertap.com/docs/upload-user-profiles-api (found: update, not found: create); documented. The
    events Identity Set and Identity Error of the same site say that a taken identity stays where it is; documented.
    Order and e-mail rule: assumed.
    """
    held = {key: _holder(key, holders) for key in (*keys, *further)}
    leading = next((key for key in keys if held[key] is not None), None)
    found = None if leading is None else held[leading]
    return Resolution(
        profile_id=found,
        reason=_reason(leading, holders),
        free=tuple(key for key, holder in held.items() if holder is None),
        taken=tuple(key for key, holder in held.items() if holder not in {None, found}),
    )


def _holder(key: Key, holders: Mapping[Key, int]) -> int | None:
    """Who holds a key? An identity may also be somebody's e-mail address."""
    if key not in holders and key.kind == IDENTITY_KIND:
        key = email_key(key.value)
    return holders.get(key)


def _reason(leading: Key | None, holders: Mapping[Key, int]) -> str:
    if leading is None:
        return "new: nobody had these identifiers"
    return f"found by {leading.kind if leading in holders else 'e-mail'} {leading.value}"
