"""The SQL of the local Zapier, but for runs (`history`). Times are milliseconds since the epoch, documents are JSON."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ..rig.database import next_number
from .schema import TABLES


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant: whose Zaps and connections these are, and how often its polls run."""

    id: int
    name: str
    plan: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A stored account of an app."""

    id: int
    workspace_id: int
    app: str
    type: str
    title: str
    auth_data: Mapping[str, Any]
    created_at: int

    def __repr__(self) -> str:
        return f"Connection(id={self.id}, app={self.app!r}, title={self.title!r})"


@dataclass(frozen=True, slots=True)
class ZapRow:
    """A Zap as it is stored: `draft` is the document being edited or None, `version` 0 was never published."""

    id: int
    workspace_id: int
    state: str
    draft: dict[str, Any] | None
    version: int
    hook_id: str | None
    subscribe_data: Any
    selected_record: str | None
    poll_problem: str | None
    created_at: int
    updated_at: int


def pack(value: Any) -> bytes:
    """A document as it is stored."""
    return msgspec.json.encode(value)


def unpack(data: bytes | None) -> Any:
    """A stored document; None where there is none."""
    return None if data is None else msgspec.json.decode(data)


# Workspaces


def add_workspace(db: sqlite3.Connection, name: str, plan: str, token_hash: str | None) -> int:
    """A new workspace; the default one has no token."""
    cursor = db.execute("INSERT INTO workspace (name, plan, token_hash) VALUES (?, ?, ?)", (name, plan, token_hash))
    return int(cursor.lastrowid or 0)


def find_workspace(db: sqlite3.Connection, token_hash: str | None) -> Workspace | None:
    """The workspace of a bearer token, or the default one for None."""
    row = db.execute("SELECT id, name, plan FROM workspace WHERE token_hash IS ?", (token_hash,)).fetchone()
    return Workspace(**row) if row else None


def workspace_of(db: sqlite3.Connection, id: int) -> Workspace:
    """The workspace with this id, which must exist."""
    row = db.execute("SELECT id, name, plan FROM workspace WHERE id = ?", (id,)).fetchone()
    return Workspace(**row)


def delete_all(db: sqlite3.Connection) -> None:
    """Empty every table; counters go on, so that no id, hook address or delivery is ever given twice."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names


# Connections


def add_connection(
    db: sqlite3.Connection, workspace_id: int, app: str, type: str, title: str, auth_data: Any, now: int
) -> Connection:
    """A new connection; a title that is taken gets the next free number, as in "Pipedrive #2"."""
    number, free = 2, title
    while find_titled(db, workspace_id, app, free):
        free, number = f"{title} #{number}", number + 1
    row = db.execute(
        "INSERT INTO connection (workspace_id, app, type, title, auth_data, created_at) VALUES (?, ?, ?, ?, ?, ?)"
        " RETURNING *",
        (workspace_id, app, type, free, pack(auth_data), now),
    ).fetchone()
    return _connection(row)


def find_titled(db: sqlite3.Connection, workspace_id: int, app: str, title: str) -> Connection | None:
    """The connection of an app with this title."""
    query = "SELECT * FROM connection WHERE workspace_id = ? AND app = ? AND title = ?"
    row = db.execute(query, (workspace_id, app, title)).fetchone()
    return _connection(row) if row else None


def find_connection(
    db: sqlite3.Connection, workspace_id: int, app: str, reference: str | int | None
) -> Connection | None:
    """The connection of an app with this id, else with this title: a title made of digits never hides an id."""
    text = str(reference)
    if text.isascii() and text.isdigit() and len(text) < 16:
        query = "SELECT * FROM connection WHERE workspace_id = ? AND app = ? AND id = ?"
        row = db.execute(query, (workspace_id, app, int(text))).fetchone()
        if row:
            return _connection(row)
    return find_titled(db, workspace_id, app, text)


def replace_auth_data(db: sqlite3.Connection, id: int, auth_data: Any) -> None:
    """Keep fresh tokens."""
    db.execute("UPDATE connection SET auth_data = ? WHERE id = ?", (pack(auth_data), id))


def find_connections(
    db: sqlite3.Connection, workspace_id: int, app: str | None = None, after: int = 0, limit: int = 500
) -> list[Connection]:
    """The connections of a workspace by id, of one app or of all."""
    rows = db.execute(
        "SELECT * FROM connection WHERE workspace_id = ? AND (? IS NULL OR app = ?) AND id > ? ORDER BY id LIMIT ?",
        (workspace_id, app, app, after, limit),
    )
    return [_connection(row) for row in rows]


def _connection(row: sqlite3.Row) -> Connection:
    return Connection(**{**dict(row), "auth_data": unpack(row["auth_data"])})


def add_sign_in(
    db: sqlite3.Connection, state: str, workspace_id: int, app: str, title: str | None, expires_at: int
) -> None:
    """Remember a sign-in that began."""
    db.execute("INSERT INTO sign_in VALUES (?, ?, ?, ?, ?)", (state, workspace_id, app, title, expires_at))


def take_sign_in(db: sqlite3.Connection, state: str) -> dict[str, Any] | None:
    """The sign-in of this state, which is gone with that; None if there is none."""
    row = db.execute("DELETE FROM sign_in WHERE state = ? RETURNING *", (state,)).fetchone()
    return dict(row) if row else None


# Zaps


def add_zap(db: sqlite3.Connection, workspace_id: int, draft: Any, now: int) -> int:
    """A new draft."""
    cursor = db.execute(
        "INSERT INTO zap (workspace_id, state, draft, created_at, updated_at) VALUES (?, 'draft', ?, ?, ?)",
        (workspace_id, pack(draft), now, now),
    )
    return int(cursor.lastrowid or 0)


def find_zap(db: sqlite3.Connection, workspace_id: int | None, id: int) -> ZapRow | None:
    """A Zap of a workspace; for work that was put for it, None stands for any workspace."""
    row = db.execute(
        "SELECT * FROM zap WHERE id = ? AND (? IS NULL OR workspace_id = ?)", (id, workspace_id, workspace_id)
    ).fetchone()
    return _zap(row) if row else None


def find_zap_by_hook(db: sqlite3.Connection, hook_id: str) -> ZapRow | None:
    """The Zap behind a hook address."""
    row = db.execute("SELECT * FROM zap WHERE hook_id = ?", (hook_id,)).fetchone()
    return _zap(row) if row else None


def list_zaps(db: sqlite3.Connection, workspace_id: int, after: int, limit: int) -> list[ZapRow]:
    """Zaps by id, after a given one."""
    rows = db.execute(
        "SELECT * FROM zap WHERE workspace_id = ? AND id > ? ORDER BY id LIMIT ?", (workspace_id, after, limit)
    )
    return [_zap(row) for row in rows]


def _zap(row: sqlite3.Row) -> ZapRow:
    return ZapRow(**{**dict(row), "draft": unpack(row["draft"]), "subscribe_data": unpack(row["subscribe_data"])})


def write_draft(db: sqlite3.Connection, id: int, draft: Any, now: int) -> None:
    """Replace what is being edited."""
    db.execute("UPDATE zap SET draft = ?, updated_at = ? WHERE id = ?", (pack(draft), now, id))


def forget_tests(db: sqlite3.Connection, id: int) -> None:
    """The trigger changed, so its test records and all step tests say nothing any more."""
    db.execute("UPDATE zap SET selected_record = NULL WHERE id = ?", (id,))
    db.execute("DELETE FROM test_record WHERE zap_id = ?", (id,))
    db.execute("DELETE FROM step_test WHERE zap_id = ?", (id,))


def turn_on(db: sqlite3.Connection, id: int, hook_id: str | None, subscribe_data: Any, now: int) -> None:
    """The Zap is on and reached at this hook address."""
    db.execute(
        "UPDATE zap SET state = 'on', hook_id = ?, subscribe_data = ?, poll_problem = NULL, updated_at = ?"
        " WHERE id = ?",
        (hook_id, pack(subscribe_data), now, id),
    )


def turn_off(db: sqlite3.Connection, id: int, now: int) -> None:
    """The Zap is off: nothing reaches it, and what it saw is forgotten."""
    db.execute("UPDATE zap SET state = 'off', hook_id = NULL, subscribe_data = NULL, updated_at = ? WHERE id = ?",
               (now, id))  # fmt: skip
    db.execute("DELETE FROM seen WHERE zap_id = ?", (id,))


def publish(db: sqlite3.Connection, id: int, definition: Any, *, keeps_draft: bool) -> int:
    """Make the definition the next version, and empty the draft unless it was edited since; returns the version."""
    row = db.execute(
        "UPDATE zap SET version = version + 1, draft = CASE WHEN ? THEN draft END WHERE id = ? RETURNING version",
        (keeps_draft, id),
    ).fetchone()
    db.execute("INSERT INTO zap_version VALUES (?, ?, ?)", (id, row["version"], pack(definition)))
    return int(row["version"])


def definition_of(db: sqlite3.Connection, id: int, version: int) -> dict[str, Any]:
    """A published version's document."""
    row = db.execute("SELECT definition FROM zap_version WHERE zap_id = ? AND version = ?", (id, version)).fetchone()
    return dict(unpack(row["definition"]))


def note_poll(db: sqlite3.Connection, id: int, problem: str | None) -> None:
    """How the newest poll went."""
    db.execute("UPDATE zap SET poll_problem = ? WHERE id = ?", (problem, id))


def delete_zap(db: sqlite3.Connection, id: int) -> None:
    """The Zap with everything that belongs to it, its runs too."""
    db.execute("DELETE FROM step_run WHERE run_number IN (SELECT number FROM run WHERE zap_id = ?)", (id,))
    for table in ("run", "seen", "test_record", "step_test", "zap_version"):
        db.execute(f"DELETE FROM {table} WHERE zap_id = ?", (id,))  # noqa: S608 - our own table names
    db.execute("DELETE FROM zap WHERE id = ?", (id,))


# Tests in the editor


def replace_test_records(db: sqlite3.Connection, zap_id: int, records: Sequence[tuple[str, str, Any]]) -> None:
    """What *Test trigger* found: `(id, label, record)` each, newest first; the first is selected."""
    forget_tests(db, zap_id)
    db.executemany(
        "INSERT INTO test_record VALUES (?, ?, ?, ?, ?)",
        [(zap_id, id, position, label, pack(record)) for position, (id, label, record) in enumerate(records)],
    )
    db.execute("UPDATE zap SET selected_record = ? WHERE id = ?", (records[0][0] if records else None, zap_id))


def list_test_records(db: sqlite3.Connection, zap_id: int) -> list[dict[str, Any]]:
    """`{"id", "label", "record"}` each, newest first."""
    rows = db.execute("SELECT id, label, record FROM test_record WHERE zap_id = ? ORDER BY position", (zap_id,))
    return [{**dict(row), "record": unpack(row["record"])} for row in rows]


def select_record(db: sqlite3.Connection, zap_id: int, record_id: str) -> None:
    """The record whose values are the sample for mapping."""
    db.execute("UPDATE zap SET selected_record = ? WHERE id = ?", (record_id, zap_id))
    db.execute("DELETE FROM step_test WHERE zap_id = ?", (zap_id,))


def keep_step_test(db: sqlite3.Connection, zap_id: int, step: int, data_out: Any) -> None:
    """What a tested step gave, for the steps after it."""
    db.execute("INSERT OR REPLACE INTO step_test VALUES (?, ?, ?)", (zap_id, step, pack(data_out)))


def list_step_tests(db: sqlite3.Connection, zap_id: int) -> dict[int, Any]:
    """What each tested step gave, by its number."""
    rows = db.execute("SELECT step, data_out FROM step_test WHERE zap_id = ?", (zap_id,))
    return {row["step"]: unpack(row["data_out"]) for row in rows}


# Seen records and deliveries


def seen_among(db: sqlite3.Connection, zap_id: int, keys: Iterable[str]) -> set[str]:
    """Which of these keys the Zap has seen."""
    return {
        key for key in keys if db.execute("SELECT 1 FROM seen WHERE zap_id = ? AND key = ?", (zap_id, key)).fetchone()
    }


def add_seen(db: sqlite3.Connection, zap_id: int, keys: Iterable[str]) -> None:
    """Never again."""
    db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", [(zap_id, key) for key in keys])


def is_new_delivery(db: sqlite3.Connection, value: str) -> bool:
    """Note a delivery; False if the same one was noted before."""
    return db.execute("INSERT OR IGNORE INTO delivery VALUES (?)", (value,)).rowcount == 1


def next_hook_number(db: sqlite3.Connection) -> int:
    """For the next hook address."""
    return next_number(db, "hook")
