"""The local Zapier's JSON API and its hook addresses."""

from typing import Any

from ..rig.control import read_object
from ..rig.exchange import Answer, ApiError, MalformedBodyError, Request
from ..rig.routes import Routes
from . import errors, payloads
from .problems import Problem
from .runtime import Runtime
from .storage import Workspace

LARGEST_DELIVERY = 10 * 1024 * 1024
"""Bytes of a webhook delivery. (Facts on Zapier 3.4; documented)"""

routes = Routes()


def authenticate(runtime: Runtime, request: Request) -> Workspace:
    """The workspace of the bearer token, or the default one."""
    header = request.headers.get("authorization")
    if header is None:
        return runtime.authenticate(None)
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise ApiError(401, "unauthorized", "Send the workspace's token as Authorization: Bearer <token>.")
    return runtime.authenticate(token.strip())


def read_document(request: Request) -> Any:
    """The body as any JSON value. Raises `ApiError` saying where it is broken."""
    try:
        return request.json()
    except MalformedBodyError as problem:
        raise ApiError(400, "malformed_json", f"The body is not JSON: {problem}.") from None


def _id(request: Request, what: str) -> int:
    text = request.values["id"]
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise errors.not_found(what, text)
    return int(text)


def _paging(request: Request) -> tuple[int | None, int]:
    """`(cursor or None, limit)` of a list. Raises `ApiError` naming both if both are wrong."""
    problems = []
    cursor, limit = request.query.get("cursor"), request.query.get("limit", "100")
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 15):
        problems.append(Problem("cursor", "This must be the next_cursor of the page before."))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= 500):
        problems.append(Problem("limit", "This must be a whole number from 1 to 500."))
    if problems:
        raise errors.invalid("This page cannot be read.", problems)
    return (None if cursor is None else int(cursor)), int(limit)


def _zap(runtime: Runtime, shown: Any) -> dict[str, Any]:
    row = shown.row
    is_hooked = row.state == "on" and row.hook_id is not None and row.subscribe_data is not None
    return payloads.zap_view(shown, runtime.editor.hook_url(row.hook_id) if is_hooked else None)


# Apps and connections


@routes.get("/api/apps")
def list_apps(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """The apps there are, with their triggers, actions and forms."""
    return Answer(200, payloads.page([payloads.app_view(app) for app in runtime.apps.values()]))


@routes.get("/api/connections")
def list_connections(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """The connected accounts, without their secrets."""
    cursor, limit = _paging(request)
    found = runtime.connections.list_all(workspace, cursor or 0, limit + 1)
    shown, more = found[:limit], len(found) > limit
    return Answer(
        200, payloads.page([payloads.connection_view(each) for each in shown], shown[-1].id if more else None)
    )


@routes.post("/api/connections")
def connect(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Connect an account: by its fields, which are tested (201), or by a sign-in in the browser (202)."""
    body = read_object(request, "app", "type", "title", "fields")
    app, type, title = body.get("app"), body.get("type", "custom"), body.get("title")
    fields = body.get("fields", {})
    problems = []
    if not isinstance(app, str):
        problems.append(Problem("app", "Required: the app's key, as a text."))
    if type not in ("custom", "oauth2"):
        problems.append(Problem("type", "This must be custom or oauth2."))
    if title is not None and (not isinstance(title, str) or not title.strip()):
        problems.append(Problem("title", "This must be a text that is not blank."))
    if not isinstance(fields, dict):
        problems.append(Problem("fields", "This must be an object of field keys and values."))
    elif type == "oauth2" and fields:
        problems.append(Problem("fields", "A sign-in takes no fields."))
    if problems:
        raise errors.invalid("The account was not connected.", problems)
    if type == "oauth2":
        return Answer(202, {"authorize_url": runtime.connections.begin_sign_in(workspace, str(app), title)})
    return Answer(201, payloads.connection_view(runtime.connections.connect(workspace, str(app), fields, title)))


# Zaps


@routes.get("/api/zaps")
def list_zaps(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """The Zaps of the workspace by id."""
    cursor, limit = _paging(request)
    found = runtime.editor.list_zaps(workspace, cursor or 0, limit + 1)
    shown, more = found[:limit], len(found) > limit
    return Answer(200, payloads.page([_zap(runtime, each) for each in shown], shown[-1].row.id if more else None))


@routes.post("/api/zaps")
def create_zap(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Keep a new Zap as a draft."""
    return Answer(201, _zap(runtime, runtime.editor.create(workspace, read_document(request))))


@routes.get("/api/zaps/<id>")
def show_zap(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """A Zap."""
    return Answer(200, _zap(runtime, runtime.editor.show(workspace, _id(request, "Zap"))))


@routes.patch("/api/zaps/<id>")
def edit_zap(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Replace title, timezone, trigger or steps in the draft."""
    return Answer(200, _zap(runtime, runtime.editor.edit(workspace, _id(request, "Zap"), read_document(request))))


@routes.delete("/api/zaps/<id>")
def delete_zap(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Turn a Zap off and forget it with its runs."""
    id = _id(request, "Zap")
    runtime.editor.delete(workspace, id)
    return Answer(200, {"deleted": id})


@routes.post("/api/zaps/<id>/test-trigger")
def test_trigger(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Up to three records, newest first; the newest is selected."""
    read_object(request)
    shown = runtime.editor.test_trigger(workspace, _id(request, "Zap"))
    return Answer(200, {"data": shown.test_records, "selected_record": shown.row.selected_record})


@routes.post("/api/zaps/<id>/select-record")
def select_record(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Continue with the selected record."""
    record_id = read_object(request, "record_id").get("record_id")
    if isinstance(record_id, int) and not isinstance(record_id, bool):
        record_id = str(record_id)
    if not isinstance(record_id, str):
        raise errors.invalid("No record was selected.", [Problem("record_id", "Required: the id of a test record.")])
    return Answer(200, _zap(runtime, runtime.editor.select_record(workspace, _id(request, "Zap"), record_id)))


@routes.post("/api/zaps/<id>/steps/<number>/test")
def test_step(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Run an action once, for real, with the selected record."""
    read_object(request)
    text = request.values["number"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    return Answer(200, payloads.step_test_view(runtime.editor.test_step(workspace, _id(request, "Zap"), number)))


@routes.post("/api/zaps/<id>/publish")
def publish_zap(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Make the draft the live version and turn it on."""
    read_object(request)
    return Answer(200, _zap(runtime, runtime.editor.publish(workspace, _id(request, "Zap"))))


@routes.post("/api/zaps/<id>/on")
def turn_on(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Turn a published Zap on again."""
    read_object(request)
    return Answer(200, _zap(runtime, runtime.editor.turn_on(workspace, _id(request, "Zap"))))


@routes.post("/api/zaps/<id>/off")
def turn_off(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Turn a Zap off."""
    read_object(request)
    return Answer(200, _zap(runtime, runtime.editor.turn_off(workspace, _id(request, "Zap"))))


@routes.post("/api/zaps/<id>/poll")
def poll_zap(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Poll out of turn; says how many records were new."""
    read_object(request)
    return Answer(200, {"new_records": runtime.editor.poll(workspace, _id(request, "Zap"))})


# Runs


@routes.get("/api/zaps/<id>/runs")
def list_runs(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """The runs of a Zap, newest first."""
    id = _id(request, "Zap")
    runtime.editor.show(workspace, id)
    return _runs_page(runtime, workspace, request, id)


@routes.get("/api/runs")
def list_all_runs(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """The runs of all Zaps, newest first."""
    return _runs_page(runtime, workspace, request, None)


def _runs_page(runtime: Runtime, workspace: Workspace, request: Request, zap_id: int | None) -> Answer:
    cursor, limit = _paging(request)
    found = runtime.runner.list_runs(workspace, zap_id, cursor, limit + 1)
    shown, more = found[:limit], len(found) > limit
    return Answer(200, payloads.page([payloads.run_view(run) for run in shown], shown[-1].number if more else None))


@routes.get("/api/runs/<id>")
def show_run(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """A run with every step's data in and out."""
    return Answer(200, payloads.run_view(*runtime.runner.show(workspace, request.values["id"])))


@routes.post("/api/runs/<id>/replay")
def replay_run(runtime: Runtime, workspace: Workspace, request: Request) -> Answer:
    """Do the failed step of a run and those after it again."""
    read_object(request)
    run = runtime.runner.replay(workspace, request.values["id"])
    return Answer(202, payloads.run_view(*runtime.runner.show(workspace, run.id)))


# Hook addresses


@routes.post("/hooks/standard/<hook_id>", public=True)
def receive(runtime: Runtime, _: None, request: Request) -> Answer:
    """Accept a delivery at once; what follows is a job. (Facts on Zapier 3.2; documented, the body observed)"""
    if len(request.body) > LARGEST_DELIVERY:
        raise ApiError(413, "too_large", "A delivery has at most 10 MB.")
    try:
        body = request.form() if request.media_type == "application/x-www-form-urlencoded" else request.json()
    except MalformedBodyError as problem:
        raise ApiError(400, "malformed_json", f"The delivery is not JSON: {problem}.") from None
    delivery = request.headers.get("x-zaprig-delivery")
    is_new = runtime.intake.receive(request.values["hook_id"], body, delivery)
    return Answer(200, {"status": "success", "note": None if is_new else "This very delivery was accepted before."})
