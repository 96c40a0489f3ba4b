"""CleverTap's HTTP API, one operation a route. Described in `openapi.yaml`."""

import dataclasses
import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from ..rig.exchange import Answer, MalformedBodyError, Request
from ..rig.guard import host_name
from ..rig.routes import Routes
from . import errors, exports, payloads, queries, regions
from .accounts import Account
from .emulator import CleverTap
from .exports import Kind
from .queries import Query

T = TypeVar("T")

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


def admit(clevertap: CleverTap, account: Account, request: Request) -> AbstractContextManager[None]:
    """What is held while a call is answered: a place among the calls that the account may make at once.

    Of paths that do not exist there may be any number.
    """
    api = regions.without_region(request.path).rstrip("/")
    return clevertap.concurrency.call(account, _apis()[api]) if api in _apis() else nullcontext()


@functools.cache
def _apis() -> dict[str, str]:
    """The paths that are served; one in the singular counts as the plural."""
    paths = {row.path: row.path for row in routes.rows}
    for kind in ("profiles", "events"):
        plural, singular = _paths_of_count(kind)[0], _paths_of_count(kind)[2]
        paths[singular] = plural
    return paths


@routes.post("/1/upload", "/<region>/1/upload")
def upload(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Take profiles and events. Source: developer.clevertap.com/docs/upload-events-api, 2026-06-30; documented."""
    batch = clevertap.uploads.upload(account, request.body, dry_run=_asks_for_dry_run(request))
    return Answer(200, payloads.upload_answer(batch))


def _asks_for_dry_run(request: Request) -> bool:
    """Does the address say `dryRun=1` anywhere? Nothing is stored for somebody who said so, even if they also said
    `dryRun=0`. Source of the parameter: tradeo/clevertap-ruby; observed. Said twice: assumed.
    """
    return ("dryRun", "1") in [*request.query.items(), *parse_qsl(request.query_string)]


@routes.get("/1/profile.json", "/<region>/1/profile.json")
def read_profile(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """One profile by its e-mail, identity or object id.

    Source: developer.clevertap.com/docs/get-user-profiles-api, 2026-07-03; documented.
    """
    found = clevertap.reader.find_profile(
        account,
        object_id=request.query.get("objectId", ""),
        identity=request.query.get("identity", ""),
        email=request.query.get("email", ""),
    )
    return Answer(200, payloads.profile_answer(found, clevertap.now()))


@routes.post("/1/profiles.json", "/<region>/1/profiles.json")
def query_profiles(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Users by what they did: a query gives a cursor, a cursor a page.

    Source: developer.clevertap.com/docs/get-user-profiles-api, 2026-07-03; documented. Pages by POST: one client asks
    so; observed.
    """
    return _export(clevertap, account, request, "profiles")


@routes.get("/1/profiles.json", "/<region>/1/profiles.json")
def read_profiles(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """A page of users; with `query` in place of `cursor` what `query_profiles` does for the same JSON in a body.

    Source: as `query_profiles`. A query in the address: the npm package `clevertap` asks so; observed.
    """
    return _export(clevertap, account, _with_query_as_body(request), "profiles")


@routes.post("/1/events.json", "/<region>/1/events.json")
def query_events(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Events by their name and days: a query gives a cursor, a cursor a page.

    Source: developer.clevertap.com/docs/get-events-api; documented. Pages by POST: one client asks so; observed.
    """
    return _export(clevertap, account, request, "events")


@routes.get("/1/events.json", "/<region>/1/events.json")
def read_events(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """A page of events; with `query` in place of `cursor` what `query_events` does for the same JSON in a body.

    Source: as `query_events`. A query in the address: the npm package `clevertap` asks so; observed.
    """
    return _export(clevertap, account, _with_query_as_body(request), "events")


def _export(clevertap: CleverTap, account: Account, request: Request, kind: Kind) -> Answer:
    if "cursor" not in request.query:
        return Answer(
            200, payloads.cursor_answer(_read(exports.read_export, kind, _query(account, request), request.query))
        )
    export = _read(exports.read_cursor, request.query["cursor"], kind)
    if kind == "profiles":
        profiles, rest = clevertap.exporting.profiles(account, export)
        return Answer(200, payloads.profiles_page(profiles, export, rest, clevertap.now()))
    events, rest = clevertap.exporting.events(account, export)
    return Answer(200, payloads.events_page(events, export, rest, account.settings.zone))


def _with_query_as_body(request: Request) -> Request:
    """A GET that gives its query in the address as the POST that it stands for."""
    if "cursor" in request.query:
        return request
    if "query" not in request.query:
        raise errors.unreadable_query("One of query and cursor is mandatory")
    return dataclasses.replace(request, body=request.query["query"].encode("utf-8", "replace"))


def _query(account: Account, request: Request) -> Query:
    """The query in the body."""
    return _read(queries.read_query, _json(request), account.settings.zone)


def _read(reader: Callable[..., T], *values: Any) -> T:
    """What a rule reads from the request, its complaints as the 400 that they are."""
    try:
        return reader(*values)
    except queries.UnreadableQueryError as problem:
        raise errors.unreadable_query(str(problem)) from None


def _json(request: Request) -> Any:
    try:
        return request.json()
    except MalformedBodyError:
        raise errors.malformed_request() from None


def _object(request: Request) -> dict[str, Any]:
    body = _json(request)
    if not isinstance(body, dict):
        raise errors.malformed_request()
    return body


def _paths_of_count(kind: Kind) -> tuple[str, ...]:
    """Clients use the plural, a generated description of the API the singular, so both are served. Observed."""
    names = (kind, kind.removesuffix("s"))
    return tuple(f"{region}/1/counts/{name}.json" for name in names for region in ("", "/<region>"))


@routes.post(*_paths_of_count("profiles"))
def count_profiles(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """How many users did something. Source: developer.clevertap.com/docs/get-profile-count-api; documented."""
    return Answer(200, payloads.count_answer(clevertap.counting.ask(account, "profiles", _query(account, request))))


@routes.get(*_paths_of_count("profiles"))
def collect_profile_count(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """The count that was asked for before, by its `req_id`. Source: as `count_profiles`; documented."""
    return _collect(clevertap, account, request, "profiles")


@routes.post(*_paths_of_count("events"))
def count_events(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """How often something was done. Source: developer.clevertap.com/docs/get-event-count-api; documented."""
    return Answer(200, payloads.count_answer(clevertap.counting.ask(account, "events", _query(account, request))))


@routes.get(*_paths_of_count("events"))
def collect_event_count(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """The count that was asked for before, by its `req_id`. Source: as `count_events`; documented."""
    return _collect(clevertap, account, request, "events")


def _collect(clevertap: CleverTap, account: Account, request: Request, kind: Kind) -> Answer:
    if "req_id" not in request.query:
        raise errors.unreadable_query("req_id is mandatory")
    return Answer(200, payloads.count_answer(clevertap.counting.collect(account, kind, request.query["req_id"])))


@routes.post("/1/delete/profiles.json", "/<region>/1/delete/profiles.json")
def delete_profiles(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Forget users. Source: developer.clevertap.com/docs/delete-user-profile-api, 2026-07-03; documented."""
    clevertap.people.delete(account, _object(request))
    return Answer(200, payloads.success())


@routes.post("/1/demerge/profiles.json", "/<region>/1/demerge/profiles.json")
def demerge_profiles(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Part users into their devices. Source: developer.clevertap.com/docs/demerge-user-profile-api; documented."""
    clevertap.people.demerge(account, _object(request))
    return Answer(200, payloads.success())


@routes.post("/1/disassociate", "/<region>/1/disassociate")
def disassociate(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Take phones away from users. Source: developer.clevertap.com/docs/disassociate-api; documented."""
    return Answer(200, payloads.upload_answer(clevertap.people.disassociate(account, request.body)))


@routes.post("/1/subscribe", "/<region>/1/subscribe")
def subscribe(clevertap: CleverTap, account: Account, request: Request) -> Answer:
    """Unsubscribe addresses, or the reverse. Source: developer.clevertap.com/docs/subscribe-api; documented."""
    return Answer(200, payloads.upload_answer(clevertap.people.subscribe(account, request.body)))


@routes.get("/v1/connect", "/<region>/v1/connect")
def connect(_: CleverTap, __: Account, request: Request) -> Answer:
    """Are these credentials right? Source: developer.clevertap.com/docs/authentication, 2025-12-14; documented.

    The body of the answer is not published: assumed.
    """
    if not request.query.get("partner", "").strip():
        raise errors.partner_missing()
    return Answer(200, payloads.success())


@routes.get("/openapi.json", public=True)
def read_document(_: CleverTap, __: None, request: Request) -> Answer:
    """The description of this API. Ours, not the vendor's."""
    return Answer(200, _document())


@functools.cache
def _document() -> bytes:
    import yaml

    document: Any = yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)
    return msgspec.json.encode(document)
