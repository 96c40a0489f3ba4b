"""What went in and out: every request with its answer, the newest few thousand, secrets masked.

Entries are kept as they came and masked when they are read. Bodies are cut, so the journal stays small
however long a rig runs.
"""

import itertools
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .clock import from_milliseconds
from .masking import mask_headers, mask_text

MOST_ENTRIES = 2_000
LONGEST_BODY = 16_384
"""Bytes of a body that are kept."""

Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One exchange: a request that `server` answered (`in`), or a call that it made (`out`)."""

    id: int
    server: str
    direction: Direction
    at: int
    """Milliseconds since the epoch."""
    seconds: float
    method: str
    address: str
    """Path and query of what came in, the whole URL of what went out."""
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int | None
    """None if nothing came back; then `problem` says why."""
    answer_headers: Mapping[str, str]
    answer_body: bytes
    problem: str | None = None

    def view(self) -> dict[str, Any]:
        """The entry as people and programs may see it."""
        return {
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


def _text(body: bytes) -> str:
    return mask_text(body.decode("utf-8", "replace"))


class Journal:
    """A bounded record of exchanges, shared by the servers of one stack."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
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
        """Keep one exchange; what the values mean is said at `Entry`. Bodies may be longer than what is kept."""
        kept = (request_body[:LONGEST_BODY], status, answer_headers, answer_body[:LONGEST_BODY], problem)
        with self._lock:
            number = next(self._numbers)
            self._entries.append(Entry(number, server, direction, at, seconds, method, address, request_headers, *kept))

    def entries(self, server: str | None = None) -> list[Entry]:
        """The entries of one server or of all, oldest first."""
        with self._lock:
            kept = list(self._entries)
        return [entry for entry in kept if server is None or entry.server == server]

    def clear(self, server: str) -> None:
        """Forget what concerns one server."""
        with self._lock:
            kept = [entry for entry in self._entries if entry.server != server]
            self._entries.clear()
            self._entries.extend(kept)
