"""Which recorded answer is meant by a request, and if none: which interaction is nearest, and what differs.

vcrpy's matchers decide: method, scheme, host, port, path, query, body. Headers have no say. JSON and forms are compared
as values. Stand-ins for secrets are equal to each other, unless that leaves a choice: then the same secret is meant.
"""

import difflib
import json
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from .errors import CassetteError, NotRecordedError
from .scrubbing import without_numbers

MATCH_ON = ("method", "scheme", "host", "port", "path", "query", "body")
"""vcrpy's matchers that decide whether a request is the recorded one."""

Answered = Mapping[str, Any]
"""An answer as vcrpy holds it: `status`, `headers`, `body`."""


class Interactions:
    """Requests (vcrpy's) with their answers, in their order; each answer is played once. Not for several threads."""

    def __init__(self, match_on: Sequence[str] = MATCH_ON):
        vcr = import_vcr()
        self.match_on = tuple(match_on)
        self._errors = vcr.errors
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
        keys = self._keys(asked)
        return any(key in self._positions for key in keys) or any(self._store._responses(self._comparable(asked)))  # noqa: SLF001

    def rewind(self, asked: Any) -> None:
        """Every answer to this request may be played again."""
        meant = self._keys(asked)[-1]
        for position, request in enumerate(self._requests):
            keys = self._keys(request)
            if keys[-1] == meant and self._store.play_counts.pop(position, 0):
                for key in keys:
                    self._positions[key].append(position)

    def _find(self, asked: Any) -> int | None:
        """By its keys where that is enough, since vcrpy tries all matchers on all interactions: 5 s for 400 uploads."""
        for key in self._keys(asked):
            positions = self._positions.get(key)
            while positions:
                if not self._store.play_counts[position := positions.popleft()]:
                    return position
        comparable = self._comparable(asked)
        matching = (position for position, _ in self._store._responses(comparable))  # noqa: SLF001 - there is no other
        return next((position for position in matching if not self._store.play_counts[position]), None)

    def _keys(self, request: Any) -> list[Any]:
        """Requests that have one of these in common are equal to every matcher; the first one tells secrets apart."""
        kind = _content_type(request)
        address = "|".join(
            str(request.parsed_uri.path or "/" if part == "path" else getattr(request, part))
            for part in ("scheme", "host", "port", "path", "query")
            if part in self.match_on
        )
        body = without_numbers((request.body or b"").decode("latin-1"))
        exact = ("exact", request.method, address, request.body, kind)
        return [exact, ("meant", request.method, without_numbers(address), _canonical(body, kind), kind)]

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


def _canonical(body: str, content_type: str) -> str:
    """Equal for bodies that say the same in another order."""
    try:
        if "application/json" in content_type:
            return json.dumps(json.loads(body), sort_keys=True)
        if "application/x-www-form-urlencoded" in content_type:
            return str(sorted(parse_qsl(body, keep_blank_values=True)))
    except (ValueError, RecursionError):  # not what its header says
        return body
    return body


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
    return difflib.SequenceMatcher(None, recorded or b"", asked or b"", autojunk=False).quick_ratio()


def import_vcr() -> Any:
    """vcrpy, whole. Raises `CassetteError` where it is not installed."""
    try:
        import vcr.cassette
        import vcr.errors
        import vcr.matchers
        import vcr.request
    except ImportError as missing:
        raise CassetteError("Cassettes need vcrpy: pip install 'zaprig[cassettes]'") from missing
    return vcr
