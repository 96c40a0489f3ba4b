"""What must not be written into a file that is kept: secrets, people, and what changes with every machine.

A secret becomes `:censored-1:`, `:censored-2:`, ...: the same secret the same stand-in, wherever it stands and however
it is spelled. The stand-in tells nothing of what it was, neither its length nor a digest: short passcodes could be
found again from those. When requests are compared the numbers count only where that helps, so a recording replays with
whatever credentials. People's addresses and numbers have stand-ins of their own (`personal`).
"""

import base64
import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ...rig.masking import SHORTEST_SECRET, is_secret_key, mask_text
from .personal import hide_people, hide_phone_value, is_phone_key
from .spellings import spellings_of

HTTP_LIBRARY_HEADERS = frozenset(("accept", "accept-encoding", "connection", "content-length", "host", "user-agent"))
"""Of a request: what the HTTP library says of itself. In lower case."""

TRANSPORT_HEADERS = frozenset(
    ("connection", "content-encoding", "content-length", "date", "keep-alive", "server", "transfer-encoding")
)
"""Of an answer: how and when it travelled; the body is kept unpacked. In lower case."""

_STAND_IN = re.compile(r":censored-\d+:")
_STRING_OR_BARE = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?<![\w.+\-])(?:[\w.+\-]*+:censored-\d+:)++[\w.+\-]*', re.DOTALL)
_ACCOUNT_ID = re.compile(r"account[-_ ]?id\Z", re.IGNORECASE)
_COOKIE = re.compile(r"(?P<before>(?:^|;)\s*(?P<name>[^=;\s]+)=\"?)(?P<value>[^;\"]*)")
_COOKIE_ATTRIBUTES = frozenset(("expires", "max-age", "domain", "path", "samesite", "version", "priority"))
_SCHEME = re.compile(r"(?P<before>\s*[A-Za-z][A-Za-z0-9\-]*\s+)?(?P<value>\S.*)", re.DOTALL)

Headers = Mapping[str, Sequence[str]]


def without_numbers(text: str) -> str:
    """The text with one stand-in for all secrets, as texts are compared that were made with other credentials."""
    return _STAND_IN.sub(":censored:", text)


def is_hidden_key(key: str) -> bool:
    """Is the value under this name a secret, or who the account is?"""
    return is_secret_key(key) or _ACCOUNT_ID.search(key) is not None


class Scrubber:
    """Replaces secrets: the known ones wherever they stand, others by the name they stand under (`passcode`, `token`,
    `Authorization`, ...; the rule is `rig.masking`'s), and from then on wherever they stand too.

    The known ones have their numbers from the order of `secrets`, others from the order in which they are met. Any
    number of threads may scrub. Raises `ValueError` for a known secret that is too short to be told from ordinary text.
    """

    def __init__(self, secrets: Collection[str] = ()):
        if isinstance(secrets, str) or any(len(secret) < SHORTEST_SECRET for secret in secrets):
            message = f"secrets must be a list of texts of at least {SHORTEST_SECRET} characters each."
            raise ValueError(message)
        self._numbers = {secret: number for number, secret in enumerate(dict.fromkeys(secrets), start=1)}
        self._found = list(self._numbers)
        self._lock = threading.Lock()

    @property
    def known(self) -> int:
        """How many secrets are replaced wherever they stand. Grows while texts are scrubbed."""
        return len(self._found)

    def scrub_text(self, text: str, *, is_address: bool = False) -> str:
        """A text without secrets; scrubbing it again changes nothing."""
        text = self._replace_known(mask_text(text, is_meant=is_hidden_key, replace=self._hide))
        text = mask_text(text, is_meant=is_phone_key, replace=hide_phone_value)
        return hide_people(text, is_address=is_address)

    def _replace_known(self, text: str) -> str:
        shown = text
        for secret in sorted(self._found, key=len, reverse=True):  # one secret may hold another
            shown = spellings_of(secret).replace(shown, self._stand_in(secret))
        if shown != text and text.lstrip()[:1] in ("{", "["):  # a secret of digits may have stood there as a number
            shown = _STRING_OR_BARE.sub(lambda found: found[0] if found[0][0] == '"' else f'"{found[0]}"', shown)
        return shown

    def scrub_body(self, body: bytes, content_type: str = "") -> bytes:
        """A body without secrets. In one that is not UTF-8 only the known ones are found."""
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            text = body.decode("latin-1")
            for secret in self._found:
                for spelled in dict.fromkeys((secret, secret.encode("utf-8").decode("latin-1"))):
                    text = spellings_of(spelled).replace(text, self._stand_in(secret))
            return text.encode("latin-1")
        return self.scrub_text(text, is_address="urlencoded" in content_type).encode("utf-8")

    def scrub_url(self, url: str) -> str:
        """An address without secrets, and without the user and password that may stand before the host."""
        parts = urlsplit(url)
        return self.scrub_text(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), is_address=True)

    def scrub_headers(self, headers: Headers, *, without: Collection[str]) -> dict[str, list[str]]:
        """Headers without secrets and without those named in `without` (in lower case)."""
        return {
            name: [self._scrub_header(name, value) for value in values]
            for name, values in headers.items()
            if name.lower() not in without
        }

    def _scrub_header(self, name: str, value: str) -> str:
        """Of a cookie the name stays, of credentials the scheme: a client may depend on both."""
        match name.lower():
            case "cookie" | "set-cookie":
                return self.scrub_text(_COOKIE.sub(self._hide_cookie, value))
            case "authorization" | "proxy-authorization":
                return _SCHEME.sub(self._hide_credentials, value)
        if is_hidden_key(name):
            return self._hide(value)
        if is_phone_key(name):
            value = hide_phone_value(value)
        return self.scrub_text(value, is_address=name.lower() in ("location", "referer"))

    def _hide_credentials(self, found: re.Match[str]) -> str:
        scheme = found["before"] or ""
        if scheme.strip().lower() == "basic" and not found["value"].startswith(":censored"):
            with suppress(ValueError):  # no base64; then it is a secret as it is
                self._hide(base64.b64decode(found["value"]).decode("utf-8", "replace").partition(":")[2])
        return scheme + self._hide(found["value"])

    def _hide_cookie(self, found: re.Match[str]) -> str:
        if found["name"].lower() in _COOKIE_ATTRIBUTES or not found["value"]:
            return found[0]
        return f"{found['before']}{self._hide(found['value'])}"

    def _hide(self, secret: str) -> str:
        """The stand-in of a value that stands under a telling name. If it can be told from ordinary text, it is known
        from now on.
        """
        if not secret or secret.startswith(":censored"):
            return secret
        secret = _unquoted(secret)
        with self._lock:
            if secret not in self._numbers:
                self._numbers[secret] = len(self._numbers) + 1
                if _is_telling(secret):
                    self._found.append(secret)
            return f":censored-{self._numbers[secret]}:"

    def _stand_in(self, secret: str) -> str:
        return f":censored-{self._numbers[secret]}:"

    def find_leak(self, value: Any) -> str | None:
        """Where in nested lists and dictionaries a known secret still stands, e.g. `interactions[0].request.uri`."""
        spelled = [spellings_of(secret) for secret in self._found]
        for path, text in _texts(value, ""):
            if any(each.is_in(text) for each in spelled):
                return path
        return None


def _unquoted(secret: str) -> str:
    """A value from an address without its percent-encoding: elsewhere it stands in another one, or in none."""
    try:
        return unquote(secret, errors="strict")
    except UnicodeDecodeError:
        return secret


def _is_telling(secret: str) -> bool:
    """Is it unlikely to be a word that also stands elsewhere? `true`, `password` and `2026` are; keys are not."""
    if len(secret) < 8:
        return False
    kinds = {"a" if each.islower() else "A" if each.isupper() else "0" if each.isdigit() else "-" for each in secret}
    return len(secret) >= 24 or len(kinds) >= 2


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case bytes():
            yield path, value.decode("utf-8", "replace")
            yield path, value.decode("latin-1")
        case list():
            for position, item in enumerate(value):
                yield from _texts(item, f"{path}[{position}]")
        case dict():
            for name, item in value.items():
                yield f"a name in {path}", str(name)
                yield from _texts(item, f"{path}.{name}" if path else str(name))
