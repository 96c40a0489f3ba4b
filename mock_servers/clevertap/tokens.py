"""Device tokens: by what a device can be sent a push message, and which device that is.

Source: developer.clevertap.com/docs/upload-device-tokens-api; documented, unless a rule says otherwise.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from .problems import (
    TOKEN_DATA,
    TOKEN_ID,
    TOKEN_KEYS,
    TOKEN_OBJECT_ID,
    TOKEN_TYPE,
    TOKEN_TYPE_MISSING,
    Problem,
)

PLATFORMS_OF = {
    "apns": frozenset({"iOS"}),
    "gcm": frozenset({"Android"}),
    "fcm": frozenset({"Android", "iOS", "Web"}),
    "wns": frozenset({"Windows"}),
    "mpns": frozenset({"Windows"}),
    "chrome": frozenset({"Web"}),
}
"""The types of tokens; documented. Which platforms each may be for: assumed."""

_PLATFORM_BY_BEGINNING = (("__", "Android"), ("-", "iOS"), ("~", "Windows"))


class Token(msgspec.Struct, frozen=True):
    """What a device can be reached by; `keys` are those of a web push subscription."""

    id: str
    type: str
    keys: dict[str, Any] = {}


def platform_of(object_id: str) -> str:
    """The platform that a CleverTap ID shows by its beginning. Source: samples of the documentation; documented."""
    return next((platform for start, platform in _PLATFORM_BY_BEGINNING if object_id.startswith(start)), "Web")


def find_problem(record: Mapping[str, Any], object_id: str | None) -> Problem | None:
    """Why is a token record not processed? The first of: object id, data, id, type, platform, keys.

    `object_id` is None if the record has none that is right. Source: docs/api-errors for the codes; documented. The
    order, and that keys are an object of texts, whatever the type and their names: assumed.
    """
    if object_id is None:
        return TOKEN_OBJECT_ID
    data = record.get("tokenData")
    if not isinstance(data, Mapping):
        return TOKEN_DATA
    if not _is_text(data.get("id")):
        return TOKEN_ID
    if not _is_text(data.get("type")):
        return TOKEN_TYPE_MISSING
    if platform_of(object_id) not in PLATFORMS_OF.get(data["type"].strip(), frozenset()):
        return TOKEN_TYPE
    keys = data.get("keys")
    if keys is not None and (not isinstance(keys, Mapping) or not all(isinstance(key, str) for key in keys.values())):
        return TOKEN_KEYS
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def read_token(record: Mapping[str, Any]) -> Token:
    """The token of a record without problems; keys that nobody knows are kept, as clients send such."""
    data = record["tokenData"]
    return Token(data["id"].strip(), data["type"].strip(), dict(data.get("keys") or {}))


def push_token(token: Token) -> str:
    """How a profile shows it, e.g. `fcm:abc`. Source: a recorded answer in smpladmin/apperture; observed."""
    return f"{token.type}:{token.id}"
