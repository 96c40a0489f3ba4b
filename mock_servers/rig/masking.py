"""Which parts of a text are secret, and what stands in their place.

The same secret always gives the same stand-in, `:censored:<length>:<ten hex digits>:`, in the form Zapier
writes it, so that a reader can still see that two requests carried the same one.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

SECRET_KEY = re.compile(
    r"passcode|passwd|password|secret|token|api[_-]?key|authorization|cookie|signature|jwt|^code$", re.IGNORECASE
)
"""Names of headers, query parameters, form fields and JSON members whose values are secret."""

HARMLESS_KEY = re.compile(r"^(token_type|tokenData|.*_token_limit|errorCode)$")

SHORTEST_SECRET = 6

_PAIRS = re.compile(
    r"""(?P<before>(?P<quote>["'])(?P<key>[\w.\-]+)(?P=quote)\s*:\s*")(?P<value>(?:[^"\\]|\\.)*)(?=")"""
    r"""|(?P<form_before>(?:^|[?&])(?P<form_key>[\w.\-]+)=)(?P<form_value>[^&\s"]*)"""
)


def stand_in(secret: str) -> str:
    """What is shown instead of a secret."""
    return f":censored:{len(secret)}:{hashlib.sha256(b'zaprig' + secret.encode('utf-8', 'replace')).hexdigest()[:10]}:"


def is_secret_key(key: str) -> bool:
    """Is the value under this name to be hidden?"""
    return bool(SECRET_KEY.search(key)) and not HARMLESS_KEY.match(key)


def mask_text(text: str) -> str:
    """A body, URL or message with every secret replaced that stands under a telling name (JSON or form)."""

    def replace(match: "re.Match[str]") -> str:
        key = match["key"] or match["form_key"]
        value = match["value"] if match["key"] else match["form_value"]
        if not value or not is_secret_key(key):
            return match[0]
        return (match["before"] or match["form_before"]) + stand_in(value)

    return _PAIRS.sub(replace, text)


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with the secret ones replaced."""
    return {name: stand_in(value) if is_secret_key(name) else value for name, value in headers.items()}


def mask_value(value: Any, key: str = "") -> Any:
    """A JSON value with every text under a telling name replaced; shapes are kept."""
    if isinstance(value, Mapping):
        return {name: mask_value(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [mask_value(item, key) for item in value]
    if isinstance(value, str) and value and key and is_secret_key(key):
        return stand_in(value)
    return value


def mask_known(value: Any, secrets: Collection[str]) -> Any:
    """A JSON value in which none of these secrets is left, wherever it stands.

    What is shorter than 6 characters counts as no secret.
    """
    if isinstance(value, Mapping):
        return {name: mask_known(item, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [mask_known(item, secrets) for item in value]
    if isinstance(value, str):
        for secret in secrets:
            if len(secret) >= SHORTEST_SECRET and secret in value:
                value = value.replace(secret, stand_in(secret))
    return value
