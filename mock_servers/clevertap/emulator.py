"""What CleverTap can do, and what it remembers. Each public method is one transaction.

The rules say what is right; this file asks them and keeps the outcome. Ids and times come from the `ids` and the
`clock` it was given, so equal runs are equal.
"""

import dataclasses
import hashlib
import hmac
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from ..rig.clock import Clock
from ..rig.database import Database, next_number
from ..rig.ids import IdSource
from . import accounts, errors, events, profiles, records, regions, storage
from .accounts import Account, Passcode
from .events import Event, EventCount
from .exports import EventQuery
from .identity import OBJECT_ID_KIND, Key, read_further_keys, read_keys, resolve, search_key
from .profiles import Profile
from .records import Outcome

_DEFAULT_PASSCODE_NAME = "Default"


class CleverTap:
    """All accounts of one mock server. Accounts never see each other's profiles."""

    ACCOUNT_WISHES = ("region",)

    def __init__(self, database: Database, clock: Clock, ids: IdSource):
        self._database = database
        self._clock = clock
        self._ids = ids
        with database.write() as connection:
            if not storage.list_accounts(connection, limit=1):
                self._add_account(connection, regions.DEFAULT)

    # Accounts and passcodes

    def default_credentials(self) -> dict[str, str]:
        """What opens the account that is there from the start: `account_id`, `passcode`, `region`."""
        return {"account_id": self._account_id(1), "passcode": self._passcode(1), "region": regions.DEFAULT}

    def reset(self) -> None:
        """Be as at the start: one empty account with its first passcode."""
        with self._database.write() as connection:
            storage.clear(connection)
            self._add_account(connection, regions.DEFAULT)

    def add_account(self, wishes: Mapping[str, Any]) -> dict[str, str]:
        """Make an account; returns `account_id`, `passcode`, `passcode_id`, `region`. A wrong region is a 422."""
        region = wishes.get("region", regions.DEFAULT)
        if region not in regions.REGIONS:
            raise errors.wrong_value("region", f"The region must be one of {', '.join(regions.REGIONS)}.")
        with self._database.write() as connection:
            return self._add_account(connection, region)

    def _add_account(self, connection: sqlite3.Connection, region: str) -> dict[str, str]:
        number = next_number(connection, "account")
        account = Account(self._account_id(number), region, self._clock.milliseconds())
        storage.add_account(connection, account, number)
        passcode, secret = self._add_passcode(connection, account.id, _DEFAULT_PASSCODE_NAME)
        return {"account_id": account.id, "passcode": secret, "passcode_id": passcode.id, "region": region}

    def _account_id(self, number: int) -> str:
        return accounts.account_id(int(self._ids.hex("clevertap account", number), 16))

    def _passcode(self, number: int) -> str:
        return self._ids.hex("clevertap passcode", number)

    def add_passcode(self, account_id: str, name: str | None = None) -> dict[str, Any]:
        """Make one more passcode; returns `id`, `name`, `passcode`, `created_at` (ms). The value is shown only here."""
        with self._database.write() as connection:
            self._require_account(connection, account_id)
            passcode, secret = self._add_passcode(connection, account_id, name)
        return {"id": passcode.id, "name": passcode.name, "passcode": secret, "created_at": passcode.created_at}

    def _add_passcode(self, connection: sqlite3.Connection, account_id: str, name: str | None) -> tuple[Passcode, str]:
        number = next_number(connection, "passcode")
        secret = self._passcode(number)
        passcode = Passcode(str(number), name or f"Passcode {number}", self._clock.milliseconds(), None)
        storage.add_passcode(connection, account_id, passcode, _digest(secret))
        return passcode, secret

    def list_passcodes(self, account_id: str) -> list[Passcode]:
        """The passcodes of an account, oldest first, without their values."""
        with self._database.read() as connection:
            self._require_account(connection, account_id)
            return storage.list_passcodes(connection, account_id)

    def revoke_passcode(self, account_id: str, passcode_id: str) -> Passcode:
        """Let a passcode open nothing from now on. Once revoked it stays so."""
        with self._database.write() as connection:
            self._require_account(connection, account_id)
            if not storage.revoke_passcode(connection, account_id, passcode_id, self._clock.milliseconds()):
                raise errors.no_such_passcode(account_id, passcode_id)
            passcodes = storage.list_passcodes(connection, account_id)
        return next(passcode for passcode in passcodes if passcode.id == passcode_id)

    def authenticate(self, account_id: str, passcode: str, region: str | None) -> Account:
        """Whose account do these credentials open? `region` is None where the request named none.

        Raises the 401 for, in this order: no account id, an account id that is unknown in the region, a wrong passcode.
        """
        if not account_id:
            raise errors.account_id_missing()
        with self._database.read() as connection:
            account = storage.read_account(connection, account_id)
            digests = storage.working_digests(connection, account_id)
        if account is None or region not in {None, account.region}:
            raise errors.account_id_unknown()
        sent = _digest(passcode)
        if not any(hmac.compare_digest(sent, digest) for digest in digests):
            raise errors.passcode_invalid()
        return account

    def accounts(self, limit: int = 50) -> list[Account]:
        """The first so many accounts, in the order in which they were made."""
        with self._database.read() as connection:
            return storage.list_accounts(connection, limit)

    def account(self, account_id: str) -> Account:
        """The account with this id. Raises a 404."""
        with self._database.read() as connection:
            return self._require_account(connection, account_id)

    def _require_account(self, connection: sqlite3.Connection, account_id: str) -> Account:
        account = storage.read_account(connection, account_id)
        if account is None:
            raise errors.no_such_account(account_id)
        return account

    # Uploads

    def upload(self, account: Account, uploaded: Sequence[object], *, dry_run: bool = False) -> list[Outcome]:
        """Judge every record on its own and store the good ones, in their order; a dry run only judges.

        Raises the 400 for more than 1000 records and for records nested without end; then none is stored.
        """
        if len(uploaded) > records.MOST_RECORDS:
            raise errors.too_many_records(records.MOST_RECORDS)
        if records.is_too_deep(uploaded):
            raise errors.malformed_request()
        outcomes = [Outcome(n, record, records.find_problem(record)) for n, record in enumerate(uploaded, start=1)]
        accepted = [outcome.record for outcome in outcomes if outcome.problem is None]
        if accepted and not dry_run:
            with self._database.write() as connection:
                if storage.read_account(connection, account.id) is None:
                    raise errors.account_id_unknown()  # a reset came between the credentials and the records
                now = self._clock.milliseconds()
                for record in accepted:
                    assert isinstance(record, Mapping)  # noqa: S101 - else it would have a problem
                    self._store(connection, account.id, record, now)
        return outcomes

    def _store(self, connection: sqlite3.Connection, account_id: str, record: Mapping[str, Any], now: int) -> None:
        is_profile = record["type"] == "profile"
        profile_data: Mapping[str, Any] = (record.get("profileData") or {}) if is_profile else {}
        profile_id = self._find_or_add_profile(connection, account_id, record, profile_data, now)
        ts = records.read_ts(record.get("ts"))
        if is_profile:
            profile = profiles.merge(storage.read_profile(connection, profile_id), profile_data)
            last_ts = max(filter(None, (profile.last_ts, ts)), default=None)
            storage.update_profile(connection, dataclasses.replace(profile, updated_at=now, last_ts=last_ts))
            return
        storage.add_event(
            connection,
            account_id,
            profile_id,
            name=events.read_name(record),
            properties=events.read_properties(record),
            ts=now // 1000 if ts is None else ts,
            source=events.read_source(record),
            received_at=now,
        )

    def _find_or_add_profile(
        self,
        connection: sqlite3.Connection,
        account_id: str,
        record: Mapping[str, Any],
        profile_data: Mapping[str, Any],
        now: int,
    ) -> int:
        keys = read_keys(record)
        further = read_further_keys(profile_data)
        holders = storage.find_holders(connection, account_id, dict.fromkeys((*keys, *further)))
        resolution = resolve(keys, further, holders)
        if resolution.profile_id is not None:
            storage.add_keys(connection, account_id, resolution.profile_id, resolution.free)
            return resolution.profile_id
        profile_id = next_number(connection, "profile")
        new_keys = resolution.free
        if not any(key.kind == OBJECT_ID_KIND for key in new_keys):
            new_keys = (self._free_object_id(connection, account_id), *new_keys)
        storage.add_profile(connection, account_id, Profile(profile_id, new_keys, {}, now, now))
        return profile_id

    def _free_object_id(self, connection: sqlite3.Connection, account_id: str) -> Key:
        """A CleverTap ID nobody has: an upload may have brought along one that we would give."""
        while True:
            number = next_number(connection, "object id")
            key = Key(OBJECT_ID_KIND, self._ids.hex("clevertap object id", number))
            if storage.find_holder(connection, account_id, key) is None:
                return key

    # Reading back

    def find_profile(
        self, account: Account, *, object_id: str = "", identity: str = "", email: str = ""
    ) -> tuple[Profile, list[EventCount]] | None:
        """The profile that this leads to, and how often it did what. Raises the 400 if nothing is given."""
        key = search_key(object_id=object_id, identity=identity, email=email)
        if key is None:
            raise errors.identifier_missing()
        with self._database.read() as connection:
            holders = storage.find_holders(connection, account.id, [key])
            for profile_id in holders.values():
                return storage.read_profile(connection, profile_id), storage.list_event_counts(connection, profile_id)
        return None

    def export_events(
        self, account: Account, query: EventQuery
    ) -> tuple[list[tuple[Event, Profile, list[EventCount]]], EventQuery | None]:
        """A page of events with who did them, and the query that goes on after it, or None at the end."""
        with self._database.read() as connection:
            found = storage.find_events(connection, account.id, query, query.batch_size + 1)
            page = found[: query.batch_size]
            ids = {event.profile_id for event in page}
            profiles = {id: storage.read_profile(connection, id) for id in ids}
            counts = {id: storage.list_event_counts(connection, id) for id in ids}
        rest = query.going_on_after(page[-1].ts, page[-1].id) if len(found) > len(page) else None
        return [(event, profiles[event.profile_id], counts[event.profile_id]) for event in page], rest

    def newest_profiles(self, account: Account, *, before: int | None = None, limit: int = 20) -> list[Profile]:
        """A page of profiles, the one made last first; `before` is the id of the last profile of the page before."""
        with self._database.read() as connection:
            return storage.list_profiles(connection, account.id, before, limit)

    def newest_events(
        self, account: Account, *, before: int | None = None, limit: int = 20
    ) -> list[tuple[Event, Profile]]:
        """A page of events with who did them, the one that arrived last first; `before` as in `newest_profiles`."""
        with self._database.read() as connection:
            found = storage.list_events(connection, account.id, before, limit)
            return [(event, storage.read_profile(connection, event.profile_id)) for event in found]


def _digest(passcode: str) -> str:
    return hashlib.sha256(passcode.encode("utf-8", "replace")).hexdigest()
