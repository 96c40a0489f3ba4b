"""The rig's own controls under `/_rig/`: one table that every server has, apart from what the vendor serves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from .clock import Clock
from .dispatch import AdvanceError, Dispatcher, NeverSettlesError, StoppingError
from .exchange import Answer, ApiError, MalformedBodyError, Request
from .journal import Journal
from .routes import Routes

control = Routes()


class Controllable(Protocol):
    """What a service must be able to do for the controls."""

    def reset(self) -> None:
        """Be as at the start again."""

    def add_account(self, wishes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a fresh account; returns its credentials. Raises `ApiError` naming every wrong wish."""


class Desk:
    """What the controls of one server act on: the whole stack's clock and work, the server's own state."""

    def __init__(self, name: str, service: Any, clock: Clock, dispatcher: Dispatcher, journal: Journal):
        self.name = name
        self.service: Any = service
        self.clock = clock
        self.dispatcher = dispatcher
        self.journal = journal


def read_object(request: Request, *known: str) -> dict[str, Any]:
    """The body as a JSON object with no other members than `known`; an empty body is `{}`. Raises `ApiError`."""
    if not request.body.strip():
        return {}
    try:
        body = request.json()
    except MalformedBodyError as problem:
        raise ApiError(400, "malformed_json", f"The body is not JSON: {problem}.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "wrong_type", "The body must be a JSON object.")
    unknown = [key for key in body if key not in known]
    if unknown:
        choices = ", ".join(known) or "none"
        problems = [{"path": key, "message": f"This key is not known; known are: {choices}."} for key in unknown]
        raise ApiError(422, "invalid", f"Not known: {', '.join(unknown)}.", problems=problems)
    return body


@control.post("/_rig/reset")
def reset(desk: Desk, _: None, request: Request) -> Answer:
    """Bring this server back to its start; the clock and the other servers stay as they are."""
    read_object(request)
    with desk.dispatcher.paused():
        desk.service.reset()
        desk.journal.clear(desk.name)
    return Answer(200, {"reset": desk.name})


@control.get("/_rig/clock")
def read_clock(desk: Desk, _: None, request: Request) -> Answer:
    """What time the whole stack has."""
    return Answer(200, _clock_view(desk.clock))


@control.post("/_rig/clock")
def advance_clock(desk: Desk, _: None, request: Request) -> Answer:
    """Move the clock of the whole stack forward and work through all that becomes due."""
    seconds = read_object(request, "advance_seconds").get("advance_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        problems = [{"path": "advance_seconds", "message": "Required: a number of seconds, e.g. 900."}]
        raise ApiError(422, "invalid", 'Say by how much: {"advance_seconds": 900}.', problems=problems)
    try:
        worked = desk.dispatcher.advance(timedelta(seconds=seconds))
    except (AdvanceError, OverflowError) as problem:
        problems = [{"path": "advance_seconds", "message": str(problem)}]
        raise ApiError(422, "invalid", str(problem), problems=problems) from None
    except (NeverSettlesError, StoppingError) as problem:
        raise _unsettled(problem) from None
    return Answer(200, {**_clock_view(desk.clock), **_work_view(desk, worked)})


@control.post("/_rig/settle")
def settle(desk: Desk, _: None, request: Request) -> Answer:
    """Work until nothing is due now and nothing is in hand, on all three servers."""
    read_object(request)
    try:
        worked = desk.dispatcher.settle()
    except (NeverSettlesError, StoppingError) as problem:
        raise _unsettled(problem) from None
    return Answer(200, _work_view(desk, worked))


@control.post("/_rig/accounts")
def add_account(desk: Desk, _: None, request: Request) -> Answer:
    """Make a fresh company, account or workspace; its credentials are shown here and never again."""
    wishes = read_object(request, *desk.service.ACCOUNT_WISHES)
    return Answer(201, desk.service.add_account(wishes))


@control.get("/_rig/journal")
def read_journal(desk: Desk, _: None, request: Request) -> Answer:
    """What went in and out of this server, oldest first, secrets masked; `?limit=` keeps the newest."""
    limit = request.query.get("limit", "200")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10 and int(limit) >= 1):
        problems = [{"path": "limit", "message": "A whole number of at least 1."}]
        raise ApiError(422, "invalid", "limit must be a whole number of at least 1.", problems=problems)
    return Answer(200, {"data": desk.journal.views(desk.name, int(limit)), "next_cursor": None})


def _unsettled(problem: Exception) -> ApiError:
    if isinstance(problem, StoppingError):
        return ApiError(503, "stopping", str(problem))
    return ApiError(409, "never_settles", str(problem))


def _work_view(desk: Desk, worked: int) -> dict[str, Any]:
    """How many jobs were worked, and those that ever failed unforeseen and were set aside: there should be none."""
    return {"jobs_worked": worked, "set_aside": desk.dispatcher.find_problems()}


def _clock_view(clock: Clock) -> dict[str, Any]:
    now = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"now": now, "is_frozen": clock.is_frozen}
