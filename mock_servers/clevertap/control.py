"""Passcodes as a customer's administrator makes and revokes them, under the rig's own `/_rig/`."""

from typing import Any

from ..rig.clock import from_milliseconds
from ..rig.control import Desk, read_object
from ..rig.exchange import Answer, Request
from ..rig.routes import Routes
from . import errors
from .accounts import Passcode

passcodes = Routes()

LONGEST_NAME = 100


@passcodes.post("/_rig/accounts/<account_id>/passcodes")
def add_passcode(desk: Desk, _: None, request: Request) -> Answer:
    """Make a passcode; its value is shown here and never again."""
    name = read_object(request, "name").get("name")
    if name is not None and not (isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME):
        raise errors.wrong_value("name", f"The name must be a text of 1 to {LONGEST_NAME} characters.")
    made = desk.service.add_passcode(request.values["account_id"], name and name.strip())
    return Answer(201, {**made, "created_at": _moment(made["created_at"])})


@passcodes.get("/_rig/accounts/<account_id>/passcodes")
def list_passcodes(desk: Desk, _: None, request: Request) -> Answer:
    """The passcodes of an account, oldest first, without their values."""
    found = desk.service.list_passcodes(request.values["account_id"])
    return Answer(200, {"data": [_view(passcode) for passcode in found], "next_cursor": None})


@passcodes.delete("/_rig/accounts/<account_id>/passcodes/<passcode_id>")
def revoke_passcode(desk: Desk, _: None, request: Request) -> Answer:
    """Let a passcode open nothing any more."""
    revoked = desk.service.revoke_passcode(request.values["account_id"], request.values["passcode_id"])
    return Answer(200, _view(revoked))


def _view(passcode: Passcode) -> dict[str, Any]:
    revoked_at = None if passcode.revoked_at is None else _moment(passcode.revoked_at)
    return {
        "id": passcode.id,
        "name": passcode.name,
        "created_at": _moment(passcode.created_at),
        "revoked_at": revoked_at,
    }


def _moment(milliseconds: int) -> str:
    return from_milliseconds(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
