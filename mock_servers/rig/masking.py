"""Which parts of a text are secret, and what stands in their place.

The same secret always gives the same stand-in, `:censored:<length>:<ten hex digits>:`, in the form Zapier
writes it, so that a reader can still see that two requests carried the same one.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

SECRET_KEY = re.compile(
    r"passcode|passwd|password|secret|token|api[_-]?key|authorization|cookie|signature|jwt|^code$", re.IGNORECASE
)
"""Names of headers, query parameters, form fields and JSON members whose values are secret."""

HARMLESS_KEY = re.compile(r"^(token_type|tokenData|.*_token_limit|errorCode)$")

SHORTEST_SECRET = 6

_PAIRS = re.compile(
    r"""(?P<before>(?P<quote>\\?["'])(?P<key>[\w.\-\\]+)(?P=quote)\s*:\s*)"""
    r"""(?:(?P<open>\\?["'])(?P<value>(?:[^"'\\]|\\[^"'])*)|(?P<number>-?\d[\d.eE+-]*))"""
    r"""|(?P<form_before>(?:^|[?&;])(?P<form_key>[\w.\-%]+)=)(?P<form_value>[^&;\s"]*)"""
)
"""A JSON member (also within a JSON text, in single quotes, cut off, or with a number) or a form field."""


def stand_in(secret: str) -> str:
    """What is shown instead of a secret."""
    return f":censored:{len(secret)}:{hashlib.sha256(b'zaprig' + secret.encode('utf-8', 'replace')).hexdigest()[:10]}:"


def is_secret_key(key: str) -> bool:
    """Is the value under this name to be hidden?"""
    return bool(SECRET_KEY.search(key)) and not HARMLESS_KEY.match(key)


def mask_text(text: str, *, is_cut: bool = False) -> str:
    """A body, URL or message with every secret replaced that stands under a telling name.

    JSON is read as such, so that no spelling of a name hides its value. Anything else, also what `is_cut` off, is
    searched for what looks like JSON members and form fields.
    """
    if not is_cut and text[:1] in ("{", "["):
        try:
            value = json.loads(text)
            masked = mask_value(value)
            return text if masked == value else json.dumps(masked, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass  # no JSON after all: searched below
    return _PAIRS.sub(_mask_pair, text)


def _mask_pair(match: "re.Match[str]") -> str:
    key = _plain(match["key"] or match["form_key"])
    value = match["value"] or match["number"] or match["form_value"]
    if not value or not is_secret_key(key):
        return match[0]
    return (match["before"] or match["form_before"]) + (match["open"] or "") + stand_in(value)


def _plain(key: str) -> str:
    """A name as it is meant, without percent and JSON escapes."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), unquote(key))


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with the secret ones replaced."""
    return {name: stand_in(value) if is_secret_key(name) else value for name, value in headers.items()}


def mask_value(value: Any, key: str = "") -> Any:
    """A JSON value with everything plain under a telling name replaced, also in JSON within a text; shapes are kept."""
    if isinstance(value, Mapping):
        return {name: mask_value(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [mask_value(item, key) for item in value]
    if isinstance(value, bool) or value in (None, ""):
        return value
    if key and is_secret_key(key) and (isinstance(value, str) or key != "code"):
        return stand_in(str(value))
    return mask_text(value) if isinstance(value, str) else value


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
