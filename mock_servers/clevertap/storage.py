"""How accounts, profiles and events lie in the database: all SQL of this server.

Functions take the connection of a transaction that the emulator opened. Lists go down by id from a cursor, so a page
costs the same at a thousand rows and at a million.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .accounts import Account, Passcode
from .events import Event, EventCount
from .exports import EventQuery
from .identity import EMAIL_KIND, IDENTITY_KIND, Key, email_key
from .profiles import Profile

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE account (
        id TEXT PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        region TEXT NOT NULL,
        created_at INTEGER NOT NULL
    );
    CREATE TABLE passcode (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id),
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    );
    CREATE INDEX passcode_of_account ON passcode (account_id, id);
    CREATE TABLE profile (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id),
        email TEXT,
        properties BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        last_ts INTEGER
    );
    CREATE INDEX profile_of_account ON profile (account_id, id);
    CREATE INDEX profile_by_email ON profile (account_id, email, id) WHERE email IS NOT NULL;
    CREATE TABLE identifier (
        account_id TEXT NOT NULL REFERENCES account (id),
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        profile_id INTEGER NOT NULL REFERENCES profile (id),
        position INTEGER NOT NULL,
        PRIMARY KEY (account_id, kind, value)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX identifier_of_profile ON identifier (profile_id, position);
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES account (id),
        profile_id INTEGER NOT NULL REFERENCES profile (id),
        name TEXT NOT NULL,
        properties BLOB NOT NULL,
        ts INTEGER NOT NULL,
        source TEXT NOT NULL,
        received_at INTEGER NOT NULL
    );
    CREATE INDEX event_of_account ON event (account_id, id);
    CREATE INDEX event_by_name ON event (account_id, name, ts, id);
    CREATE TABLE event_count (
        profile_id INTEGER NOT NULL REFERENCES profile (id),
        name TEXT NOT NULL,
        count INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        PRIMARY KEY (profile_id, name)
    ) WITHOUT ROWID;
    """,
)

_PROFILE = "SELECT id, properties, created_at, updated_at, last_ts FROM profile"
_EVENT = "SELECT id, profile_id, name, properties, ts, source, received_at FROM event"


def clear(connection: sqlite3.Connection) -> None:
    """Forget everything, also how far the numbers have counted."""
    for table in ("event_count", "event", "identifier", "profile", "passcode", "account", "counter"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def add_account(connection: sqlite3.Connection, account: Account, number: int) -> None:
    """Store a new account; `number` tells which one it is in the order of making."""
    connection.execute(
        "INSERT INTO account (id, number, region, created_at) VALUES (?, ?, ?, ?)",
        (account.id, number, account.region, account.created_at),
    )


def read_account(connection: sqlite3.Connection, account_id: str) -> Account | None:
    """The account with this id."""
    row = connection.execute("SELECT id, region, created_at FROM account WHERE id = ?", (account_id,)).fetchone()
    return Account(**row) if row else None


def list_accounts(connection: sqlite3.Connection, limit: int) -> list[Account]:
    """The first so many accounts, in the order of making."""
    rows = connection.execute("SELECT id, region, created_at FROM account ORDER BY number LIMIT ?", (limit,))
    return [Account(**row) for row in rows]


def add_passcode(connection: sqlite3.Connection, account_id: str, passcode: Passcode, digest: str) -> None:
    """Store a new passcode; of the secret only the digest."""
    connection.execute(
        "INSERT INTO passcode (id, account_id, name, digest, created_at) VALUES (?, ?, ?, ?, ?)",
        (int(passcode.id), account_id, passcode.name, digest, passcode.created_at),
    )


def list_passcodes(connection: sqlite3.Connection, account_id: str) -> list[Passcode]:
    """The passcodes of an account, oldest first, the revoked ones too."""
    rows = connection.execute(
        "SELECT id, name, created_at, revoked_at FROM passcode WHERE account_id = ? ORDER BY id", (account_id,)
    )
    return [Passcode(str(row["id"]), row["name"], row["created_at"], row["revoked_at"]) for row in rows]


def revoke_passcode(connection: sqlite3.Connection, account_id: str, passcode_id: str, now: int) -> bool:
    """Let a passcode work no longer; one that was revoked before keeps its time. False if there is no such passcode."""
    changed = connection.execute(
        "UPDATE passcode SET revoked_at = COALESCE(revoked_at, ?) WHERE account_id = ? AND CAST(id AS TEXT) = ?",
        (now, account_id, passcode_id),
    )
    return changed.rowcount > 0


def working_digests(connection: sqlite3.Connection, account_id: str) -> list[str]:
    """The digests of the passcodes that open an account."""
    rows = connection.execute("SELECT digest FROM passcode WHERE account_id = ? AND revoked_at IS NULL", (account_id,))
    return [row["digest"] for row in rows]


def find_holders(connection: sqlite3.Connection, account_id: str, keys: Iterable[Key]) -> dict[Key, int]:
    """Which profiles hold these keys? For an identity nobody holds, also who has it as e-mail (the oldest profile)."""
    holders = {}
    for key in keys:
        holder = find_holder(connection, account_id, key)
        if holder is None and key.kind == IDENTITY_KIND:
            key = email_key(key.value)
            holder = find_holder(connection, account_id, key)
        if holder is not None:
            holders[key] = holder
    return holders


def find_holder(connection: sqlite3.Connection, account_id: str, key: Key) -> int | None:
    """The id of the profile that holds this one key."""
    if key.kind == EMAIL_KIND:
        query = "SELECT id FROM profile WHERE account_id = ? AND email = ? ORDER BY id LIMIT 1"
        row = connection.execute(query, (account_id, key.value)).fetchone()
    else:
        query = "SELECT profile_id FROM identifier WHERE account_id = ? AND kind = ? AND value = ?"
        row = connection.execute(query, (account_id, *key)).fetchone()
    return row[0] if row else None


def read_profile(connection: sqlite3.Connection, profile_id: int) -> Profile:
    """The profile with this id, which exists."""
    return _profile(connection, connection.execute(f"{_PROFILE} WHERE id = ?", (profile_id,)).fetchone())


def list_profiles(connection: sqlite3.Connection, account_id: str, before: int | None, limit: int) -> list[Profile]:
    """The profiles of an account, newest first, from the one before the id `before`."""
    query = f"{_PROFILE} WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
    return [_profile(connection, row) for row in connection.execute(query, (account_id, _cursor(before), limit))]


def _cursor(before: int | None) -> int:
    return 2**63 - 1 if before is None else before


def _profile(connection: sqlite3.Connection, row: sqlite3.Row) -> Profile:
    keys = connection.execute(
        "SELECT kind, value FROM identifier WHERE profile_id = ? ORDER BY position", (row["id"],)
    ).fetchall()
    return Profile(
        id=row["id"],
        keys=tuple(Key(*key) for key in keys),
        properties=_decode(row["properties"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        last_ts=row["last_ts"],
    )


def add_profile(connection: sqlite3.Connection, account_id: str, profile: Profile) -> None:
    """Store a new profile with its keys."""
    connection.execute(
        "INSERT INTO profile (id, account_id, properties, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        (profile.id, account_id, msgspec.json.encode(profile.properties), profile.created_at, profile.updated_at),
    )
    add_keys(connection, account_id, profile.id, profile.keys)


def add_keys(connection: sqlite3.Connection, account_id: str, profile_id: int, keys: Iterable[Key]) -> None:
    """Give a profile more keys, which nobody holds; they come after those it has."""
    for key in keys:
        connection.execute(
            "INSERT INTO identifier (account_id, kind, value, profile_id, position) VALUES (?, ?, ?, ?,"
            " (SELECT COUNT(*) FROM identifier WHERE profile_id = ?))",
            (account_id, *key, profile_id, profile_id),
        )


def update_profile(connection: sqlite3.Connection, profile: Profile) -> None:
    """Store what a profile has become; its keys are not touched."""
    connection.execute(
        "UPDATE profile SET email = ?, properties = ?, updated_at = ?, last_ts = ? WHERE id = ?",
        (
            None if profile.email is None else email_key(profile.email).value,
            msgspec.json.encode(profile.properties),
            profile.updated_at,
            profile.last_ts,
            profile.id,
        ),
    )


def add_event(
    connection: sqlite3.Connection,
    account_id: str,
    profile_id: int,
    *,
    name: str,
    properties: Mapping[str, Any],
    ts: int,
    source: str,
    received_at: int,
) -> None:
    """Store an event and count it for its profile."""
    connection.execute(
        "INSERT INTO event (account_id, profile_id, name, properties, ts, source, received_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account_id, profile_id, name, msgspec.json.encode(properties), ts, source, received_at),
    )
    connection.execute(
        "INSERT INTO event_count (profile_id, name, count, first_seen, last_seen) VALUES (?, ?, 1, ?, ?)"
        " ON CONFLICT (profile_id, name) DO UPDATE SET count = event_count.count + 1,"
        " first_seen = CASE WHEN excluded.first_seen < event_count.first_seen"
        " THEN excluded.first_seen ELSE event_count.first_seen END,"
        " last_seen = CASE WHEN excluded.last_seen > event_count.last_seen"
        " THEN excluded.last_seen ELSE event_count.last_seen END",
        (profile_id, name, ts, ts),
    )


def list_events(connection: sqlite3.Connection, account_id: str, before: int | None, limit: int) -> list[Event]:
    """The events of an account, the one that arrived last first, from the one before the id `before`."""
    query = f"{_EVENT} WHERE account_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
    rows = connection.execute(query, (account_id, _cursor(before), limit))
    return [Event(**{**row, "properties": _decode(row["properties"])}) for row in rows]


def find_events(connection: sqlite3.Connection, account_id: str, wanted: EventQuery, limit: int) -> list[Event]:
    """The events that a query asks for, by their own time, from the one after the last that was given."""
    ts, id = wanted.after or (wanted.since, 0)
    query = f"{_EVENT} WHERE account_id = ? AND name = ? AND (ts, id) > (?, ?) AND ts < ? ORDER BY ts, id LIMIT ?"
    rows = connection.execute(query, (account_id, wanted.name, max(ts, wanted.since), id, wanted.until, limit))
    return [Event(**{**row, "properties": _decode(row["properties"])}) for row in rows]


def list_event_counts(connection: sqlite3.Connection, profile_id: int) -> list[EventCount]:
    """How often a profile did what, by name."""
    rows = connection.execute(
        "SELECT name, count, first_seen, last_seen FROM event_count WHERE profile_id = ? ORDER BY name", (profile_id,)
    )
    return [EventCount(**row) for row in rows]


def _decode(properties: bytes) -> dict[str, Any]:
    return msgspec.json.decode(properties, type=dict[str, Any])
