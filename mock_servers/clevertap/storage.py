"""How accounts and their passcodes lie in the database. Functions take the connection of an open transaction."""

import sqlite3

import msgspec

from .accounts import Account, Passcode
from .settings import Settings

TABLES = (
    "job", "dispatch", "campaign_reached", "campaign", "count_request", "error_entry", "upload", "debug_event",
    "blocked_address", "event_count", "event", "event_name", "property_name", "identifier", "profile", "passcode",
    "account", "counter",
)  # fmt: skip

_ACCOUNT = "SELECT id, number, region, created_at, settings FROM account"


def clear(connection: sqlite3.Connection) -> None:
    """Forget everything, also how far the numbers have counted; but for those of jobs, which receivers may remember."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def add_account(connection: sqlite3.Connection, account: Account) -> None:
    """Store a new account."""
    connection.execute(
        "INSERT INTO account (id, number, region, created_at, settings) VALUES (?, ?, ?, ?, ?)",
        (account.id, account.number, account.region, account.created_at, msgspec.json.encode(account.settings)),
    )


def set_settings(connection: sqlite3.Connection, account: Account, settings: Settings) -> None:
    """Store other settings for an account."""
    connection.execute("UPDATE account SET settings = ? WHERE id = ?", (msgspec.json.encode(settings), account.id))


def read_account(connection: sqlite3.Connection, account_id: str) -> Account | None:
    """The account with this id."""
    row = connection.execute(f"{_ACCOUNT} WHERE id = ?", (account_id,)).fetchone()
    return _account(row) if row else None


def list_accounts(connection: sqlite3.Connection, limit: int) -> list[Account]:
    """The first so many accounts, in the order of making."""
    return [_account(row) for row in connection.execute(f"{_ACCOUNT} ORDER BY number LIMIT ?", (limit,))]


def _account(row: sqlite3.Row) -> Account:
    settings = msgspec.json.decode(row["settings"], type=Settings)
    return Account(row["id"], row["number"], row["region"], row["created_at"], settings)


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
