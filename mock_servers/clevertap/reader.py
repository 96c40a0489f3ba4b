"""Reading back what was uploaded: single profiles, the newest of everything, the logs."""

import sqlite3
from collections.abc import Collection

from ..rig.database import Database
from . import errors, event_storage, log_storage, profile_storage
from .accounts import Account
from .events import Event
from .identity import EMAIL_KIND, Key, lookups, search_key
from .log_storage import DebugEvent, ErrorEntry, UploadEntry
from .profiles import Found, Profile
from .subscriptions import addresses_of


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

    def newest_events(
        self, account: Account, *, before: tuple[int, int] | None = None, limit: int = 20
    ) -> list[tuple[Event, Found]]:
        """A page of events with who did them, the latest first; `before` is `(ts, id)` of the last one before."""
        with self._database.read() as connection:
            names = event_storage.list_names(connection, account.number)
            found = event_storage.newest_events(connection, names, before, limit)
            who = read_found(connection, account, {event.profile_id for event in found})
            return [(event, who[event.profile_id]) for event in found]

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
