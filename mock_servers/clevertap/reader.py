"""Reading back what was uploaded: single profiles, the newest of everything, the logs."""

import sqlite3
from collections.abc import Collection

from ..rig.database import Database
from . import errors, event_storage, log_storage, profile_storage
from .accounts import Account
from .event_storage import MOST_COUNTED, EventName, Tally
from .events import Event
from .identity import EMAIL_KIND, KINDS, PHONE_KIND, Key, email_key, lookups, search_key
from .log_storage import DebugEvent, ErrorEntry, UploadEntry
from .profiles import Found, Profile
from .properties import plain_phone
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

    def search(self, account: Account, text: str, limit: int) -> list[Found]:
        """The profiles that have this CleverTap ID, identity, e-mail or phone, the likeliest first.

        A phone leads to nobody unless the account finds users by it.
        """
        text = text.strip()
        keys = [Key(kind, text) for kind in KINDS]
        with self._database.read() as connection:
            holders = profile_storage.find_holders(connection, account.number, keys)
            ids = dict.fromkeys(holders[key] for key in keys if key in holders)
            for address in (Key(EMAIL_KIND, text.lower()), Key(PHONE_KIND, plain_phone(text))):
                ids |= dict.fromkeys(profile_storage.ids_with_address(connection, account.number, address, limit))
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
            return [event_storage.tally(connection, name) for name in following[:limit]]

    def tally(self, account: Account, name: str) -> Tally | None:
        """The same for one name; None if the account never saw it."""
        with self._database.read() as connection:
            ids = event_storage.find_names(connection, account.number, [name])
            return event_storage.tally(connection, EventName(ids[name], name)) if ids else None

    def count_profiles(self, account: Account) -> int:
        """How many profiles an account has, at most one more than `MOST_COUNTED`."""
        with self._database.read() as connection:
            return profile_storage.count_profiles(connection, account.number, MOST_COUNTED + 1)

    def sharing_email(self, account: Account, profile: Profile, limit: int = 5) -> list[Profile]:
        """The oldest other profiles with the same e-mail: they stay apart, which a person should know."""
        if profile.email is None:
            return []
        with self._database.read() as connection:
            ids = profile_storage.ids_with_address(connection, account.number, email_key(profile.email), limit + 1)
            others = profile_storage.read_profiles(connection, [id for id in ids if id != profile.id])
        return list(others.values())[:limit]

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
    return {
        id: user._replace(counts=event_storage.list_event_counts(connection, account.number, id))
        for id, user in read_users(connection, account, ids).items()
    }


def read_users(connection: sqlite3.Connection, account: Account, ids: Collection[int]) -> dict[int, Found]:
    """The same without how often they did what."""
    profiles = profile_storage.read_profiles(connection, ids)
    addresses = {id: addresses_of(profile) for id, profile in profiles.items()}
    wanted = {address for each in addresses.values() for address in each}
    blocked = profile_storage.blocked_addresses(connection, account.number, wanted)
    return {
        id: Found(profile, [], tuple(address.channel for address in addresses[id] if address in blocked))
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
