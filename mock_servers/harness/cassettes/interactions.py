"""Which recorded answer is meant by a request, and if none: which interaction is nearest, and what differs.

It is decided as by vcrpy's matchers: method, scheme, host, port, path, query, body. Headers have no say. JSON and forms
are compared as values. But requests that are equal have a key in common: to try all matchers on all interactions takes
5 s for 400 uploads. Stand-ins for secrets are equal to each other, unless that leaves a choice: then the same secret is
meant.
"""

import difflib
import json
from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from .errors import CassetteError, NotRecordedError
from .scrubbing import without_numbers

MATCH_ON = ("method", "scheme", "host", "port", "path", "query", "body")
"""vcrpy's matchers that decide whether a request is the recorded one."""

_ADDRESS = ("scheme", "host", "port", "path", "query")
_COMPARED = 64 * 1024
"""Bytes of a body that are looked at when the nearest of several is sought."""

Answered = Mapping[str, Any]
"""An answer as vcrpy holds it: `status`, `headers`, `body`."""


class Interactions:
    """Requests (vcrpy's) with their answers, in their order; each answer is played once. Not for several threads."""

    def __init__(self, match_on: Sequence[str] = MATCH_ON):
        vcr = import_vcr()
        self.match_on = tuple(match_on)
        self._request = vcr.request.Request
        self._store = vcr.cassette.Cassette(path="", match_on=[getattr(vcr.matchers, name) for name in match_on])
        self._positions: defaultdict[Any, deque[int]] = defaultdict(deque)
        self._requests: list[Any] = []

    def __len__(self) -> int:
        return len(self._requests)

    @property
    def pairs(self) -> list[tuple[Any, Answered]]:
        """Every request with its answer."""
        return list(zip(self._requests, self._store.responses, strict=True))

    def append(self, request: Any, answered: Answered) -> None:
        """One more at the end."""
        for key in self._keys(request):
            self._positions[key].append(len(self._requests))
        self._requests.append(request)
        self._store.append(self._comparable(request), answered)

    def play(self, asked: Any) -> Answered | None:
        """The first answer to this request that was not played yet, or None."""
        position = self._find(asked)
        if position is None:
            return None
        self._store.play_counts[position] += 1
        answered: Answered = self._store.data[position][1]
        return answered

    def knows(self, asked: Any) -> bool:
        """Was there ever an answer to this request?"""
        return any(key in self._positions for key in self._keys(asked))

    def rewind(self, asked: Any) -> None:
        """Every answer to this request may be played again."""
        meant = set(self._keys(asked))
        for position, request in enumerate(self._requests):
            keys = self._keys(request)
            if not meant.isdisjoint(keys) and self._store.play_counts.pop(position, 0):
                for key in keys:
                    self._positions[key].append(position)

    def _find(self, asked: Any) -> int | None:
        exact, *meant = (self._first_left(key) for key in self._keys(asked))
        if exact is not None:
            return exact
        return min((position for position in meant if position is not None), default=None)

    def _first_left(self, key: Hashable) -> int | None:
        positions = self._positions.get(key)
        while positions:
            if not self._store.play_counts[positions[0]]:
                return positions[0]
            positions.popleft()
        return None

    def _keys(self, request: Any) -> list[Hashable]:
        """Requests that have one of these in common are equal to every matcher: either their bodies say the same, or
        they are the same bytes under whatever content type. The first key tells secrets apart.
        """
        address = tuple(
            str((request.path or "/") if part == "path" else getattr(request, part))
            for part in _ADDRESS
            if part in self.match_on
        )
        method = request.method if "method" in self.match_on else None
        body, kind = (request.body or b"") if "body" in self.match_on else b"", _content_type(request)
        common, masked = (method, *map(without_numbers, address)), _without_numbers(body)
        return [
            ("exact", method, *address, _said_by(body, kind)),
            ("said", *common, _said_by(masked, kind)),
            ("sent", *common, masked),
        ]

    def _comparable(self, request: Any) -> Any:
        """The request as the matchers see it: without the numbers of secrets, and JSON only if they can read it."""
        body = None if request.body is None else without_numbers(request.body.decode("latin-1"))
        return self._request(
            method=request.method,
            uri=without_numbers(request.uri),
            body=None if body is None else body.encode("latin-1"),
            headers={} if _is_too_deep(body or "", _content_type(request)) else dict(request.headers),
        )

    def explain(self, asked: Any, name: str, advice: str) -> NotRecordedError:
        """Which interaction is nearest to a request that has no answer, and in what does it differ?"""
        headline = f"{name} has no answer for {asked.method} {asked.uri}"
        similar = self._store.find_requests_with_most_matches(self._comparable(asked))
        if not similar:
            return NotRecordedError(f"{headline}: none of its {len(self)} interactions is like it. {advice}")
        nearest, _, failed = max(similar, key=lambda each: _likeness(each[0].body, asked.body))
        number = 1 + next(n for n, each in enumerate(self._store.requests) if each is nearest)
        if not failed:
            matching = f"all {len(similar)} that match it were" if len(similar) > 1 else f"interaction {number} was"
            return NotRecordedError(f"{headline} left: {matching} played already. {advice}")
        differing = [part for part, _ in failed]
        found = f"The nearest of {len(self)} is interaction {number}, {nearest.method} {nearest.uri}"
        details = "\n".join(_describe_difference(*each) for each in failed)
        message = f"{headline}. {found}; it differs in {', '.join(differing)}.\n{details}\n{advice}"
        return NotRecordedError(message, differing)


def _content_type(request: Any) -> str:
    return str(request.headers.get("content-type") or "").lower()


def _without_numbers(body: bytes) -> bytes:
    return without_numbers(body.decode("latin-1")).encode("latin-1")


def _said_by(body: bytes, content_type: str) -> Hashable:
    """Equal for bodies that say the same, in whatever order of members or fields. What is not as its header says is
    compared as it is.
    """
    with suppress(ValueError, RecursionError):
        if "application/x-www-form-urlencoded" in content_type:
            return "form", _hashable(parse_qs(body.decode("ascii")))
        if "application/json" in content_type:
            return "json", _hashable(json.loads(body) if body else None)
    return "bytes", content_type, body


def _hashable(value: Any) -> Hashable:
    """Equal where the values are equal; JSON has no tuples and no sets, so nothing else is equal to these."""
    match value:
        case dict():
            return frozenset((name, _hashable(item)) for name, item in value.items())
        case list():
            return tuple(_hashable(item) for item in value)
    return value  # type: ignore[no-any-return]


def _is_too_deep(body: str, content_type: str) -> bool:
    """Would the matchers fail on this JSON?"""
    try:
        if "application/json" in content_type:
            json.loads(body)
    except ValueError:
        return False
    except RecursionError:
        return True
    return False


def _describe_difference(part: str, difference: str | None) -> str:
    """The difference in one part: vcrpy writes a diff for bodies and `asked != recorded` for all else."""
    lines = (difference or "not equal").splitlines()
    shown = [f"{part} (asked != recorded): {lines[0]}"] if len(lines) == 1 else [f"{part}:", *lines]
    return "\n".join(f"  {line}" for line in shown)


def _likeness(recorded: bytes | None, asked: bytes | None) -> float:
    recorded, asked = (recorded or b"")[:_COMPARED], (asked or b"")[:_COMPARED]
    return difflib.SequenceMatcher(None, recorded, asked, autojunk=False).quick_ratio()


def import_vcr() -> Any:
    """vcrpy, whole. Raises `CassetteError` where it is not installed."""
    try:
        import vcr.cassette
        import vcr.matchers
        import vcr.request
    except ImportError as missing:
        raise CassetteError("Cassettes need vcrpy: pip install 'zaprig[cassettes]'") from missing
    return vcr
