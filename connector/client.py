"""Talking to CleverTap: one call, its status *and its body*.

CleverTap answers HTTP 200 even where every record failed, so the body decides. A batch of which some records were not
processed is a value (`UploadResult`); an error is raised where there is no such answer.

Sources: developer.clevertap.com/docs/upload-user-profiles-api, /upload-events-api, /get-user-profiles-api and
/api-errors, read 2026-11; documented. Recorded traffic of tradeo/clevertap-ruby; observed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from msgspec.structs import replace

from .credentials import DEFAULT_BASE_URL, Credentials
from .credentials import base_url as base_url_of
from .definition import Record
from .errors import (
    AuthenticationError,
    RecordRejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from .json_text import encode, refuse_unsendable

_EXCERPT_LENGTH = 200

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding a body raises: not JSON or not the shape, not UTF-8, nested without end."""

_Answer = TypeVar("_Answer")


class UnprocessedRecord(msgspec.Struct, frozen=True):
    """Why one record was not processed. Source: recorded traffic of tradeo/clevertap-ruby; observed."""

    code: int
    error: str
    record: dict[str, Any] = {}
    """The record as CleverTap gives it back, at times already changed (a phone turned into a number)."""


class UploadResult(msgspec.Struct, frozen=True):
    """What became of the records of one upload. Source: docs/upload-events-api; documented."""

    status: Literal["success", "partial", "fail"]
    processed: int
    unprocessed: tuple[UnprocessedRecord, ...]

    def __post_init__(self) -> None:
        # Without a reason to show, a failure would pass for a success; msgspec turns this into its decoding error.
        if self.status != "success" and not self.unprocessed:
            raise ValueError(f"status is {self.status}, yet no record is listed as unprocessed")

    def raise_for_unprocessed(self) -> None:
        """Raises RecordRejectedError for the first record that was not processed; does nothing if all were."""
        for first in self.unprocessed[:1]:
            raise RecordRejectedError(first.code, first.error, first.record)


class _ProfileAnswer(msgspec.Struct, frozen=True):
    status: Literal["success", "fail"]
    record: dict[str, Any] | None = None


class _Refusal(msgspec.Struct, frozen=True):
    error: str = ""


class CleverTapClient:
    """Sends records to one account, and reads profiles back, over the session it is given.

    `base_url` is a template with `{region}`. Every method raises AuthenticationError, ThrottledError,
    UnexpectedAnswerError or UnreachableError where there is no documented answer, and InputError, before anything is
    sent, for values that JSON cannot carry.
    """

    def __init__(
        self,
        credentials: Credentials,
        session: requests.Session | None = None,
        *,
        base_url: str = DEFAULT_BASE_URL,
        timeout_seconds: float = 30,
    ) -> None:
        self._credentials = credentials
        self._session = session if session is not None else requests.Session()
        self._base_url = base_url_of(credentials.region, base_url)
        self._timeout_seconds = timeout_seconds

    def __repr__(self) -> str:
        return f"CleverTapClient({self._credentials!r}, base_url={self._base_url!r})"

    def upload(self, records: Sequence[Record], *, dry_run: bool = False) -> UploadResult:
        """What becomes of these records (at most 1,000)? A dry run checks them and stores nothing.

        Source: POST /1/upload, body `{"d": [record, ...]}`; documented.
        """
        body = encode({"d": list(records)}, "records")
        query = {"dryRun": "1"} if dry_run else {}
        result = self._ask("POST", "/1/upload", UploadResult, query=query, body=body)
        masked = tuple(replace(each, error=self._without_passcode(each.error)) for each in result.unprocessed)
        return replace(result, unprocessed=masked)

    def profile(
        self, *, identity: str | None = None, email: str | None = None, object_id: str | None = None
    ) -> Record | None:
        """Which profile has this identity, e-mail or object id (give exactly one)? None if there is none.

        An unknown user is answered with HTTP 200 and a record that is null or absent, or with status `fail`.
        Source: GET /1/profile.json; documented, the answer for unknown users observed in three clients.
        """
        keys = {"identity": identity, "email": email, "objectId": object_id}
        query = {key: value for key, value in keys.items() if value is not None}
        if len(query) != 1:
            raise TypeError("profile() takes exactly one of identity, email and object_id")
        refuse_unsendable(query, "profile")
        return self._ask("GET", "/1/profile.json", _ProfileAnswer, query=query).record

    def _ask(
        self, method: str, path: str, shape: type[_Answer], *, query: Mapping[str, str], body: bytes | None = None
    ) -> _Answer:
        address = self._base_url + path
        response = self._send(method, address, query, body)
        self._raise_for_status(response, address)
        try:
            return msgspec.json.decode(response.content, type=shape)
        except _UNREADABLE as error:
            raise self._unexpected(response, address) from error

    def _send(self, method: str, address: str, query: Mapping[str, str], body: bytes | None) -> requests.Response:
        headers = self._credentials.headers()
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            return self._session.request(
                method,
                address,
                params=query,
                data=body,
                headers=headers,
                timeout=self._timeout_seconds,
                allow_redirects=False,  # a redirect would carry the credentials elsewhere
            )
        except requests.Timeout as error:
            raise UnreachableError(address, self._timeout_seconds) from error
        except requests.RequestException as error:
            raise UnreachableError(address) from error

    def _raise_for_status(self, response: requests.Response, address: str) -> None:
        match response.status_code:
            case 401:
                raise self._refused(response, address)
            case 429:
                raise ThrottledError(_retry_after_seconds(response))
            case status if not 200 <= status < 300:
                raise self._unexpected(response, address)

    def _refused(self, response: requests.Response, address: str) -> AuthenticationError:
        """A wrong region looks like a wrong passcode, so the hint names all three.

        Source: api-evangelist/clevertap and other clients; observed.
        """
        hint = f"check Account ID, passcode and region ({self._credentials.region})"
        try:
            said = msgspec.json.decode(response.content, type=_Refusal).error
        except _UNREADABLE:
            said = ""
        said = self._without_passcode(said)[:_EXCERPT_LENGTH]
        return AuthenticationError(urlsplit(address).netloc, f"{hint}; CleverTap says: {said}" if said else hint)

    def _unexpected(self, response: requests.Response, address: str) -> UnexpectedAnswerError:
        body = self._without_passcode(response.content.decode("utf-8", "replace"))
        return UnexpectedAnswerError(response.status_code, body[:_EXCERPT_LENGTH], address)

    def _without_passcode(self, text: str) -> str:
        """A server, or a proxy's error page, may print the request it was sent."""
        return text.replace(self._credentials.passcode, "***")


def _retry_after_seconds(response: requests.Response) -> int | None:
    """CleverTap sends no Retry-After (documented); a proxy may. A date is not read, that would need a clock."""
    value = response.headers.get("Retry-After", "").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
