"""The SQL of runs and their steps; the tables are in `storage`."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from ..rig.database import next_number
from .storage import ZapRow, pack, unpack

CALLING = "calling"
"""The status of a step between its call and its answer; found so after a crash, the outcome is unknown."""


@dataclass(frozen=True, slots=True)
class StepRunRow:
    """One step of a run; `error` is `{"type", "message", "field"}` or None."""

    step: int
    status: str
    data_in: Any
    data_out: Any
    error: dict[str, Any] | None
    note: str | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One passage of one record through a version of a Zap."""

    number: int
    id: str
    workspace_id: int
    zap_id: int
    version: int
    status: str
    started_at: int
    ended_at: int | None


def next_run_number(db: sqlite3.Connection) -> int:
    """For the next run."""
    return next_number(db, "run")


def add_run(db: sqlite3.Connection, number: int, id: str, zap: ZapRow, version: int, now: int) -> None:
    """A new run of one version of a Zap."""
    db.execute(
        "INSERT INTO run (number, id, workspace_id, zap_id, version, status, started_at)"
        " VALUES (?, ?, ?, ?, ?, 'pending', ?)",
        (number, id, zap.workspace_id, zap.id, version, now),
    )


def set_run_status(db: sqlite3.Connection, number: int, status: str, ended_at: int | None) -> None:
    """How the run stands; `ended_at` is None while it goes on."""
    db.execute("UPDATE run SET status = ?, ended_at = ? WHERE number = ?", (status, ended_at, number))


def find_run(db: sqlite3.Connection, number: int) -> RunRow | None:
    """A run by its number."""
    row = db.execute("SELECT * FROM run WHERE number = ?", (number,)).fetchone()
    return RunRow(**row) if row else None


def find_run_by_id(db: sqlite3.Connection, workspace_id: int, id: str) -> RunRow | None:
    """A run of a workspace by its id."""
    row = db.execute("SELECT * FROM run WHERE id = ? AND workspace_id = ?", (id, workspace_id)).fetchone()
    return RunRow(**row) if row else None


def list_runs(
    db: sqlite3.Connection, workspace_id: int, zap_id: int | None, before: int | None, limit: int
) -> list[RunRow]:
    """Runs, newest first, of one Zap or of the whole workspace."""
    column, value = ("workspace_id", workspace_id) if zap_id is None else ("zap_id", zap_id)
    rows = db.execute(
        f"SELECT * FROM run WHERE {column} = ? AND number < ? ORDER BY number DESC LIMIT ?",  # noqa: S608 - our names
        (value, before if before is not None else 1 << 62, limit),
    )
    return [RunRow(**row) for row in rows]


def put_step_run(db: sqlite3.Connection, run_number: int, row: StepRunRow) -> None:
    """How a step of a run stands."""
    db.execute(
        "INSERT OR REPLACE INTO step_run VALUES (?, ?, ?, ?, ?, ?, ?)",
        (run_number, row.step, row.status, pack(row.data_in), pack(row.data_out), pack(row.error), row.note),
    )


def list_step_runs(db: sqlite3.Connection, run_number: int) -> list[StepRunRow]:
    """The steps of a run, in order."""
    rows = db.execute(
        "SELECT step, status, data_in, data_out, error, note FROM step_run WHERE run_number = ? ORDER BY step",
        (run_number,),
    )
    return [
        StepRunRow(
            row["step"], row["status"], unpack(row["data_in"]), unpack(row["data_out"]), unpack(row["error"]),
            row["note"],
        )
        for row in rows
    ]  # fmt: skip
