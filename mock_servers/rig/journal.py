"""What went in and out: every request with its answer, the newest few thousand, secrets masked.

Entries are kept as they came and masked when they are read: what stands under a telling name, and every credential
that opened something, wherever it stands. Bodies, headers and addresses are cut, so the journal stays small
however long a rig runs.
"""

import itertools
import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .clock import from_milliseconds
from .masking import is_secret_key, mask_headers, mask_known, mask_text

MOST_ENTRIES = 2_000
LONGEST_BODY = 16_384
"""Bytes of a body that are kept."""
LONGEST_TEXT = 2_048
"""Characters of an address or of a header that are kept."""
MOST_HEADERS = 64
MOST_SECRETS = 1_000
SHORTEST_CREDENTIAL = 12
"""Characters; what is shorter may be a word of an ordinary text."""

Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange: a request that `server` answered (`in`), or a call that it made (`out`).

    What may hold secrets is kept out of `repr`; `view` masks it.
    """

    id: int
    server: str
    direction: Direction
    at: int
    """Milliseconds since the epoch."""
    seconds: float
    method: str
    address: str = field(repr=False)
    """Path and query of what came in, the whole URL of what went out."""
    request_headers: Mapping[str, str] = field(repr=False)
    request_body: bytes = field(repr=False)
    status: int | None
    """None if nothing came back; then `problem` says why."""
    answer_headers: Mapping[str, str] = field(repr=False)
    answer_body: bytes = field(repr=False)
    problem: str | None = field(repr=False)

    def view(self, secrets: Collection[str] = ()) -> dict[str, Any]:
        """The entry as people and programs may see it, without any of `secrets`."""
        seen = {
            "id": self.id,
            "server": self.server,
            "direction": self.direction,
            "at": from_milliseconds(self.at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "duration_ms": round(self.seconds * 1000, 3),
            "method": self.method,
            "address": mask_text(self.address),
            "request": {"headers": mask_headers(self.request_headers), "body": _text(self.request_body)},
            "status": self.status,
            "answer": {"headers": mask_headers(self.answer_headers), "body": _text(self.answer_body)},
            "problem": self.problem,
        }
        masked: dict[str, Any] = mask_known(seen, secrets)
        return masked


def _text(body: bytes) -> str:
    masked = mask_text(body.decode("utf-8", "replace"))
    return masked.encode("utf-8", "replace").decode()  # half a character that JSON spelled out cannot be sent on


def _cut(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name[:LONGEST_TEXT]: value[:LONGEST_TEXT] for name, value in itertools.islice(headers.items(), MOST_HEADERS)
    }


class Journal:
    """A bounded record of exchanges, shared by the servers of one stack."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._secrets: dict[str, None] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(
        self,
        server: str,
        direction: Direction,
        at: int,
        seconds: float,
        method: str,
        address: str,
        request_headers: Mapping[str, str],
        request_body: bytes,
        status: int | None,
        answer_headers: Mapping[str, str],
        answer_body: bytes,
        problem: str | None = None,
    ) -> None:
        """Keep one exchange; what the values mean is said at `Entry`. They may be longer than what is kept."""
        with self._lock:
            if status is not None and status < 400:
                self._note_secrets(request_headers)
            self._entries.append(
                Entry(
                    next(self._numbers), server, direction, at, seconds, method, address[:LONGEST_TEXT],
                    _cut(request_headers), request_body[:LONGEST_BODY],
                    status, _cut(answer_headers), answer_body[:LONGEST_BODY], problem,
                )
            )  # fmt: skip

    def _note_secrets(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            if is_secret_key(name):
                credential = value.removeprefix("Bearer ").removeprefix("Basic ")
                if len(credential) >= SHORTEST_CREDENTIAL:
                    self._secrets[credential] = None
        while len(self._secrets) > MOST_SECRETS:
            del self._secrets[next(iter(self._secrets))]

    def entries(self, server: str | None = None) -> list[Entry]:
        """The entries of one server or of all, oldest first."""
        with self._lock:
            kept = list(self._entries)
        return [entry for entry in kept if server is None or entry.server == server]

    def views(self, server: str | None = None, newest: int = MOST_ENTRIES) -> list[dict[str, Any]]:
        """The newest entries as people may see them, oldest first."""
        with self._lock:
            secrets = list(self._secrets)
        return [entry.view(secrets) for entry in self.entries(server)[-newest:]]

    def clear(self, server: str) -> None:
        """Forget what concerns one server."""
        with self._lock:
            kept = [entry for entry in self._entries if entry.server != server]
            self._entries.clear()
            self._entries.extend(kept)
