"""Work that happens later: rows with a due time, in the database of the service that wants them done.

A job is put in the same transaction as the change that caused it, so neither exists without the other. The
task that works it does its HTTP call outside any transaction and then, in one transaction, stores the outcome
and says `finish` or `again`. A process that dies in between leaves the row as it was; whoever opens the
database next works it again, with the same id and attempt.

Which jobs are in hand is kept in memory: a state folder is locked by one process, so a row without a living
worker is free by definition.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from .clock import from_milliseconds, to_milliseconds
from .database import Database

SCHEMA = """
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    due_at INTEGER NOT NULL,
    lane TEXT NOT NULL,
    task TEXT NOT NULL,
    payload BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    problem TEXT
);
CREATE INDEX job_due ON job (due_at, id) WHERE problem IS NULL;
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of due work. `lane` names what it must not overtake: two jobs of one lane never run at once."""

    id: int
    due_at: datetime
    lane: str
    task: str
    payload: Mapping[str, Any]
    attempt: int

    @property
    def delivery(self) -> str:
        """What tells this attempt from every other one of the same service, also after a crash."""
        return f"{self.id}/{self.attempt}"


Task = Callable[[Job], None]


class Jobs:
    """The due work of one service."""

    def __init__(self, name: str, database: Database, wake: Callable[[], None]):
        self.name = name
        self._database = database
        self._wake = wake
        self._tasks: dict[str, Task] = {}
        self._busy_lanes: set[str] = set()
        self._lock = threading.Lock()

    def register(self, name: str, task: Task) -> None:
        """Say what works the jobs of this name."""
        self._tasks[name] = task

    def put(
        self, connection: sqlite3.Connection, task: str, payload: Mapping[str, Any], *, due_at: datetime, lane: str
    ) -> int:
        """Add a job within the transaction of `connection`; returns its id."""
        cursor = connection.execute(
            "INSERT INTO job (due_at, lane, task, payload, attempt) VALUES (?, ?, ?, ?, 1)",
            (to_milliseconds(due_at), lane, task, msgspec.json.encode(payload)),
        )
        self._database.after_commit(self._wake)
        return int(cursor.lastrowid or 0)

    def finish(self, connection: sqlite3.Connection, job: Job) -> None:
        """The job is done: it goes, with the outcome that is stored in the same transaction."""
        connection.execute("DELETE FROM job WHERE id = ?", (job.id,))

    def again(self, connection: sqlite3.Connection, job: Job, *, due_at: datetime) -> None:
        """The job is tried once more at `due_at`, as a new attempt."""
        connection.execute(
            "UPDATE job SET due_at = ?, attempt = attempt + 1 WHERE id = ?", (to_milliseconds(due_at), job.id)
        )
        self._database.after_commit(self._wake)

    def cancel(self, connection: sqlite3.Connection, lane: str, task: str) -> None:
        """Forget the waiting jobs of this name in a lane."""
        connection.execute("DELETE FROM job WHERE lane = ? AND task = ?", (lane, task))

    def earliest(self) -> Job | None:
        """The job that is due first and could be worked now, or None."""
        with self._lock:
            lanes = sorted(self._busy_lanes)
        marks = ", ".join("?" * len(lanes))
        query = (
            "SELECT id, due_at, lane, task, payload, attempt FROM job"  # noqa: S608 - only question marks
            f" WHERE problem IS NULL AND lane NOT IN ({marks}) ORDER BY due_at, id LIMIT 1"
        )
        with self._database.read() as connection:
            row = connection.execute(query, lanes).fetchone()
        if row is None:
            return None
        return Job(
            row["id"],
            from_milliseconds(row["due_at"]),
            row["lane"],
            row["task"],
            msgspec.json.decode(row["payload"]),
            row["attempt"],
        )

    def take(self, job: Job) -> None:
        """Mark the job's lane as busy."""
        with self._lock:
            self._busy_lanes.add(job.lane)

    def work(self, job: Job) -> None:
        """Do a job that was taken. A job whose task fails unforeseen is set aside with the reason, not lost."""
        try:
            self._tasks[job.task](job)
        except Exception as problem:
            with self._database.write() as connection:
                connection.execute("UPDATE job SET problem = ? WHERE id = ?", (repr(problem), job.id))
            raise
        finally:
            with self._lock:
                self._busy_lanes.discard(job.lane)

    def find_problems(self) -> list[dict[str, Any]]:
        """The jobs that were set aside: `{"service", "id", "task", "problem"}` each."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT id, task, problem FROM job WHERE problem IS NOT NULL ORDER BY id")
            return [{"service": self.name, **row} for row in map(dict, rows)]
