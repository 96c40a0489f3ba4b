"""All routes of the API: users, webhooks and tokens here, the records in `routes_v1` and `routes_v2`.

Described in `openapi.yaml`.
"""

import functools
from pathlib import Path
from typing import Any

import msgspec

from ..rig.exchange import Answer, MalformedBodyError, Request
from ..rig.routes import Routes
from . import routes_v1, routes_v2
from .bodies import credentials, json_or_form, record_id
from .companies import Caller
from .emulator import Pipedrive
from .errors import answers
from .payloads_v1 import one_v1
from .payloads_v1_accounts import USER_SETTINGS, own_user_v1, user_v1, webhook_v1
from .routes_v1 import both

routes = Routes()

DOCUMENT = Path(__file__).with_name("openapi.yaml")


def authenticate(pipedrive: Pipedrive, request: Request) -> Caller:
    """Who is calling. Raises `ApiError` 401, also for paths that do not exist (facts/pipedrive.md 1.5, observed)."""
    return pipedrive.authenticate(credentials(request))


@routes.get(*both("/users/me"))
@answers("v1")
def get_own_user(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """The caller, with the company."""
    return Answer(200, one_v1(own_user_v1(caller, pipedrive.now())))


@routes.get(*both("/users"))
@answers("v1")
def list_users(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """All users, without paging."""
    return Answer(200, one_v1([user_v1(user, caller, pipedrive.now()) for user in pipedrive.list_users(caller)]))


@routes.get(*both("/users/<id>"))
@answers("v1")
def get_user(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One user."""
    user = pipedrive.get_user(caller, record_id(request, "user"))
    return Answer(200, one_v1(user_v1(user, caller, pipedrive.now())))


@routes.get(*both("/userSettings"))
@answers("v1")
def get_user_settings(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """The caller's settings; some clients test their credentials with it."""
    return Answer(200, one_v1(dict(USER_SETTINGS)))


@routes.get(*both("/webhooks"))
@answers("webhooks")
def list_webhooks(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """All webhooks; none is `[]`, for a widely used client loops over it (facts/pipedrive.md 2.1, assumed)."""
    subscriptions = pipedrive.subscriptions
    views = [
        webhook_v1(each, caller.company.id, subscriptions.address_of(each)) for each in subscriptions.visible_to(caller)
    ]
    return Answer(200, {"status": "ok", "success": True, "data": views})


@routes.post(*both("/webhooks"))
@answers("webhooks")
def create_webhook(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Subscribe."""
    added = pipedrive.subscriptions.add(caller, json_or_form(request))
    view = webhook_v1(added, caller.company.id, pipedrive.subscriptions.address_of(added))
    return Answer(201, {"status": "ok", "success": True, "data": view})


@routes.delete(*both("/webhooks/<id>"))
@answers("webhooks")
def delete_webhook(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Unsubscribe."""
    pipedrive.subscriptions.remove(caller, record_id(request, "webhook"))
    return Answer(200, {"status": "ok", "success": True})


@routes.post("/oauth/token", public=True)
def give_tokens(pipedrive: Pipedrive, caller: None, request: Request) -> Answer:
    """A code or a refresh token for an access token."""
    try:
        form = request.form()
    except MalformedBodyError:
        form = {}
    authorization = request.headers.get("authorization", "")
    return Answer(200, pipedrive.sign_in.give_tokens(request.media_type, authorization, form))


@routes.get("/openapi.json", public=True)
def read_document(_: Pipedrive, __: None, request: Request) -> Answer:
    """The description of this API. Ours, not the vendor's."""
    return Answer(200, _document())


@functools.cache
def _document() -> bytes:
    import yaml

    document: Any = yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)
    return msgspec.json.encode(document)


routes.rows += [*routes_v1.routes.rows, *routes_v2.routes.rows]
