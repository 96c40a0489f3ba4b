"""What must not be written into a file that is kept: secrets, and what changes with every machine and library.

A scrubbed value shows that something stood there and nothing of what it was, neither its length nor a digest: short
passcodes could be found again from those. As every secret gets the same stand-in, a request made with other
credentials is scrubbed to the same text, so a recording can be replayed without the credentials it was made with.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from ...rig.masking import SHORTEST_SECRET, is_secret_key, mask_text

STAND_IN = ":censored:"

HTTP_LIBRARY_HEADERS = frozenset(("accept", "accept-encoding", "connection", "content-length", "user-agent"))
"""Of a request: what the HTTP library says of itself. In lower case."""

TRANSPORT_HEADERS = frozenset(
    ("connection", "content-encoding", "content-length", "date", "keep-alive", "server", "transfer-encoding")
)
"""Of an answer: how and when it travelled; the body is kept unpacked. In lower case."""

_RIG_STAND_IN = re.compile(r":censored:\d+:[0-9a-f]{10}:")

Headers = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, repr=False)
class Scrubber:
    """Replaces secrets: the known ones wherever they stand, others by the name they stand under (`passcode`, `token`,
    `Authorization`, ...; the rule is `rig.masking`'s).

    Raises `ValueError` for a known secret that is too short to be told from ordinary text.
    """

    secrets: Collection[str]

    def __post_init__(self) -> None:
        if isinstance(self.secrets, str) or any(len(secret) < SHORTEST_SECRET for secret in self.secrets):
            message = f"secrets must be a list of texts of at least {SHORTEST_SECRET} characters each."
            raise ValueError(message)

    def scrub_text(self, text: str) -> str:
        """A text without secrets; scrubbing it again changes nothing."""
        for spelling in self._spellings():
            text = text.replace(spelling, STAND_IN)
        return _RIG_STAND_IN.sub(STAND_IN, mask_text(text))

    def scrub_body(self, body: bytes) -> bytes:
        """A body without secrets. In one that is not UTF-8 only the known ones are found."""
        try:
            return self.scrub_text(body.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            for spelling in self._spellings():
                body = body.replace(spelling.encode("utf-8"), STAND_IN.encode("ascii"))
            return body

    def scrub_url(self, url: str) -> str:
        """An address without secrets, and without the user and password that may stand before the host."""
        parts = urlsplit(url)
        return self.scrub_text(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))

    def scrub_headers(self, headers: Headers, *, without: Collection[str]) -> dict[str, list[str]]:
        """Headers without secrets and without those named in `without` (in lower case)."""
        return {
            name: [STAND_IN if is_secret_key(name) else self.scrub_text(value) for value in values]
            for name, values in headers.items()
            if name.lower() not in without
        }

    def find_leak(self, value: Any) -> str | None:
        """Where in nested lists and dictionaries a known secret still stands, e.g. `interactions[0].request.uri`."""
        spellings = self._spellings()
        for path, text in _texts(value, ""):
            if any(spelling in text for spelling in spellings):
                return path
        return None

    def _spellings(self) -> list[str]:
        """The known secrets as they stand in text, addresses and JSON; the longest first, as one may hold another."""
        found = {
            spelling
            for secret in self.secrets
            for spelling in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
        }
        return sorted(found, key=lambda spelling: (-len(spelling), spelling))


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield path, value
        case bytes():
            yield path, value.decode("utf-8", "replace")
        case list():
            for position, item in enumerate(value):
                yield from _texts(item, f"{path}[{position}]")
        case dict():
            for name, item in value.items():
                yield f"a name in {path}", str(name)
                yield from _texts(item, f"{path}.{name}" if path else str(name))
