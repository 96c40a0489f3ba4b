"""The local Zapier: one object that owns its state, assembled from its parts.

- `connections`: stored accounts
- `editor`: Zaps while they are made, and whether they are on
- `intake`: deliveries and polls
- `runner`: runs and their history
"""

import hashlib
import hmac
import sqlite3
from collections.abc import Mapping
from typing import Any

from ..rig.database import next_number
from ..rig.exchange import ApiError
from . import errors, storage
from .caller import Caller
from .connections import Connections
from .editor import Editor
from .equipment import Equipment
from .intake import Intake
from .problems import Problem
from .runner import Runner
from .schedule import POLLING_INTERVALS
from .storage import Workspace

DEFAULT_PLAN = "free"


class Runtime:
    """All workspaces of the local Zapier."""

    ACCOUNT_WISHES = ("name", "plan")

    def __init__(self, equipment: Equipment, *, control_token: str | None = None):
        self._equipment = equipment
        self._control_token = control_token
        self.apps = equipment.apps
        self.connections = Connections(equipment)
        caller = Caller(equipment, self.connections)
        self.runner = Runner(equipment, caller)
        self.intake = Intake(equipment, caller, self.runner)
        self.editor = Editor(equipment, self.connections, caller, self.intake, self.runner)
        with equipment.database.write() as db:
            if storage.find_workspace(db, None) is None:
                self._found(db)

    def _found(self, db: sqlite3.Connection) -> None:
        storage.add_workspace(db, "Default", DEFAULT_PLAN, None)

    def reset(self) -> None:
        """Forget every workspace, connection, Zap and run. Hook addresses of before answer 410 from now on."""
        with self._equipment.database.write() as db:
            storage.delete_all(db)
            self._found(db)

    def add_account(self, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """A fresh workspace: `{"workspace", "token", "plan"}`; the token is shown only here."""
        name, plan = wishes.get("name", "Workspace"), wishes.get("plan", DEFAULT_PLAN)
        problems = []
        if not isinstance(name, str) or not name.strip():
            problems.append(Problem("name", "This must be a text that is not blank."))
        if not isinstance(plan, str) or plan not in POLLING_INTERVALS:
            problems.append(Problem("plan", f"This must be one of {', '.join(POLLING_INTERVALS)}."))
        if problems:
            raise errors.invalid("No workspace was made.", problems)
        with self._equipment.database.write() as db:
            token = self._equipment.ids.hex("workspace token", next_number(db, "workspace"), 40)
            storage.add_workspace(db, name, plan, _hash(token))
        return {"workspace": name, "plan": plan, "token": token}

    def authenticate(self, bearer: str | None) -> Workspace:
        """The workspace of a bearer token; none is the default workspace. Raises `ApiError` 401.

        Where the rig can be reached from other machines, the default workspace needs the control token.
        """
        token = bearer
        if self._control_token is not None and hmac.compare_digest(
            (bearer or "").encode(), self._control_token.encode()
        ):
            token = None
        elif self._control_token is not None and bearer is None:
            raise ApiError(401, "unauthorized", "This rig needs Authorization: Bearer <control token>.")
        with self._equipment.database.read() as db:
            workspace = storage.find_workspace(db, None if token is None else _hash(token))
        if workspace is None:
            raise ApiError(401, "unauthorized", "There is no workspace with this token.")
        return workspace

    def default_workspace(self) -> Workspace:
        """The workspace of calls without a token."""
        with self._equipment.database.read() as db:
            workspace = storage.find_workspace(db, None)
        assert workspace is not None  # noqa: S101 - made at the start
        return workspace


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
