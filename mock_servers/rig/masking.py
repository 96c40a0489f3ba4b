"""Which parts of a text are secret, and what stands in their place.

The same secret always gives the same stand-in, `:censored:<length>:<ten hex digits>:`, in the form Zapier writes it, so
that a reader can still see that two requests carried the same one. Everything else of a text stays as it was.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
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


Rule = Callable[[str], bool]
"""Is the value under this name to be replaced?"""
Replace = Callable[[str], str]
"""What stands in a value's place; the value itself leaves it as it is spelled."""


def mask_text(text: str, *, is_meant: Rule = is_secret_key, replace: Replace = stand_in) -> str:
    """A body, URL or message with every secret replaced that stands under a telling name, also where it was cut off.

    Other names and other replacements are the caller's choice; a sign-in's code and a password in an address are
    secret under every rule that means secrets.
    """
    return _Masking(is_meant, replace).text(text)


@dataclass(frozen=True, slots=True)
class _Masking:
    is_meant: Rule
    replace: Replace

    def text(self, text: str) -> str:
        if text.lstrip()[:1] in ("{", "["):
            text = self._json(text)
        return _FORM.sub(self._pair, text)

    def _pair(self, match: "re.Match[str]") -> str:
        before = match["before"] or match["quoted"] or match["part"] or match["user"]
        value = match["value"] or match["text"] or match["content"] or match["pass"]
        key = unquote(match["key"] or match["name"] or match["field"] or "")
        if match["user"]:
            key = "password"
        elif key == "code" and match["before"]:
            key = "token"  # the authorization code of a sign-in
        if not value or value.startswith(":censored") or not self.is_meant(key):
            return match[0]
        return before + self.replace(value)

    def _json(self, text: str) -> str:
        """Piece by piece, so that what is not meant keeps its spelling, and a text that is cut or no JSON does too."""
        shown, end = [], 0
        depth, meant_from, is_awaited = 0, 0, False  # from the depth `meant_from` on everything is meant
        for match in _JSON.finditer(text):
            shown.append(text[end : match.start()])
            piece, end = match[0], match.end()
            if piece in ("{", "["):
                depth += 1
                meant_from = meant_from or (depth if is_awaited else 0)
                is_awaited = False
            elif piece in ("}", "]"):
                meant_from = 0 if meant_from == depth else meant_from
                depth -= 1
            elif piece == ",":
                is_awaited = False
            elif match["key"]:
                is_awaited = self.is_meant(_unescaped(piece))
            elif is_awaited or meant_from:
                is_awaited = False
                piece = self._value(piece)
            elif match["string"]:
                piece = self._string(piece)
            shown.append(piece)
        return "".join([*shown, text[end:]])

    def _value(self, piece: str) -> str:
        """A string or number that is meant. What replaces a number stays one if it can."""
        value = _unescaped(piece)
        replaced = self.replace(value) if value else value
        if replaced == value:
            return piece
        return replaced if piece[0] != '"' and replaced.isdigit() else json.dumps(replaced)

    def _string(self, piece: str) -> str:
        """A JSON string that is not meant itself; it may hold JSON or an address that is in part."""
        content = _unescaped(piece)
        masked = self.text(content)
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
