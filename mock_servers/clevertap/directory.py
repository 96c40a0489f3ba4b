"""Who is who, while one transaction changes it: profiles and what leads to them, read in bulk and written in bulk."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from ..rig.database import Numbers
from ..rig.ids import IdSource
from . import campaign_storage, event_storage, log_storage, profile_storage, profiles, subscriptions
from .accounts import Account
from .identity import OBJECT_ID_KIND, PHONE_KIND, Key, Resolution, email_key, lookups
from .log_storage import DebugEvent
from .profiles import Profile
from .subscriptions import ADDRESS_SWITCHES

IDENTITY_SET, IDENTITY_ERROR, IDENTITY_RESET = "Identity Set", "Identity Error", "Identity Reset"
"""Debug events. Source: docs.clevertap.com/docs/debug-events; documented."""

_NOTHING: Mapping[str, Any] = {}


class Directory:
    """The profiles of one account within one transaction. What is changed is stored by `keep`."""

    def __init__(self, connection: sqlite3.Connection, account: Account, ids: IdSource, now: int):
        self._connection = connection
        self._account = account
        self._fields = account.settings.identity_fields
        self._now = now
        self._numbers = Numbers(connection, "profile")
        self._object_ids = ObjectIds(connection, account.number, ids)
        self._holders: dict[Key, int] = {}
        self._known: dict[int, Profile] = {}
        self._others: dict[Key, tuple[Key, ...]] = {}
        """Every key that was looked up, and the addresses under which its holder is looked for besides."""
        self._changed: dict[int, None] = {}
        self._added: dict[Key, int] = {}
        self._moved: set[Key] = set()
        """Addresses that may have changed hands in this transaction."""

    def load(self, keys: Iterable[Key]) -> None:
        """Read whoever holds these keys, or is found by them in another way."""
        wanted = {key: () for key in keys if key not in self._others}
        if not wanted:
            return
        account = self._account.number
        holders = profile_storage.find_holders(self._connection, account, wanted)
        others = {key: lookups(key, self._fields)[1:] for key in wanted if key not in holders}
        addresses = {address: () for each in others.values() for address in each if address not in self._others}
        if addresses:
            holders.update(profile_storage.find_holders(self._connection, account, addresses))
        self._others.update(wanted | addresses | others)
        if holders:
            new = set(holders.values()).difference(self._known)
            self._known.update(profile_storage.read_profiles(self._connection, new))
            self._holders = holders | self._holders

    def find(self, key: Key) -> Profile | None:
        """Who holds a key that was loaded, or is found by it?"""
        holder = self._holders.get(key)
        if holder is None:
            for address in self._others[key]:
                if address in self._moved:
                    self._look_again(address)
                holder = self._holders.get(address)
                if holder is not None:
                    break
            else:
                return None
        return self._known[holder]

    def _look_again(self, address: Key) -> None:
        """Ask the tables, once they know of this transaction."""
        self.keep()
        self._moved.discard(address)
        self._holders.pop(address, None)
        del self._others[address]
        self.load([address])

    def add(self, keys: tuple[Key, ...], properties: dict[str, Any], last_ts: int | None) -> Profile:
        """Make a profile of identifiers that nobody holds; it gets an object id if none is among them."""
        number, now = self._numbers.next(), self._now
        if not keys or keys[0].kind != OBJECT_ID_KIND:  # an object id is always the first
            keys = (Key(OBJECT_ID_KIND, self._object_ids.next()), *keys)
        profile = Profile(id=number, keys=keys, properties=properties, created_at=now, updated_at=now, last_ts=last_ts)
        for key in keys:
            self._holders[key] = self._added[key] = number
        if properties:
            self._note_addresses(_NOTHING, properties)
        self._known[number] = profile
        self._changed[number] = None
        return profile

    def change(self, profile: Profile) -> None:
        """Let a profile be as this says; its identifiers too."""
        before = self._known.get(profile.id)
        if before is not None:
            if before.properties is not profile.properties:
                self._note_addresses(before.properties, profile.properties)
            if before.keys is not profile.keys:
                self._release(set(before.keys).difference(profile.keys))
                self._hold([key for key in profile.keys if key not in before.keys], profile.id)
        self._known[profile.id] = profile
        self._changed[profile.id] = None

    def forget_property(self, profile: Profile, name: str) -> None:
        """Take a property from a profile that may not have been loaded."""
        current = self._known.setdefault(profile.id, profile)
        properties = {other: value for other, value in current.properties.items() if other != name}
        self.change(msgspec.structs.replace(current, properties=properties))

    def _hold(self, keys: Iterable[Key], profile_id: int) -> None:
        for key in keys:
            self._holders[key] = profile_id
            self._added[key] = profile_id

    def _release(self, keys: Collection[Key]) -> None:
        if keys:
            profile_storage.remove_identifiers(self._connection, self._account.number, keys)
            for key in keys:
                self._holders.pop(key, None)
                self._added.pop(key, None)

    def remove(self, profile: Profile) -> None:
        """Forget a profile, what leads to it, and what it did."""
        self.keep()
        self._release(profile.keys)
        self._note_addresses(profile.properties, {})
        event_storage.remove_events(self._connection, profile.id)
        profile_storage.remove_profiles(self._connection, [profile.id])
        del self._known[profile.id]

    def _note_addresses(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        old, new = before.get("Email"), after.get("Email")
        if old != new:
            for email in (old, new):
                if email is not None:
                    self._moved.add(email_key(email))
        if PHONE_KIND in self._fields:
            phones = before.get("Phone"), after.get("Phone")
            self._moved.update(Key(PHONE_KIND, value) for value in phones if value is not None)

    def settle(self, resolution: Resolution[Profile]) -> Profile:
        """Give the profile of a resolution what it gets: free identifiers, and the anonymous profile it absorbs."""
        profile = resolution.profile
        assert profile is not None  # noqa: S101 - a new one is made by `add`
        if resolution.absorbed is not None:
            profile = self._absorb(profile, resolution.absorbed)
        if resolution.free:
            profile = msgspec.structs.replace(profile, keys=(*profile.keys, *resolution.free))
            self.change(profile)
            for key in resolution.free:
                if key.kind != OBJECT_ID_KIND:
                    self.note(profile, IDENTITY_SET, f"{key.kind} {key.value}")
        self.note_taken(profile, resolution.taken)
        return profile

    def note_taken(self, profile: Profile, keys: Iterable[Key]) -> None:
        """Note identifiers that a record gave and the profile did not get."""
        for key in keys:
            self.note(profile, IDENTITY_ERROR, f"{key.kind} {key.value} belongs to another profile")

    def _absorb(self, profile: Profile, anonymous: Profile) -> Profile:
        merged = profiles.absorb(profile, anonymous)
        self.keep()  # what is moved must be there
        event_storage.move_events(self._connection, anonymous.id, profile.id)
        log_storage.move_debug_events(self._connection, anonymous.id, profile.id)
        campaign_storage.move_reached(self._connection, anonymous.id, profile.id)
        profile_storage.remove_profiles(self._connection, [anonymous.id])
        del self._known[anonymous.id]
        self._note_addresses(anonymous.properties, {})
        if not ADDRESS_SWITCHES.isdisjoint(merged.properties):
            merged = msgspec.structs.replace(merged, properties=self.settle_addresses(merged.properties))
        self.change(merged)
        return merged

    def settle_addresses(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Do-not-disturb is about an address, whoever has it: let it be one with what `/1/subscribe` says of it."""
        blocked, unblocked, kept = subscriptions.settle(properties)
        profile_storage.block_addresses(self._connection, self._account.number, blocked)
        profile_storage.unblock_addresses(self._connection, self._account.number, unblocked)
        return kept

    def note(self, profile: Profile, name: str, reason: str) -> None:
        """Note a debug event of a profile."""
        log_storage.add_debug_event(self._connection, profile.id, DebugEvent(name, reason, self._now))

    def keep(self) -> None:
        """Store what was changed."""
        changed = [self._known[id] for id in self._changed if id in self._known]
        by_phone = PHONE_KIND in self._fields
        if changed:
            profile_storage.write_profiles(self._connection, self._account.number, changed, by_phone=by_phone)
        if self._added:
            profile_storage.add_identifiers(self._connection, self._account.number, self._added.items())
        self._numbers.keep()
        self._object_ids.keep()
        self._changed.clear()
        self._added.clear()


class ObjectIds:
    """The CleverTap IDs that this server gives: 32 hex characters, the same start and a number that counts."""

    def __init__(self, connection: sqlite3.Connection, account: int, ids: IdSource):
        self._connection = connection
        self._account = account
        self._start = ids.hex("clevertap object id", account, 16)
        self._numbers = Numbers(connection, f"object id {account}")
        self._taken: set[str] | None = None

    def next(self) -> str:
        """One that nobody has: an upload may have brought along one that we would give."""
        while (object_id := f"{self._start}{self._numbers.next():016x}") in self._not_free(object_id):
            pass
        return object_id

    def _not_free(self, first: str) -> set[str]:
        if self._taken is None:
            last = f"{self._start}{'f' * 16}"
            self._taken = profile_storage.object_ids_from(self._connection, self._account, first, last)
        return self._taken

    def keep(self) -> None:
        """Store how far was counted."""
        self._numbers.keep()
