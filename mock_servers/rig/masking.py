"""Which parts of a text are secret, and what stands in their place.

The same secret always gives the same stand-in, `:censored:<length>:<ten hex digits>:`, in the form Zapier writes it, so
that a reader can still see that two requests carried the same one. Everything else of a text stays as it was.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

SECRET_WORDS = (
    "passcode",
    "passwd",
    "password",
    "secret",
    "token",
    "apikey",
    "authorization",
    "cookie",
    "signature",
    "jwt",
)
"""What names of headers, parameters, fields and members end in, word by word, whose values are secret."""

HARMLESS_ENDINGS = frozenset({"count", "type", "date", "data", "limit", "remaining", "expires", "at"})
"""A name that goes on like this tells something about the secret, not the secret."""

SHORTEST_SECRET = 6

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_JSON = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*(?:"|\\?$))"""
    r"""|(?P<number>-?\d[\d.eE+-]*)|(?P<mark>[{}\[\],])""",
    re.DOTALL,
)
_FORM = re.compile(
    r"""(?P<before>(?:^|[?&;])(?P<key>[\w.\-%]+)=)(?P<value>[^&;\s"]*)"""
    r"""|(?P<quoted>(?P<quote>\\?["'])(?P<name>[\w.\- ]+)(?P=quote)\s*:\s*\\?["'])"""
    r"""(?P<text>(?:[^"'\\]|\\[^"'])*)"""
    r"""|(?P<part>\bname="(?P<field>[\w.\-]+)"\r?\n(?:[^\r\n]+\r?\n){0,5}\r?\n)(?P<content>[^\r\n]*)"""
    r"""|(?P<user>://[^/:@\s]*:)(?P<pass>[^/@\s]+)(?=@)"""
)
"""What may hold secrets outside of JSON: parameters and form fields, what looks like members of an object, fields of a
multipart form, a password in an address."""


def stand_in(secret: str) -> str:
    """What is shown instead of a secret."""
    return f":censored:{len(secret)}:{hashlib.sha256(b'zaprig' + secret.encode('utf-8', 'replace')).hexdigest()[:10]}:"


def is_secret_key(key: str) -> bool:
    """Is the value under this name to be hidden?"""
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words or words[-1] in HARMLESS_ENDINGS:
        return False
    return "api key" in " ".join(words) or any(word.removesuffix("s").endswith(SECRET_WORDS) for word in words)


def mask_text(text: str) -> str:
    """A body, URL or message with every secret replaced that stands under a telling name, also where it was cut off."""
    if text.lstrip()[:1] in ("{", "["):
        text = _mask_json(text)
    return _FORM.sub(_mask_pair, text)


def _mask_pair(match: "re.Match[str]") -> str:
    before = match["before"] or match["quoted"] or match["part"] or match["user"]
    value = match["value"] or match["text"] or match["content"] or match["pass"]
    key = unquote(match["key"] or match["name"] or match["field"] or "")
    is_code = key == "code" and match["before"]  # the authorization code of a sign-in
    if not value or value.startswith(":censored:") or not (match["user"] or is_code or is_secret_key(key)):
        return match[0]
    return before + stand_in(value)


def _mask_json(text: str) -> str:
    """Piece by piece, so that what is not secret keeps its spelling, and a text that is cut or no JSON does too."""
    shown, end = [], 0
    depth, hidden_from, is_awaited = 0, 0, False  # from the depth `hidden_from` on everything is secret
    for match in _JSON.finditer(text):
        shown.append(text[end : match.start()])
        piece, end = match[0], match.end()
        if piece in ("{", "["):
            depth += 1
            hidden_from = hidden_from or (depth if is_awaited else 0)
            is_awaited = False
        elif piece in ("}", "]"):
            hidden_from = 0 if hidden_from == depth else hidden_from
            depth -= 1
        elif piece == ",":
            is_awaited = False
        elif match["key"]:
            is_awaited = is_secret_key(_unescaped(piece))
        elif is_awaited or hidden_from:
            is_awaited = False
            piece = piece if piece == '""' else f'"{stand_in(_unescaped(piece))}"'
        elif match["string"]:
            piece = _mask_string(piece)
        shown.append(piece)
    return "".join([*shown, text[end:]])


def _mask_string(piece: str) -> str:
    """A JSON string that is not secret itself; it may hold JSON or an address that is in part."""
    content = _unescaped(piece)
    masked = mask_text(content)
    return piece if masked == content else json.dumps(masked)


def _unescaped(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:  # cut off, or no JSON
        return piece.strip('"')


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with the secret ones replaced."""
    return {name: stand_in(value) if is_secret_key(name) else value for name, value in headers.items()}


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
