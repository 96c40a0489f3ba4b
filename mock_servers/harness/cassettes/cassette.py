"""Record what a service answers, and replay it without the service.

    with open_cassette("new_profile.yaml", session, record_mode="once", secrets=[passcode]):
        action.perform(session, bundle)

The files are vcrpy's: `vcr.use_cassette` reads ours, and we read its. But nothing is patched: an adapter in the session
records and replays, from any number of threads, and while it replays nothing gets past it. Secrets never reach the
file (`scrubbing`); the running test sees the true answers.

Errors, for the person who reads the test's output. None is a `requests.RequestException`, so that no connector takes
one for a network that is down:

    CassetteError
    ├── UnreadableCassetteError     no such file, or a damaged one: mend it, or record again
    ├── NotRecordedError            no answer left for this request: look at what differs
    └── LeakedSecretError           a known secret would have been written; nothing was
"""

import copy
import difflib
import io
import threading
from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from . import files
from .files import UnreadableFileError
from .scrubbing import HTTP_LIBRARY_HEADERS, TRANSPORT_HEADERS, Scrubber

RecordMode = Literal["none", "once"]
"""vcrpy's: `none` only replays; `once` records if there is no file yet, and replays if there is."""

MATCH_ON = ("method", "scheme", "host", "port", "path", "query", "body")
"""vcrpy's matchers that decide whether a request is the recorded one. Headers have no say."""

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class CassetteError(Exception):
    """Whatever this module raises; also that vcrpy is not installed."""


class UnreadableCassetteError(CassetteError):
    """There is no such cassette, or it cannot be read."""


class LeakedSecretError(CassetteError):
    """A known secret would have been written into the cassette."""


class NotRecordedError(CassetteError):
    """The cassette has no answer, or none left, for this request.

    `differing` names the parts in which the nearest interaction differs (`method`, `query`, `body`, ...). It is empty
    where nothing is like the request, and where all that matches was played already.
    """

    def __init__(self, message: str, differing: Sequence[str] = ()):
        super().__init__(message)
        self.differing = tuple(differing)


@contextmanager
def open_cassette(
    path: str | Path, session: requests.Session, *, record_mode: RecordMode = "none", secrets: Collection[str] = ()
) -> "Iterator[Cassette]":
    """Record or replay all that goes through `session` inside the block.

    A recording is written when the block ends; not if it ends with an error, as half a recording would pass for a
    whole one, and not if nothing was asked. `secrets` are values that must not be in the file, such as the passcode;
    give them when replaying too, so that requests compare. Raises `CassetteError`.
    """
    cassette = Cassette(Path(path), record_mode=record_mode, secrets=secrets)
    outside = dict(session.adapters)
    for prefix, adapter in outside.items():
        session.mount(prefix, CassetteAdapter(adapter if cassette.is_recording else None, cassette))
    try:
        yield cassette
    finally:
        for prefix, adapter in outside.items():
            session.mount(prefix, adapter)
    if cassette.is_recording:
        cassette.save()


class CassetteAdapter(HTTPAdapter):
    """Records what `inner` answers; without an inner adapter it replays, and nothing goes out."""

    def __init__(self, inner: BaseAdapter | None, cassette: "Cassette"):
        super().__init__()
        self.inner = inner
        self._cassette = cassette

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The true answer, noted; or the recorded one. Raises `CassetteError`, and what `inner` raises."""
        asked = self._cassette.read_request(request)
        if self.inner is None:
            return self.build_response(request, _to_raw(self._cassette.play(asked)))
        response = self.inner.send(request, *args, **kwargs)
        self._cassette.add(asked, response)
        return response

    def close(self) -> None:
        """Close the adapter inside too."""
        if self.inner is not None:
            self.inner.close()
        super().close()


class Cassette:
    """The interactions of one file. Any number of threads may add and play; no lock is held while a call is made."""

    def __init__(self, path: Path, *, record_mode: RecordMode = "none", secrets: Collection[str] = ()):
        if record_mode not in ("none", "once"):
            message = f"record_mode is 'none' or 'once', not {record_mode!r}."
            raise ValueError(message)
        self.path = path
        self.is_recording = record_mode == "once" and not path.exists()
        self._scrubber = Scrubber(secrets)
        self._lock = threading.Lock()
        self._vcr = _import_vcr()
        matchers = [getattr(self._vcr.matchers, name) for name in MATCH_ON]
        self._store = self._vcr.cassette.Cassette(path=str(path), match_on=matchers)
        self._positions: dict[tuple[object, ...], deque[int]] = defaultdict(deque)
        if not self.is_recording:
            self._load()

    def __len__(self) -> int:
        """How many interactions there are."""
        return len(self._store)

    def read_request(self, request: requests.PreparedRequest) -> Any:
        """The request as it is written down and compared: vcrpy's `Request`, scrubbed. Raises `CassetteError`."""
        body = request.body
        if not isinstance(body, bytes | str | None):
            message = f"{request.method} {request.url}: a body that is sent piece by piece cannot be recorded."
            raise CassetteError(self._scrubber.scrub_text(message))
        sent = {name: [_header_text(value)] for name, value in request.headers.items()}
        return self._vcr.request.Request(
            method=request.method,
            uri=self._scrubber.scrub_url(str(request.url)),
            body=None if body is None else self._scrubber.scrub_body(body.encode() if isinstance(body, str) else body),
            headers=self._scrubber.scrub_headers(sent, without=HTTP_LIBRARY_HEADERS),
        )

    def add(self, asked: Any, response: requests.Response) -> None:
        """Note the answer to what `read_request` gave. Reads the response's body."""
        answered = self._read_response(response)
        with self._lock:
            self._append(asked, answered)

    def play(self, asked: Any) -> Mapping[str, Any]:
        """The recorded answer as vcrpy holds it; each once, in the order of the file. Raises `NotRecordedError`."""
        with self._lock:
            try:
                return self._play_identical(asked) or self._play_equal(asked)
            except self._vcr.errors.UnhandledHTTPRequestError:
                raise self._explain(asked) from None

    def save(self) -> None:
        """Write the file, unless there are no interactions. Raises `CassetteError`, and then has written nothing."""
        with self._lock:
            requests_, responses = list(self._store.requests), copy.deepcopy(self._store.responses)
        if not requests_:
            return
        interactions = {"requests": requests_, "responses": responses}
        text: str = self._vcr.serialize.serialize(interactions, self._vcr.serializers.yamlserializer)
        try:
            written = files.parse_own(text)
        except UnreadableFileError as problem:
            message = f"{self.path} was not written, as it could not be read again: {problem}."
            raise CassetteError(message) from None
        if (place := self._scrubber.find_leak({**written, "the file": text})) is not None:
            message = f"{self.path} was not written: a known secret stands in {place}."
            raise LeakedSecretError(message)
        files.write(self.path, text)

    def _load(self) -> None:
        try:
            interactions = files.read(self.path)
        except FileNotFoundError:
            message = f"There is no cassette {self.path}. Record it with record_mode='once'."
            raise UnreadableCassetteError(message) from None
        except UnreadableFileError as problem:
            message = f"{self.path} cannot be read: {problem}. Mend it, or delete it and record it again."
            raise UnreadableCassetteError(message) from None
        for request, response in interactions:
            self._append(self._vcr.request.Request(**request), response)

    def _append(self, request: Any, response: Mapping[str, Any]) -> None:
        self._positions[_identity(request)].append(len(self._store))
        self._store.append(request, response)

    def _play_identical(self, asked: Any) -> Mapping[str, Any] | None:
        """The answer to the very same request, if there is one left.

        Only for speed: vcrpy tries all matchers on all interactions, 5 seconds for 400 uploads of one kind.
        """
        positions = self._positions.get(_identity(asked), deque())
        while positions:
            position = positions.popleft()
            if not self._store.play_counts[position]:
                self._store.play_counts[position] += 1
                answered: Mapping[str, Any] = self._store.data[position][1]
                return answered
        return None

    def _play_equal(self, asked: Any) -> Mapping[str, Any]:
        """The answer to a request that vcrpy finds equal, such as the same JSON written differently."""
        answered: Mapping[str, Any] = self._store.play_response(asked)
        return answered

    def _read_response(self, response: requests.Response) -> dict[str, Any]:
        headers = getattr(response.raw, "headers", None)
        if not isinstance(headers, urllib3.HTTPHeaderDict):
            headers = urllib3.HTTPHeaderDict(response.headers)
        received = {name: headers.getlist(name) for name in headers}
        code = response.status_code
        return {
            "status": {"code": code, "message": response.reason or _PHRASES.get(code, "")},
            "headers": self._scrubber.scrub_headers(received, without=TRANSPORT_HEADERS),
            "body": {"string": self._scrubber.scrub_body(response.content)},
        }

    def _explain(self, asked: Any) -> NotRecordedError:
        """Which interaction is nearest, and in what does it differ?"""
        headline = f"{self.path} has no answer for {asked.method} {asked.uri}"
        advice = "If the request is right, delete the file and record it again with record_mode='once'."
        similar = self._store.find_requests_with_most_matches(asked)
        if not similar:
            return NotRecordedError(f"{headline}: none of its {len(self)} interactions is like it. {advice}")
        nearest, _, failed = max(similar, key=lambda each: _likeness(each[0].body, asked.body))
        number = 1 + next(n for n, each in enumerate(self._store.requests) if each is nearest)
        if not failed:
            matching = f"all {len(similar)} that match it were" if len(similar) > 1 else f"interaction {number} was"
            return NotRecordedError(f"{headline} left: {matching} played already. {advice}")
        differing = [name for name, _ in failed]
        found = f"The nearest of {len(self)} is interaction {number}, {nearest.method} {nearest.uri}"
        details = "\n".join(_describe_difference(*each) for each in failed)
        message = f"{headline}. {found}; it differs in {', '.join(differing)}.\n{details}\n{advice}"
        return NotRecordedError(message, differing)


def _describe_difference(part: str, difference: str | None) -> str:
    """The difference in one part: vcrpy writes a diff for bodies and `asked != recorded` for all else."""
    lines = (difference or "not equal").splitlines()
    shown = [f"{part} (asked != recorded): {lines[0]}"] if len(lines) == 1 else [f"{part}:", *lines]
    return "\n".join(f"  {line}" for line in shown)


def _identity(request: Any) -> tuple[object, ...]:
    """Requests that are equal in this are equal to every matcher."""
    return request.method, request.uri, request.body, request.headers.get("content-type")


def _likeness(recorded: bytes | None, asked: bytes | None) -> float:
    return difflib.SequenceMatcher(None, recorded or b"", asked or b"", autojunk=False).quick_ratio()


def _to_raw(answered: Mapping[str, Any]) -> urllib3.HTTPResponse:
    headers = urllib3.HTTPHeaderDict()
    for name, values in answered["headers"].items():
        for value in values:
            headers.add(name, value)
    return urllib3.HTTPResponse(
        body=io.BytesIO(answered["body"]["string"]),
        headers=headers,
        status=answered["status"]["code"],
        reason=answered["status"]["message"],
        preload_content=False,
    )


def _header_text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _import_vcr() -> Any:
    try:
        import vcr.cassette
        import vcr.errors
        import vcr.matchers
        import vcr.request
        import vcr.serialize
        import vcr.serializers.yamlserializer
    except ImportError as missing:
        raise CassetteError("Cassettes need vcrpy: pip install 'zaprig[cassettes]'") from missing
    return vcr
