"""What an upload does: each record judged on its own, the good ones stored in their order, all in one transaction."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ..rig.clock import Clock
from ..rig.database import Database, Numbers
from ..rig.ids import IdSource
from . import (
    batches,
    errors,
    event_storage,
    log_storage,
    operators,
    profile_storage,
    profiles,
    storage,
)
from .accounts import Account
from .batches import Batch
from .campaigning import Campaigning, Watch
from .directory import Directory
from .event_storage import EventDocument, NewEvent
from .identity import Key, resolve
from .log_storage import MOST_OUTCOMES, ErrorEntry, RecordOutcome, UploadEntry
from .problems import Remark
from .profiles import Profile
from .properties import SYSTEM
from .records import EventRecord, ProfileRecord, Record, TokenRecord
from .subscriptions import ADDRESS_SWITCHES

_LONGEST_TEXT = 500
"""Characters of a type or a remark that the logs keep."""
_LONGEST_RECORD = 2_000
"""Characters of a refused record that the error stream keeps."""


class Uploads:
    """`POST /1/upload`."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource, campaigning: Campaigning):
        self._database = database
        self._clock = clock
        self._ids = ids
        self._campaigning = campaigning

    def upload(self, account: Account, body: bytes, *, dry_run: bool = False) -> Batch:
        """Take the records of a body `{"d": [record, ...]}`; a dry run only judges them.

        Raises the 400 for a malformed body and for more than 1000 records; then none is stored.
        """
        now = self._clock.milliseconds()
        try:
            batch = batches.read_batch(body, account.settings, now // 1000)
        except batches.MalformedUploadError:
            raise errors.malformed_request() from None
        except batches.TooManyRecordsError:
            raise errors.too_many_records(batches.MOST_RECORDS) from None
        with self._database.write() as connection:
            current = storage.read_account(connection, account.id)  # its settings may have changed since
            if current is None:
                raise errors.account_id_unknown()  # a reset came between the credentials and the records
            passage = _Passage(connection, current, self._ids, self._campaigning, now)
            if not dry_run:
                passage.store(batch)
            passage.log(batch, is_dry_run=dry_run)
        return batch


class _Passage:
    """One upload on its way into the tables."""

    def __init__(
        self, connection: sqlite3.Connection, account: Account, ids: IdSource, campaigning: Campaigning, now: int
    ):
        self._connection = connection
        self._account = account
        self._campaigning = campaigning
        self._watch: Watch | None = None
        self._now = now
        self._directory = Directory(connection, account, ids, now)
        self._event_numbers = Numbers(connection, "event")
        self._events: list[NewEvent] = []
        self._name_ids: dict[str, int | None] = {}
        self._surplus: set[str] = set()
        self._remarks: list[tuple[int, Remark]] = []
        self._outcomes: list[RecordOutcome] = []

    def store(self, batch: Batch) -> None:
        """Apply all accepted records, in their order."""
        accepted = [record for record in batch.records if record is not None]
        if not accepted:
            return
        keys = [record.keys for record in accepted]
        self._directory.load(_all_keys(keys, accepted))
        self._name_ids = self._find_names([record.name for record in accepted if type(record) is EventRecord])
        self._watch = self._campaigning.watch(self._connection, self._account, self._name_ids)
        self._surplus = self._find_surplus([record for record in accepted if type(record) is ProfileRecord])
        numbers = (number for number, record in enumerate(batch.records, start=1) if record is not None)
        for number, record, its_keys in zip(numbers, accepted, keys, strict=True):
            self._store_one(number, record, its_keys)
        self._directory.keep()
        self._keep_events()
        self._event_numbers.keep()

    def _keep_events(self) -> None:
        event_storage.add_events(self._connection, self._events)
        self._events.clear()

    def _store_one(self, number: int, record: Record, keys: tuple[Key, ...]) -> None:
        further = () if record.links is None else record.links.further
        resolution = resolve(keys, further, self._directory.find)
        found = resolution.profile
        if resolution.absorbed is not None:
            self._keep_events()  # before they are moved
        if found is not None and (resolution.free or resolution.taken or resolution.absorbed):
            found = self._directory.settle(resolution)
        if isinstance(record, EventRecord):
            profile = found or self._directory.add(resolution.free, {}, None)
            self._add_event(number, record, profile)
        elif isinstance(record, ProfileRecord):
            profile = self._add_data(number, record, found, resolution.free)
        else:
            profile = self._add_token(record, found or self._directory.add(resolution.free, {}, None))
        if found is None:
            self._directory.note_taken(profile, resolution.taken)
        if number <= MOST_OUTCOMES:
            self._outcomes.append(
                RecordOutcome(number, record.kind, profile.object_ids[0], found is None, resolution.reason)
            )

    def _add_data(self, number: int, record: ProfileRecord, found: Profile | None, free: tuple[Key, ...]) -> Profile:
        remarks: list[Remark] = []
        data = self._without_surplus(record.data, number) if self._surplus else record.data
        properties = profiles.merge(found.properties if found else {}, data, remarks)
        self._remarks.extend((number, remark) for remark in remarks)
        if not ADDRESS_SWITCHES.isdisjoint(properties):
            properties = self._directory.settle_addresses(properties)
        if found is None:
            return self._directory.add(free, properties, record.ts)
        profile = Profile(
            id=found.id,
            keys=found.keys,
            properties=properties,
            created_at=found.created_at,
            updated_at=self._now,
            last_ts=found.last_ts if record.ts is None else max(record.ts, found.last_ts or 0),
            tokens=found.tokens,
        )
        self._directory.change(profile)
        return profile

    def _add_event(self, number: int, record: EventRecord, profile: Profile) -> None:
        name_id = self._name_ids[record.name]
        if name_id is None:
            most = self._account.settings.event_types
            text = f"{record.name}: the account has its {most} event types; this one was not stored."
            self._remarks.append((number, Remark("Maximum event limit exceeded", text)))
            return
        ts = self._now // 1000 if record.ts is None else record.ts
        document = EventDocument(record.data, record.source, self._now)
        self._events.append(NewEvent(name_id, ts, self._event_numbers.next(), profile.id, document))
        if self._watch is not None:
            self._watch.notice(profile, record.name, record.data, ts, record.source)

    def _add_token(self, record: TokenRecord, profile: Profile) -> Profile:
        tokens = {**profile.tokens, record.object_id: record.token}
        profile = msgspec.structs.replace(profile, tokens=tokens, updated_at=self._now)
        self._directory.change(profile)
        return profile

    def _find_names(self, names: Iterable[str]) -> dict[str, int | None]:
        """The ids of names of events; None for one that the account cannot have any more.

        Source: docs.clevertap.com on the error stream (events outside the limit are dropped); documented.
        """
        account, wanted = self._account, list(dict.fromkeys(names))  # the first to come get the places
        ids: dict[str, int | None] = dict(event_storage.find_names(self._connection, account.number, wanted))
        new = [name for name in wanted if name not in ids]
        if new:
            free = account.settings.event_types - event_storage.count_names(self._connection, account.number)
            for position, name in enumerate(new):
                is_free = position < free
                ids[name] = event_storage.add_name(self._connection, account.number, name) if is_free else None
        return ids

    def _find_surplus(self, accepted: Iterable[ProfileRecord]) -> set[str]:
        """The custom properties that the account cannot have any more; new ones that it can are remembered."""
        account = self._account
        names = dict.fromkeys(
            name for shape in dict.fromkeys(tuple(record.data) for record in accepted) for name in shape
        )
        custom = [name for name in names if name not in SYSTEM]
        known = profile_storage.known_property_names(self._connection, account.number, custom)
        new = [name for name in custom if name not in known]
        if not new:
            return set()
        seen = profile_storage.count_property_names(self._connection, account.number)
        free = max(account.settings.profile_properties - seen, 0)
        for name in new[:free]:
            profile_storage.add_property_name(self._connection, account.number, name)
        return set(new[free:])

    def _without_surplus(self, data: Mapping[str, Any], number: int) -> dict[str, Any]:
        most = self._account.settings.profile_properties
        for name in data:
            if name in self._surplus:
                text = f"{name}: the account has its {most} custom properties; this one was left out."
                self._remarks.append((number, Remark("property dropped", text)))
        return {name: value for name, value in data.items() if name not in self._surplus}

    def log(self, batch: Batch, *, is_dry_run: bool) -> None:
        """Remember what became of the upload; a dry run leaves nothing in the error stream."""
        outcomes = self._outcomes + [
            RecordOutcome(
                each.number, code=each.problem.code, error=each.problem.message(each.number), type=_kind(each.record)
            )
            for each in batch.refused[:MOST_OUTCOMES]
        ]
        outcomes.sort(key=lambda outcome: outcome.number)
        log_storage.add_upload(
            self._connection,
            self._account.number,
            UploadEntry(
                self._now,
                is_dry_run,
                batch.status,
                batch.processed,
                len(batch.refused),
                tuple(outcomes[:MOST_OUTCOMES]),
            ),
        )
        if is_dry_run:
            return
        entries = [
            ErrorEntry(
                self._now,
                each.number,
                "record refused",
                each.problem.message(each.number),
                each.problem.code,
                operators.as_text(each.record)[:_LONGEST_RECORD],
            )
            for each in batch.refused
        ]
        entries += [
            ErrorEntry(self._now, number, remark.kind, remark.text[:_LONGEST_TEXT])
            for number, remark in (*batch.remarks, *self._remarks)
        ]
        entries.sort(key=lambda entry: entry.number)
        log_storage.add_errors(self._connection, self._account.number, entries)


def _all_keys(keys: Iterable[tuple[Key, ...]], accepted: Iterable[Record]) -> Iterator[Key]:
    for its_keys in keys:
        yield from its_keys
    for links in [record.links for record in accepted if record.links is not None]:
        yield from links.further


def _kind(record: object) -> str | None:
    kind = record.get("type") if isinstance(record, Mapping) else None
    return kind[:_LONGEST_TEXT] if isinstance(kind, str) else None
