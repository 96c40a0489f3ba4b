"""What CleverTap can do, and what it remembers: accounts and passcodes here, the rest in the parts it holds.

Each public method, here and in the parts, is one transaction. The rules say what is right; the owners ask them and keep
the outcome. Ids and times come from the `ids` and the `clock` they were given, so equal runs are equal.
"""

import dataclasses
import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..rig.addresses import Addresses
from ..rig.clock import Clock
from ..rig.database import Database, next_number
from ..rig.ids import IdSource
from ..rig.jobs import Jobs
from . import accounts, errors, profile_storage, regions, settings, storage
from .accounts import Account, Passcode
from .campaigning import Campaigning
from .counting import Counting
from .exporting import Exporting
from .identity import PHONE_KIND
from .limits import Concurrency
from .people import People
from .reader import Reader
from .settings import DEFAULT, Settings
from .uploads import Uploads

if TYPE_CHECKING:
    import requests

_DEFAULT_PASSCODE_NAME = "Default"


class CleverTap:
    """All accounts of one mock server. Accounts never see each other's profiles."""

    ACCOUNT_WISHES = ("region", "settings")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        jobs: Jobs,
        session: "requests.Session",
        addresses: Addresses,
        *,
        find_address_problem: Callable[[str], str | None],
    ):
        self._database = database
        self._clock = clock
        self._ids = ids
        self.concurrency = Concurrency()
        self.campaigning = Campaigning(database, clock, jobs, session, addresses, find_address_problem)
        self.uploads = Uploads(database, clock, ids, self.campaigning)
        self.people = People(database, clock, ids)
        self.reader = Reader(database)
        self.exporting = Exporting(database, clock)
        self.counting = Counting(database, self.exporting)
        with database.write() as connection:
            if not storage.list_accounts(connection, limit=1):
                self._add_account(connection, regions.DEFAULT)

    def now(self) -> int:
        """The time here, in epoch seconds."""
        return self._clock.milliseconds() // 1000

    # Accounts and passcodes

    def default_credentials(self) -> dict[str, str]:
        """What opens the account that is there from the start: `account_id`, `passcode`, `region`."""
        return {"account_id": self._account_id(1), "passcode": self._passcode(1), "region": regions.DEFAULT}

    def reset(self) -> None:
        """Be as at the start: one empty account with its first passcode."""
        with self._database.write() as connection:
            storage.clear(connection)
            self.concurrency.clear()
            self._add_account(connection, regions.DEFAULT)

    def add_account(self, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """Make an account; returns `account_id`, `passcode`, `passcode_id`, `region`. A wrong wish is a 422."""
        region = wishes.get("region", regions.DEFAULT)
        if region not in regions.REGIONS:
            raise errors.wrong_value("region", f"The region must be one of {', '.join(regions.REGIONS)}.")
        wanted = _changed(DEFAULT, wishes.get("settings", {}))
        with self._database.write() as connection:
            return self._add_account(connection, region, wanted)

    def _add_account(self, connection: sqlite3.Connection, region: str, wanted: Settings = DEFAULT) -> dict[str, Any]:
        number = next_number(connection, "account")
        account = Account(self._account_id(number), number, region, self._clock.milliseconds(), wanted)
        storage.add_account(connection, account)
        passcode, secret = self._add_passcode(connection, account.id, _DEFAULT_PASSCODE_NAME)
        return {"account_id": account.id, "passcode": secret, "passcode_id": passcode.id, "region": region}

    def change_settings(self, account_id: str, wishes: object) -> Account:
        """Set some of an account's settings otherwise; returns the account. A wrong wish is a 422."""
        with self._database.write() as connection:
            account = self._require_account(connection, account_id)
            wanted = _changed(account.settings, wishes)
            storage.set_settings(connection, account, wanted)
            is_phone = PHONE_KIND in wanted.identity_fields
            if is_phone != (PHONE_KIND in account.settings.identity_fields):
                profile_storage.find_by_phone(connection, account.number, on=is_phone)
        return dataclasses.replace(account, settings=wanted)

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


def _changed(current: Settings, wishes: object) -> Settings:
    if not isinstance(wishes, Mapping):
        raise errors.wrong_value("settings", "The settings must be a JSON object.")
    try:
        return settings.changed(current, wishes)
    except settings.WrongSettingError as problem:
        raise errors.wrong_value(problem.path, str(problem)) from None


def _digest(passcode: str) -> str:
    return hashlib.sha256(passcode.encode("utf-8", "replace")).hexdigest()
