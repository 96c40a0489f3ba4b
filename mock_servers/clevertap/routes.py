"""CleverTap's HTTP API, one operation a route. Described in `openapi.yaml`."""

import dataclasses
import functools
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from ..rig.exchange import Answer, MalformedBodyError, Request
from ..rig.guard import host_name
from ..rig.routes import Routes
from . import errors, exports, payloads, regions
from .accounts import Account
from .emulator import CleverTap

routes = Routes()

DOCUMENT = Path(__file__).with_name("openapi.yaml")


def authenticate(clevertap: CleverTap, request: Request) -> Account:
    """Whose account is asked? Both headers are needed on every call, and the account must live in the region addressed.

    Source: developer.clevertap.com/docs/authentication, 2025-12-14; documented.
    """
    place = regions.find(host_name(request.host), request.path)
    account = clevertap.authenticate(
        request.headers.get("x-clevertap-account-id", ""),
        request.headers.get("x-clevertap-passcode", ""),
        place.region,
    )
    if not place.is_real_path:
        raise errors.no_such_path(request.path)
    return account


@routes.post("/1/upload", "/<region>/1/upload")
def upload(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Take profiles and events. Source: developer.clevertap.com/docs/upload-events-api, 2026-06-30; documented."""
    outcomes = clevertap.upload(account, _read_records(request), dry_run=_asks_for_dry_run(request))
    return Answer(200, payloads.upload_answer(outcomes))


def _asks_for_dry_run(request: Request) -> bool:
    """Does the address say `dryRun=1` anywhere? Nothing is stored for somebody who said so, even if they also said
    `dryRun=0`. Source of the parameter: tradeo/clevertap-ruby; observed. Said twice: assumed.
    """
    return ("dryRun", "1") in [*request.query.items(), *parse_qsl(request.query_string)]


def _read_records(request: Request) -> list[object]:
    """The list `d` of the body, whatever content type was sent. Assumed: only the text for bad JSON was observed."""
    try:
        body = request.json()
    except MalformedBodyError:
        raise errors.malformed_request() from None
    uploaded = body.get("d") if isinstance(body, dict) else None
    if not isinstance(uploaded, list):
        raise errors.malformed_request()
    return uploaded


@routes.get("/1/profile.json", "/<region>/1/profile.json")
def read_profile(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """One profile by its e-mail, identity or object id.

    Source: developer.clevertap.com/docs/get-user-profiles-api, 2026-07-03; documented.
    """
    found = clevertap.find_profile(
        account,
        object_id=request.query.get("objectId", ""),
        identity=request.query.get("identity", ""),
        email=request.query.get("email", ""),
    )
    return Answer(200, payloads.profile_answer(found))


@routes.post("/1/events.json", "/<region>/1/events.json")
def query_events(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Events by their name and days: a query gives a cursor, a cursor a page.

    Source: developer.clevertap.com/docs/get-events-api; documented. Pages by POST: one client asks so; observed.
    """
    if "cursor" in request.query:
        return _events_page(clevertap, account, request)
    return _cursor_for(request)


@routes.get("/1/events.json", "/<region>/1/events.json")
def read_events(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """A page of events; with `query` in place of `cursor` what `query_events` does for the same JSON in a body.

    Source: as `query_events`. A query in the address: the npm package `clevertap` asks so; observed.
    """
    if "cursor" in request.query:
        return _events_page(clevertap, account, request)
    if "query" not in request.query:
        raise errors.unreadable_query("One of query and cursor is mandatory")
    return _cursor_for(dataclasses.replace(request, body=request.query["query"].encode("utf-8", "replace")))


def _cursor_for(request: Request) -> Answer:
    """The cursor for the query in the body."""
    try:
        query = exports.read_query(request.json(), request.query.get("batch_size"))
    except MalformedBodyError:
        raise errors.malformed_request() from None
    except exports.UnreadableQueryError as problem:
        raise errors.unreadable_query(str(problem)) from None
    return Answer(200, payloads.cursor_answer(query))


def _events_page(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    try:
        query = exports.read_cursor(request.query.get("cursor", ""))
    except exports.UnreadableQueryError as problem:
        raise errors.unreadable_query(str(problem)) from None
    return Answer(200, payloads.events_page(*clevertap.export_events(account, query)))


@routes.get("/openapi.json", public=True)
def read_document(_: CleverTap, __: None, request: Request) -> Answer:
    """The description of this API. Ours, not the vendor's."""
    return Answer(200, _document())


@functools.cache
def _document() -> bytes:
    import yaml

    document: Any = yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)
    return msgspec.json.encode(document)
