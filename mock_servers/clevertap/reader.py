"""Reading back what was uploaded: single profiles, the newest of everything, the logs."""

import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from ..rig.database import Database
from . import errors, event_storage, log_storage, profile_storage
from .accounts import Account
from .event_storage import EventName
from .events import Event
from .identity import EMAIL_KIND, KINDS, PHONE_KIND, Key, lookups, search_key
from .log_storage import DebugEvent, ErrorEntry, UploadEntry
from .profiles import Found, Profile
from .properties import plain_phone
from .subscriptions import addresses_of

MOST_COUNTED = 10_000
"""How far a page counts; one more stands for more, and a page costs the same among a million. Ours."""


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


class Reader:
    """What can be seen of an account. Nothing is changed here."""

    def __init__(self, database: Database):
        self._database = database

    def find_profile(
        self, account: Account, *, object_id: str = "", identity: str = "", email: str = ""
    ) -> Found | None:
        """The profile that this leads to, and how often it did what. Raises the 400 if nothing is given."""
        key = search_key(object_id=object_id, identity=identity, email=email)
        if key is None:
            raise errors.identifier_missing()
        with self._database.read() as connection:
            found = find_holder(connection, account, key)
            if found is None:
                return None
            return read_found(connection, account, [found])[found]

    def newest_profiles(self, account: Account, *, before: int | None = None, limit: int = 20) -> list[Found]:
        """A page of profiles, the one made last first; `before` is the id of the last profile of the page before."""
        with self._database.read() as connection:
            ids = profile_storage.list_profiles(connection, account.number, before, limit)
            found = read_found(connection, account, ids)
            return [found[id] for id in ids]

    def search(self, account: Account, text: str, limit: int) -> list[Found]:
        """The profiles that have this CleverTap ID, identity, e-mail or phone, the likeliest first.

        A phone leads to nobody unless the account finds users by it.
        """
        text = text.strip()
        keys = [Key(kind, text) for kind in KINDS]
        with self._database.read() as connection:
            holders = profile_storage.find_holders(connection, account.number, keys)
            ids = dict.fromkeys(holders[key] for key in keys if key in holders)
            for kind, address in ((EMAIL_KIND, text.lower()), (PHONE_KIND, plain_phone(text))):
                ids |= dict.fromkeys(_with_address(connection, account, kind, address, limit))
            wanted = list(ids)[:limit]
            found = read_found(connection, account, wanted)
            return [found[id] for id in wanted]

    def newest_events(
        self,
        account: Account,
        *,
        name: str | None = None,
        before: tuple[int, int] | None = None,
        limit: int = 20,
    ) -> list[tuple[Event, Found]]:
        """A page of events, of one name or all, with who did them, the latest first.

        `before` is `(ts, id)` of the last one before.
        """
        with self._database.read() as connection:
            names = [each for each in event_storage.list_names(connection, account.number) if name in {None, each.name}]
            found = event_storage.newest_events(connection, names, before, limit)
            who = read_found(connection, account, {event.profile_id for event in found})
            return [(event, who[event.profile_id]) for event in found]

    def events_of(
        self, account: Account, found: Found, *, before: tuple[int, int] | None = None, limit: int = 20
    ) -> list[Event]:
        """A page of what a profile did, the latest first; `before` is `(ts, id)` of the last one before."""
        did = {count.name for count in found.counts}
        with self._database.read() as connection:
            names = [name for name in event_storage.list_names(connection, account.number) if name.name in did]
            return event_storage.newest_events_of_profile(connection, names, found.profile.id, before, limit)

    def tallies(self, account: Account, *, after: str = "", limit: int = 20) -> list[Tally]:
        """A page of the names of events in the order of the alphabet, from the one after `after`."""
        with self._database.read() as connection:
            names = event_storage.list_names(connection, account.number)
            following = sorted((name for name in names if name.name > after), key=lambda name: name.name)
            return [_tally(connection, name) for name in following[:limit]]

    def tally(self, account: Account, name: str) -> Tally | None:
        """The same for one name; None if the account never saw it."""
        with self._database.read() as connection:
            ids = event_storage.find_names(connection, account.number, [name])
            return _tally(connection, EventName(ids[name], name)) if ids else None

    def count_profiles(self, account: Account) -> int:
        """How many profiles an account has, at most one more than `MOST_COUNTED`."""
        query = "SELECT COUNT(*) FROM (SELECT 1 FROM profile WHERE account = ? LIMIT ?)"
        with self._database.read() as connection:
            return int(connection.execute(query, (account.number, MOST_COUNTED + 1)).fetchone()[0])

    def count_names(self, account: Account) -> tuple[int, int]:
        """How many names of events, and how many of custom properties, an account has seen."""
        with self._database.read() as connection:
            return (
                event_storage.count_names(connection, account.number),
                profile_storage.count_property_names(connection, account.number),
            )

    def uploads(self, account: Account, before: int | None, limit: int) -> list[tuple[int, UploadEntry]]:
        """A page of the upload log, newest first, each with its id."""
        with self._database.read() as connection:
            return log_storage.list_uploads(connection, account.number, before, limit)

    def errors(self, account: Account, before: int | None, limit: int) -> list[tuple[int, ErrorEntry]]:
        """A page of the error stream, newest first, each with its id."""
        with self._database.read() as connection:
            return log_storage.list_errors(connection, account.number, before, limit)

    def debug_events(self, profile: Profile) -> list[DebugEvent]:
        """What was noted about the identities of a profile, oldest first."""
        with self._database.read() as connection:
            return log_storage.list_debug_events(connection, profile.id)


def read_found(connection: sqlite3.Connection, account: Account, ids: Collection[int]) -> dict[int, Found]:
    """The profiles with these ids, and what is told of them beside."""
    profiles = profile_storage.read_profiles(connection, ids)
    addresses = {id: addresses_of(profile) for id, profile in profiles.items()}
    wanted = {address for each in addresses.values() for address in each}
    blocked = profile_storage.blocked_addresses(connection, account.number, wanted)
    return {
        id: Found(
            profile,
            event_storage.list_event_counts(connection, account.number, id),
            tuple(address.channel for address in addresses[id] if address in blocked),
        )
        for id, profile in profiles.items()
    }


def find_holder(connection: sqlite3.Connection, account: Account, key: Key) -> int | None:
    """The id of the profile that one key leads to, whether it was given as such or as an address."""
    if key.kind == EMAIL_KIND:
        return profile_storage.find_holders(connection, account.number, [key]).get(key)
    for other in lookups(key, account.settings.identity_fields):
        if (found := profile_storage.find_holders(connection, account.number, [other]).get(other)) is not None:
            return found
    return None


def _with_address(connection: sqlite3.Connection, account: Account, kind: str, value: str, limit: int) -> list[int]:
    """The ids of the oldest profiles with this e-mail, in lower case, or this phone."""
    query = f"SELECT id FROM profile WHERE account = ? AND {kind} = ? ORDER BY id LIMIT ?"  # noqa: S608 - kind is ours
    return [row[0] for row in connection.execute(query, (account.number, value, limit))]


def _tally(connection: sqlite3.Connection, name: EventName) -> Tally:
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
