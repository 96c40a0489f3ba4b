"""One cassette while it is recorded and replayed, and the adapter that puts it into a session."""

import copy
import io
import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, get_args

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from . import files
from .ages import Origin, who_answers
from .errors import CassetteError, LeakedSecretError, OldCassetteError, UnreadableCassetteError
from .files import UnreadableFileError
from .interactions import MATCH_ON, Answered, Interactions, import_vcr
from .scrubbing import HTTP_LIBRARY_HEADERS, TRANSPORT_HEADERS, Scrubber

RecordMode = Literal["none", "once", "new_episodes", "all"]
"""vcrpy's: `none` only replays; `once` records if there is no file yet, and replays if there is; `new_episodes` replays
what is there and records what is not; `all` records everything, in place of what it matches."""

RECORD_MODES = get_args(RecordMode)

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_UNPACKED_AT_MOST = 64 * 2**20
_PACKINGS = ("gzip", "deflate")
_PACKED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class Cassette:
    """The interactions of one file. Any number of threads may add and play; no lock is held while a call is made.

    `now` tells when something is recorded. A cassette that is older than `oldest` raises `OldCassetteError`, instead of
    being recorded again in silence. `secrets` must not stand in the file. Raises `CassetteError`.
    """

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], datetime],
        record_mode: RecordMode = "none",
        secrets: Collection[str] = (),
        oldest: timedelta | None = None,
        match_on: Sequence[str] = MATCH_ON,
    ):
        if record_mode not in RECORD_MODES:
            message = f"record_mode is one of {', '.join(RECORD_MODES)}, not {record_mode!r}."
            raise ValueError(message)
        self.path = path
        self._now = now
        self._scrubber = Scrubber(secrets)
        self._lock = threading.Lock()
        self._request = import_vcr().request.Request
        self._recorded: list[tuple[Any, Answered]] = []
        self._loaded = Interactions(match_on)
        self._file_lock = threading.Lock()
        self._written = 0
        self._known_when_written = 0
        self.origin = Origin()
        has_file = self._load(must_exist=record_mode == "none")
        if has_file:
            self._check_age(oldest)
        self.plays = has_file and record_mode != "all"
        self.records = record_mode in ("new_episodes", "all") or not has_file
        self._replaces = record_mode == "all"

    def __len__(self) -> int:
        """How many interactions there are."""
        return len(self._loaded) + len(self._recorded)

    def read_request(self, request: requests.PreparedRequest) -> Any:
        """The request as it is written down and compared: vcrpy's `Request`, scrubbed. Raises `CassetteError`."""
        body = request.body
        if not isinstance(body, bytes | str | None):
            message = f"{request.method} {request.url}: a body that is sent piece by piece cannot be recorded."
            raise CassetteError(self._scrubber.scrub_text(message))
        sent = {name: [_header_text(value)] for name, value in request.headers.items()}
        try:
            content, headers = _unpacked(body.encode() if isinstance(body, str) else body, sent)
        except ValueError as problem:
            message = f"{request.method} {request.url}: {problem}, and who knows what is in it."
            raise CassetteError(self._scrubber.scrub_text(message)) from None
        true = self._request(method=request.method, uri=str(request.url), body=content, headers=headers)
        return self._scrub_request(true)

    def play(self, asked: Any) -> Answered | None:
        """The recorded answer as vcrpy holds it; each once, in the order of the file. None where one is to be recorded
        instead. Raises `NotRecordedError`.
        """
        if not self.plays:
            return None
        with self._lock:
            answered = self._loaded.play(asked)
            if answered is None and not self.records:
                advice = "If the request is right, record it with record_mode='new_episodes', or delete the file and"
                raise self._loaded.explain(asked, str(self.path), f"{advice} record it again with 'once'.")
        return answered

    def play_again(self, asked: Any) -> Answered:
        """As `play`; when all answers to this request were played, it begins with the first one again."""
        with self._lock:
            if (answered := self._loaded.play(asked)) is None:
                self._loaded.rewind(asked)
                answered = self._loaded.play(asked)
            if answered is None:
                raise self._loaded.explain(asked, str(self.path), "Record it, or ask what was recorded.")
        return answered

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that were asked when the file was recorded."""
        return frozenset(request.host for request, _ in self._loaded.pairs if request.host)

    def add(self, asked: Any, response: requests.Response, *, adapter: object = None) -> None:
        """Note the answer to what `read_request` gave, and who gave it. Reads the response's body."""
        answered = self._read_response(response)
        origin = Origin(self._now(), frozenset({who_answers(str(response.url), adapter)}))
        with self._lock:
            self._recorded.append((asked, answered))
            self.origin = self.origin.joined_by(origin)

    def forget(self) -> None:
        """Nothing that was recorded until now will be written."""
        with self._lock:
            self._recorded.clear()

    def save(self) -> None:
        """Write the file, if there is anything new. Raises `CassetteError`, and then has written nothing."""
        with self._lock:
            recorded, origin = list(self._recorded), self.origin
        if not recorded:
            return
        pairs = [*(self._kept(recorded) if self._replaces else self._loaded.pairs), *recorded]
        known = -1
        while known != self._scrubber.known:  # what was met late may stand in what came before
            known = self._scrubber.known
            pairs = [(self._scrub_request(request), self._scrub_answer(answered)) for request, answered in pairs]
        text = files.head(origin.written()) + "".join(files.item(*pair) for pair in pairs)
        self._check_text(text)
        with self._writing():
            files.write(self.path, text)
        self._written, self._known_when_written = len(recorded), known

    def keep(self) -> None:
        """Put what was recorded since the last time into the file now: what `save` does, at the cost of what is new.

        Raises `CassetteError`; then what is new is not in the file.
        """
        with self._file_lock:
            with self._lock:
                new = self._recorded[self._written :]
            if self._replaces or not self._written or self._scrubber.known != self._known_when_written:
                self.save()  # what is in the file already changes too
            elif new:
                text = "".join(files.item(*pair) for pair in new)
                self._check_text(files.head({}) + text)
                with self._writing():
                    files.append(self.path, text)
                self._written += len(new)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            raise CassetteError(f"{self.path} cannot be written: {problem.strerror}.") from None

    def _kept(self, recorded: list[tuple[Any, Answered]]) -> list[tuple[Any, Answered]]:
        """What was loaded and is not recorded anew, as in vcrpy."""
        anew = Interactions()
        for pair in recorded:
            anew.append(*pair)
        return [pair for pair in self._loaded.pairs if not anew.knows(pair[0])]

    def _check_text(self, text: str) -> None:
        try:
            written = files.parse_own(text)
        except UnreadableFileError as problem:
            message = f"{self.path} was not written, as it could not be read again: {problem}."
            raise CassetteError(message) from None
        if (place := self._scrubber.find_leak({**written, "the file": text})) is not None:
            message = f"{self.path} was not written: a known secret stands in {place}."
            raise LeakedSecretError(message)

    def _load(self, *, must_exist: bool) -> bool:
        """Is there a file? The requests in it are scrubbed, as others write theirs with all secrets."""
        try:
            content = files.read(self.path)
            self.origin = Origin.read(content.metadata)
            interactions = [(request, _unpacked_answer(answered)) for request, answered in content.interactions]
        except FileNotFoundError:
            if not must_exist:
                return False
            message = f"There is no cassette {self.path}. Record it with record_mode='once'."
            raise UnreadableCassetteError(message) from None
        except (UnreadableFileError, ValueError) as problem:
            message = f"{self.path} cannot be read: {problem}. Mend it, or delete it and record it again."
            raise UnreadableCassetteError(message) from None
        for request, answered in interactions:
            self._loaded.append(self._scrub_request(self._request(**request)), answered)
        return True

    def _check_age(self, oldest: timedelta | None) -> None:
        if oldest is not None and (problem := self.origin.find_problem(self._now(), oldest)) is not None:
            message = f"{self.path} {problem}. Record it again with record_mode='all'."
            raise OldCassetteError(message)

    def _read_response(self, response: requests.Response) -> dict[str, Any]:
        headers = getattr(response.raw, "headers", None)
        if not isinstance(headers, urllib3.HTTPHeaderDict):
            headers = urllib3.HTTPHeaderDict(response.headers)
        received = {name: headers.getlist(name) for name in headers}
        code = response.status_code
        return self._scrub_answer(
            {
                "status": {"code": code, "message": response.reason or _PHRASES.get(code, "")},
                "headers": received,
                "body": {"string": response.content},
            }
        )

    def _scrub_request(self, request: Any) -> Any:
        return self._request(
            method=request.method,
            # In this order, so that what is a secret by the name of its header is one in the address too.
            headers=self._scrubber.scrub_headers(
                {name: [value] for name, value in request.headers.items()}, without=HTTP_LIBRARY_HEADERS
            ),
            body=None if request.body is None else self._scrubber.scrub_body(request.body, _kind(request)),
            uri=self._scrubber.scrub_url(request.uri),
        )

    def _scrub_answer(self, answered: Answered) -> dict[str, Any]:
        return {
            "status": copy.copy(answered["status"]),
            "headers": self._scrubber.scrub_headers(answered["headers"], without=TRANSPORT_HEADERS),
            "body": {"string": self._scrubber.scrub_body(answered["body"]["string"])},
        }


class CassetteAdapter(HTTPAdapter):
    """Plays what is recorded, and records what `inner` answers; nothing goes out that the record mode does not let."""

    def __init__(self, inner: BaseAdapter, cassette: Cassette):
        super().__init__()
        self._inner = inner
        self._cassette = cassette

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The recorded answer, or the true one, noted. Raises `CassetteError`, and what `inner` raises."""
        asked = self._cassette.read_request(request)
        if (answered := self._cassette.play(asked)) is not None:
            return self.build_response(request, _to_raw(answered))
        response = self._inner.send(request, *args, **kwargs)
        self._cassette.add(asked, response, adapter=self._inner)
        return response

    def close(self) -> None:
        """Close the adapter inside too."""
        self._inner.close()
        super().close()


def _kind(request: Any) -> str:
    return str(request.headers.get("content-type") or "")


def _unpacked(body: bytes | None, headers: dict[str, list[str]]) -> tuple[bytes | None, dict[str, list[str]]]:
    """A packed body would hide what is in it from the scrubbing, and from people. Raises `ValueError`."""
    packing = next((values[0] for name, values in headers.items() if _says_packed(name, values)), None)
    if not body or packing is None:
        return body, headers
    for beginning in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # as gzip or zlib begin, or as some do it: with nothing
        unpacking = zlib.decompressobj(beginning)
        with suppress(zlib.error):
            content = unpacking.decompress(body, _UNPACKED_AT_MOST)
            if unpacking.eof:
                return content, {name: values for name, values in headers.items() if not _says_packed(name, values)}
    if body.startswith(_PACKED):
        raise ValueError(f"a body that is packed with {packing} cannot be unpacked")
    return body, headers  # it only says that it is packed


def _unpacked_answer(answered: Answered) -> Answered:
    """Some bodies vcrpy writes down unpacked, and still says that they are packed. Raises `ValueError`."""
    content, headers = _unpacked(answered["body"]["string"], answered["headers"])
    left = {name: values for name, values in headers.items() if not _says_packed(name, values)}
    return {**answered, "headers": left, "body": {"string": content}}


def _says_packed(name: str, values: Sequence[str]) -> bool:
    return name.lower() == "content-encoding" and values[0].lower() in _PACKINGS


class _Original:
    """Where requests looks for cookies: the answer as the standard library holds it."""

    def __init__(self, headers: urllib3.HTTPHeaderDict):
        self.msg = headers

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """There is no connection."""


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
        original_response=_Original(headers),  # type: ignore[arg-type]
        enforce_content_length=False,  # vcrpy tells the length of the packed body
    )


def _header_text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
