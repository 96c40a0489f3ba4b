"""How events lie in the database: a row each, in the order of their names and times, and a tally per profile and name.

Functions take the connection of an open transaction. A page is found by name and time, or by profile, at the same cost
among a thousand events and a million.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from ..rig.database import insert_rows
from .events import Event, EventCount


class EventDocument(msgspec.Struct, frozen=True, gc=False):
    """What of an event is not looked for."""

    properties: dict[str, Any]
    source: str
    received_at: int


class NewEvent(msgspec.Struct, frozen=True, gc=False):
    """An event to store."""

    name_id: int
    ts: int
    id: int
    profile_id: int
    document: EventDocument


class EventName(NamedTuple):
    """A name of an event that an account has seen."""

    id: int
    name: str


MOST_COUNTED = 10_000
"""How far a tally counts; one more stands for more, so it costs the same among a million. Ours."""


class Tally(NamedTuple):
    """How often there were events of a name, of how many users, when first and last (epoch seconds, None for never)."""

    name: str
    events: int
    users: int
    first_seen: int | None
    last_seen: int | None

    @property
    def is_more(self) -> bool:
        """Are there more users, and so perhaps more events?"""
        return self.users > MOST_COUNTED


_DECODER = msgspec.json.Decoder(EventDocument)
_ENCODER = msgspec.json.Encoder()
_LAST = 2**63 - 1
_OF_PROFILE = "event INDEXED BY event_of_profile"
"""SQLite would rather read all events of the name, which is every user's."""


def find_names(connection: sqlite3.Connection, account: int, names: Iterable[str]) -> dict[str, int]:
    """The ids of these names of events, as far as the account has seen them."""
    found = {}
    for name in names:
        query = "SELECT id FROM event_name WHERE account = ? AND name = ?"
        if row := connection.execute(query, (account, name)).fetchone():
            found[name] = row[0]
    return found


def list_names(connection: sqlite3.Connection, account: int) -> list[EventName]:
    """All names of events that an account has seen, at most as many as it may have, in the order of their coming."""
    rows = connection.execute("SELECT id, name FROM event_name WHERE account = ? ORDER BY id", (account,))
    return [EventName(*row) for row in rows]


def count_names(connection: sqlite3.Connection, account: int) -> int:
    """How many names of events an account has seen."""
    return int(connection.execute("SELECT COUNT(*) FROM event_name WHERE account = ?", (account,)).fetchone()[0])


def add_name(connection: sqlite3.Connection, account: int, name: str) -> int:
    """Remember a name; returns its id."""
    cursor = connection.execute("INSERT INTO event_name (account, name) VALUES (?, ?)", (account, name))
    return int(cursor.lastrowid or 0)


def add_events(connection: sqlite3.Connection, events: Sequence[NewEvent]) -> None:
    """Store events and count them for their profiles."""
    encode = _ENCODER.encode
    insert_rows(
        connection,
        "event",
        ("name_id", "ts", "id", "profile_id", "document"),
        [(event.name_id, event.ts, event.id, event.profile_id, encode(event.document)) for event in events],
    )
    counts: dict[tuple[int, int], tuple[int, int, int]] = {}
    for event in events:
        key, ts = (event.name_id, event.profile_id), event.ts
        before = counts.get(key)
        counts[key] = (1, ts, ts) if before is None else (before[0] + 1, min(before[1], ts), max(before[2], ts))
    insert_rows(
        connection,
        "event_count",
        ("name_id", "profile_id", "count", "first_seen", "last_seen"),
        [(*key, *count) for key, count in counts.items()],
        "ON CONFLICT (name_id, profile_id) DO UPDATE SET count = event_count.count + excluded.count,"
        " first_seen = MIN(event_count.first_seen, excluded.first_seen),"
        " last_seen = MAX(event_count.last_seen, excluded.last_seen)",
    )


def move_events(connection: sqlite3.Connection, source: int, target: int) -> None:
    """Let the events of one profile be those of another."""
    connection.execute(
        "INSERT INTO event_count (name_id, profile_id, count, first_seen, last_seen)"
        " SELECT name_id, ?, count, first_seen, last_seen FROM event_name"
        " JOIN event_count ON event_count.name_id = event_name.id AND profile_id = ?"
        " WHERE account = (SELECT account FROM profile WHERE id = ?)"
        " ON CONFLICT (name_id, profile_id) DO UPDATE SET count = event_count.count + excluded.count,"
        " first_seen = MIN(event_count.first_seen, excluded.first_seen),"
        " last_seen = MAX(event_count.last_seen, excluded.last_seen)",
        (target, source, source),
    )
    connection.execute("UPDATE event SET profile_id = ? WHERE profile_id = ?", (target, source))
    _remove_counts(connection, source)


def remove_events(connection: sqlite3.Connection, profile_id: int) -> None:
    """Forget what a profile did."""
    connection.execute("DELETE FROM event WHERE profile_id = ?", (profile_id,))
    _remove_counts(connection, profile_id)


def _remove_counts(connection: sqlite3.Connection, profile_id: int) -> None:
    connection.execute(
        "DELETE FROM event_count WHERE profile_id = ? AND name_id IN"
        " (SELECT id FROM event_name WHERE account = (SELECT account FROM profile WHERE id = ?))",
        (profile_id, profile_id),
    )


def list_event_counts(connection: sqlite3.Connection, account: int, profile_id: int) -> list[EventCount]:
    """How often a profile did what, by name."""
    rows = connection.execute(
        "SELECT name, count, first_seen, last_seen FROM event_name"
        " JOIN event_count ON event_count.name_id = event_name.id AND profile_id = ?"
        " WHERE account = ? ORDER BY name",
        (profile_id, account),
    )
    return [EventCount(*row) for row in rows]


def find_events(
    connection: sqlite3.Connection, name: EventName, since: int, until: int, after: tuple[int, int] | None
) -> Iterator[Event]:
    """The events of a name from one moment up to but without another, by their own time, after `(ts, id)`."""
    ts, id = after or (since, 0)
    rows = connection.execute(
        "SELECT id, profile_id, ts, document FROM event"
        " WHERE name_id = ? AND (ts, id) > (?, ?) AND ts < ? ORDER BY ts, id",
        (name.id, max(ts, since), id if ts >= since else 0, until),
    )
    return (_event(name.name, row) for row in rows)


def find_events_of_profile(
    connection: sqlite3.Connection, name: EventName, profile_id: int, since: int, until: int
) -> Iterator[Event]:
    """The same for one profile."""
    rows = connection.execute(
        f"SELECT id, profile_id, ts, document FROM {_OF_PROFILE}"  # noqa: S608 - the name is ours
        " WHERE profile_id = ? AND name_id = ? AND ts >= ? AND ts < ? ORDER BY ts, id",
        (profile_id, name.id, since, until),
    )
    return (_event(name.name, row) for row in rows)


def profiles_with_event(connection: sqlite3.Connection, name: EventName, after: int, limit: int) -> list[int]:
    """The ids of profiles that ever did something of this name, from the one after the id `after`."""
    rows = connection.execute(
        "SELECT profile_id FROM event_count WHERE name_id = ? AND profile_id > ? ORDER BY profile_id LIMIT ?",
        (name.id, after, limit),
    )
    return [row[0] for row in rows]


def count_events(connection: sqlite3.Connection, name: EventName, since: int, until: int) -> int:
    """How many events of a name there are between two moments."""
    query = "SELECT COUNT(*) FROM event WHERE name_id = ? AND ts >= ? AND ts < ?"
    return int(connection.execute(query, (name.id, since, until)).fetchone()[0])


def tally(connection: sqlite3.Connection, name: EventName) -> Tally:
    """The numbers of one name of events."""
    counted = "SELECT count FROM event_count WHERE name_id = ? LIMIT ?"
    events, users = connection.execute(
        f"SELECT COALESCE(SUM(count), 0), COUNT(*) FROM ({counted})",  # noqa: S608 - no value in it
        (name.id, MOST_COUNTED + 1),
    ).fetchone()
    first, last = (
        connection.execute(f"SELECT {which}(ts) FROM event WHERE name_id = ?", (name.id,)).fetchone()[0]  # noqa: S608
        for which in ("MIN", "MAX")
    )
    return Tally(name.name, events, users, first, last)


def newest_events(
    connection: sqlite3.Connection, names: Iterable[EventName], before: tuple[int, int] | None, limit: int
) -> list[Event]:
    """The newest events of some names by their own time, from the one before `(ts, id)`."""
    found: list[Event] = []
    for name in names:
        rows = connection.execute(
            "SELECT id, profile_id, ts, document FROM event WHERE name_id = ? AND (ts, id) < (?, ?)"
            " ORDER BY ts DESC, id DESC LIMIT ?",
            (name.id, *(before or (_LAST, _LAST)), limit),
        )
        found.extend(_event(name.name, row) for row in rows)
    found.sort(key=lambda event: (event.ts, event.id), reverse=True)
    return found[:limit]


def newest_events_of_profile(
    connection: sqlite3.Connection,
    names: Iterable[EventName],
    profile_id: int,
    before: tuple[int, int] | None,
    limit: int,
) -> list[Event]:
    """The same for one profile."""
    found: list[Event] = []
    for name in names:
        rows = connection.execute(
            f"SELECT id, profile_id, ts, document FROM {_OF_PROFILE}"  # noqa: S608 - the name is ours
            " WHERE profile_id = ? AND name_id = ? AND (ts, id) < (?, ?) ORDER BY ts DESC, id DESC LIMIT ?",
            (profile_id, name.id, *(before or (_LAST, _LAST)), limit),
        )
        found.extend(_event(name.name, row) for row in rows)
    found.sort(key=lambda event: (event.ts, event.id), reverse=True)
    return found[:limit]


def _event(name: str, row: Iterable[Any]) -> Event:
    id, profile_id, ts, document = row
    kept = _DECODER.decode(document)
    return Event(id, profile_id, name, kept.properties, ts, kept.source, kept.received_at)
