"""What is done to users beside uploading: deleting them, parting them, taking away a phone, unsubscribing an address.

On the real service deleting takes up to two days and parting happens at night; here both happen at once.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..rig.clock import Clock
from ..rig.database import Database
from ..rig.ids import IdSource
from . import batches, errors, identity, phones, profile_storage, storage, subscriptions
from .accounts import Account
from .batches import Batch
from .directory import IDENTITY_RESET, Directory
from .identity import EMAIL_KIND, IDENTITY_KIND, OBJECT_ID_KIND, PHONE_KIND, Key
from .problems import Problem
from .profiles import Profile

MOST_VALUES = 100
"""Users of one call, in each list. Source: docs/delete-user-profile-api, 2026-07-03; documented."""


class People:
    """`delete/profiles.json`, `demerge/profiles.json`, `disassociate` and `subscribe`."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource):
        self._database = database
        self._clock = clock
        self._ids = ids

    def _directory(self, connection: sqlite3.Connection, account: Account) -> Directory:
        current = storage.read_account(connection, account.id)  # its settings may have changed since
        if current is None:
            raise errors.account_id_unknown()  # a reset came between the credentials and the call
        return Directory(connection, current, self._ids, self._clock.milliseconds())

    def delete(self, account: Account, body: Mapping[str, Any]) -> None:
        """Forget users by `identity` and `guid`, a value or a list of each. Who is not there is forgotten already.

        Raises the 400 if neither is given, for more than 100 values, and for what is no identifier. Source: as above;
        documented. Somebody who comes back is a new user: documented.
        """
        keys = [
            *_keys(body, "identity", IDENTITY_KIND),
            *_keys(body, "guid", OBJECT_ID_KIND),
        ]
        if not keys:
            raise errors.unreadable_body("One of identity and guid is mandatory")
        with self._database.write() as connection:
            directory = self._directory(connection, account)
            for profile in _meant(directory, keys):
                directory.remove(profile)
            directory.keep()

    def demerge(self, account: Account, body: Mapping[str, Any]) -> None:
        """Make anonymous profiles, one for each device, of the users with these `identities`.

        The first device keeps what the user had and did, but nothing that identifies. Raises the 400 as `delete`.
        Source: developer.clevertap.com/docs/demerge-user-profile-api; documented. Which profile keeps what: assumed.
        """
        keys = _keys(body, "identities", IDENTITY_KIND)
        if not keys:
            raise errors.unreadable_body("identities is mandatory")
        with self._database.write() as connection:
            directory = self._directory(connection, account)
            for profile in _meant(directory, keys):
                self._part(directory, account, profile)
            directory.keep()

    def _part(self, directory: Directory, account: Account, profile: Profile) -> None:
        first, *others = profile.object_ids
        identifying = {"Email": EMAIL_KIND, "Phone": PHONE_KIND}
        kept = {
            name: value
            for name, value in profile.properties.items()
            if identifying.get(name) not in account.settings.identity_fields
        }
        lost = ", ".join(profile.all_identities)
        directory.change(_only(profile, first, kept))
        directory.note(profile, IDENTITY_RESET, f"demerged; no longer known as {lost}")
        for object_id in others:
            anonymous = directory.add((Key(OBJECT_ID_KIND, object_id),), {}, None)
            if object_id in profile.tokens:
                directory.change(msgspec.structs.replace(anonymous, tokens={object_id: profile.tokens[object_id]}))
            directory.note(anonymous, IDENTITY_RESET, f"demerged; no longer a device of {lost}")

    def disassociate(self, account: Account, body: bytes) -> Batch:
        """Take phones away from the users who are found by them. Raises as an upload.

        Source: developer.clevertap.com/docs/disassociate-api; documented.
        """
        batch = _read(body, phones.find_problem)
        numbers = [phones.read_phone(entry) for entry in batch.records if entry is not None]
        with self._database.write() as connection:
            directory = self._directory(connection, account)
            for number in numbers:
                ids = profile_storage.profiles_with_phone(connection, account.number, number)
                for profile in profile_storage.read_profiles(connection, ids).values():
                    directory.forget_property(profile, "Phone")
                key = Key(IDENTITY_KIND, number)
                directory.load([key])
                holder = directory.find(key)
                if holder is not None and key in holder.keys:
                    rest = tuple(other for other in holder.keys if other != key)
                    directory.change(msgspec.structs.replace(holder, keys=rest))
                    directory.note(holder, IDENTITY_RESET, f"phone {number} was disassociated")
                directory.keep()
        return batch

    def subscribe(self, account: Account, body: bytes) -> Batch:
        """Unsubscribe addresses, or subscribe them again, for all profiles that have them. Raises as an upload.

        Source: developer.clevertap.com/docs/subscribe-api; documented.
        """
        batch = _read(body, subscriptions.find_problem)
        with self._database.write() as connection:
            self._directory(connection, account)  # raises if there is no such account any more
            for entry in batch.records:
                if entry is not None:
                    is_blocked = entry["status"] == subscriptions.UNSUBSCRIBE
                    change = profile_storage.block_addresses if is_blocked else profile_storage.unblock_addresses
                    change(connection, account.number, [subscriptions.read_address(entry)])
        return batch


def _meant(directory: Directory, keys: Sequence[Key]) -> list[Profile]:
    """The users whom these keys lead to, each once, as long as nothing is changed: then an address leads to another."""
    directory.load(keys)
    found = {profile.id: profile for key in keys if (profile := directory.find(key)) is not None}
    return list(found.values())


def _only(profile: Profile, object_id: str, properties: dict[str, Any]) -> Profile:
    return msgspec.structs.replace(
        profile,
        keys=(Key(OBJECT_ID_KIND, object_id),),
        properties=properties,
        tokens={id: token for id, token in profile.tokens.items() if id == object_id},
    )


def _read(body: bytes, find_problem: Callable[[object], Problem | None]) -> Batch:
    try:
        return batches.read_entries(body, find_problem)
    except batches.MalformedUploadError:
        raise errors.malformed_request() from None
    except batches.TooManyRecordsError:
        raise errors.too_many_records(batches.MOST_RECORDS) from None


def _keys(body: Mapping[str, Any], member: str, kind: str) -> list[Key]:
    """The identifiers that a member holds, each once. Raises the 400 for what is none, and for too many."""
    given = body.get(member)
    values: Sequence[Any] = [] if given is None else given if isinstance(given, list) else [given]
    if len(values) > MOST_VALUES:
        raise errors.unreadable_body(f"{member}: at most {MOST_VALUES} values are allowed in one request")
    texts = [identity.read_text(value) for value in values]
    if None in texts:
        raise errors.unreadable_body(f"{member}: every value must be an identifier, as a text or a number")
    return list(dict.fromkeys(Key(kind, text) for text in texts if text is not None))
