"""How campaigns and what they sent lie in the database. Functions take the connection of an open transaction."""

import sqlite3
from collections.abc import Iterable
from typing import Literal

import msgspec

from .campaigns import Campaign

MOST_DISPATCHES = 500
"""Entries of one account's outbox that are remembered."""

State = Literal["scheduled", "sent", "failed", "skipped", "logged"]


class Attempt(msgspec.Struct, frozen=True):
    """One try to deliver: when (ms), and the status of the answer, or None if there was none."""

    at: int
    status: int | None


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """An event that concerned a campaign, and what came of it. Times in milliseconds."""

    campaign_id: int
    campaign: str
    event_name: str
    event_properties: dict[str, object]
    source: str
    ts: int
    object_id: str
    at: int
    due_at: int | None = None
    state: State = "scheduled"
    reason: str | None = None
    """Why it was skipped or failed, in words."""
    attempts: tuple[Attempt, ...] = ()
    body: str | None = None
    """What was sent last; None if nothing was, and of a GET."""


def add_campaign(connection: sqlite3.Connection, account: int, campaign: Campaign) -> None:
    """Store a new campaign."""
    connection.execute(
        "INSERT INTO campaign (id, account, event_name, document) VALUES (?, ?, ?, ?)",
        (campaign.id, account, campaign.event_name, msgspec.json.encode(campaign)),
    )


def write_campaign(connection: sqlite3.Connection, campaign: Campaign) -> None:
    """Store what a campaign has become."""
    connection.execute(
        "UPDATE campaign SET event_name = ?, document = ? WHERE id = ?",
        (campaign.event_name, msgspec.json.encode(campaign), campaign.id),
    )


def remove_campaign(connection: sqlite3.Connection, campaign_id: int) -> None:
    """Forget a campaign and whom it reached; its outbox stays."""
    connection.execute("DELETE FROM campaign WHERE id = ?", (campaign_id,))
    connection.execute("DELETE FROM campaign_reached WHERE campaign_id = ?", (campaign_id,))


def read_campaign(connection: sqlite3.Connection, account: int, campaign_id: int) -> Campaign | None:
    """One campaign of an account."""
    row = connection.execute(
        "SELECT document FROM campaign WHERE account = ? AND id = ?", (account, campaign_id)
    ).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Campaign)


def list_campaigns(connection: sqlite3.Connection, account: int) -> list[Campaign]:
    """All campaigns of an account, oldest first."""
    rows = connection.execute("SELECT document FROM campaign WHERE account = ? ORDER BY id", (account,))
    return [msgspec.json.decode(row[0], type=Campaign) for row in rows]


def count_campaigns(connection: sqlite3.Connection, account: int) -> int:
    """How many campaigns an account has."""
    return int(connection.execute("SELECT COUNT(*) FROM campaign WHERE account = ?", (account,)).fetchone()[0])


def campaigns_on(connection: sqlite3.Connection, account: int, event_names: Iterable[str]) -> dict[str, list[Campaign]]:
    """The campaigns that wait for events of these names."""
    found: dict[str, list[Campaign]] = {}
    for name in event_names:
        rows = connection.execute(
            "SELECT document FROM campaign WHERE account = ? AND event_name = ? ORDER BY id", (account, name)
        ).fetchall()
        if rows:
            found[name] = [msgspec.json.decode(row[0], type=Campaign) for row in rows]
    return found


def reached_by(connection: sqlite3.Connection, campaign_id: int, profile_id: int) -> int | None:
    """The entry of the outbox by which a campaign first reached this profile, or None."""
    query = "SELECT dispatch_id FROM campaign_reached WHERE campaign_id = ? AND profile_id = ?"
    row = connection.execute(query, (campaign_id, profile_id)).fetchone()
    return None if row is None else int(row[0])


def note_reached(connection: sqlite3.Connection, campaign_id: int, profile_id: int, dispatch_id: int) -> None:
    """Remember that a campaign reaches this profile by this entry of the outbox, unless one did before."""
    connection.execute(
        "INSERT OR IGNORE INTO campaign_reached (campaign_id, profile_id, dispatch_id) VALUES (?, ?, ?)",
        (campaign_id, profile_id, dispatch_id),
    )


def forget_reached(connection: sqlite3.Connection, campaign_id: int, dispatch_id: int) -> None:
    """Forget that an entry of the outbox reached somebody: after all it did not."""
    connection.execute(
        "DELETE FROM campaign_reached WHERE campaign_id = ? AND dispatch_id = ?", (campaign_id, dispatch_id)
    )


def move_reached(connection: sqlite3.Connection, source: int, target: int) -> None:
    """Whom campaigns reached, or will reach, as one profile, they reach as another; of two entries by the first."""
    connection.execute(
        "INSERT INTO campaign_reached (campaign_id, profile_id, dispatch_id)"
        " SELECT campaign_id, ?, dispatch_id FROM campaign_reached WHERE profile_id = ?"
        " ON CONFLICT (campaign_id, profile_id)"
        " DO UPDATE SET dispatch_id = MIN(campaign_reached.dispatch_id, excluded.dispatch_id)",
        (target, source),
    )
    connection.execute("DELETE FROM campaign_reached WHERE profile_id = ?", (source,))
    connection.execute("UPDATE dispatch SET profile_id = ? WHERE profile_id = ? AND is_open", (target, source))


def add_dispatch(connection: sqlite3.Connection, account: int, profile_id: int, dispatch: Dispatch) -> int:
    """Put an entry into the outbox, and forget the oldest ended ones beyond the bound; returns its id."""
    cursor = connection.execute(
        "INSERT INTO dispatch (account, campaign_id, profile_id, is_open, document) VALUES (?, ?, ?, ?, ?)",
        (account, dispatch.campaign_id, profile_id, dispatch.state == "scheduled", msgspec.json.encode(dispatch)),
    )
    connection.execute(
        "DELETE FROM dispatch WHERE account = ? AND NOT is_open AND id <="
        " (SELECT id FROM dispatch WHERE account = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (account, account, MOST_DISPATCHES),
    )
    return int(cursor.lastrowid or 0)


def read_dispatch(connection: sqlite3.Connection, account: int, dispatch_id: int) -> tuple[Dispatch, int] | None:
    """One entry of the outbox, and the id of the profile that it is for."""
    row = connection.execute(
        "SELECT document, profile_id FROM dispatch WHERE account = ? AND id = ?", (account, dispatch_id)
    ).fetchone()
    return None if row is None else (msgspec.json.decode(row[0], type=Dispatch), row[1])


def write_dispatch(connection: sqlite3.Connection, dispatch_id: int, dispatch: Dispatch) -> None:
    """Store what became of an entry."""
    connection.execute(
        "UPDATE dispatch SET is_open = ?, document = ? WHERE id = ?",
        (dispatch.state == "scheduled", msgspec.json.encode(dispatch), dispatch_id),
    )


def list_dispatches(
    connection: sqlite3.Connection, account: int, before: int | None, limit: int
) -> list[tuple[int, Dispatch]]:
    """The newest entries of the outbox with their ids, from the one before the id `before`."""
    rows = connection.execute(
        "SELECT id, document FROM dispatch WHERE account = ? AND id < ? ORDER BY id DESC LIMIT ?",
        (account, 2**63 - 1 if before is None else before, limit),
    )
    return [(id, msgspec.json.decode(document, type=Dispatch)) for id, document in rows]
