"""What reading and writing is alike for every kind of record: look up, page, keep, and tell the subscribers."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from ..rig.clock import Clock
from ..rig.database import Database
from . import errors, queries, storage
from .changes import Record, what_changed
from .checks import Fault, Version
from .companies import Caller
from .deals import KEPT_AFTER_DELETION, Deal
from .deliveries import Deliveries
from .neighbours import Neighbours
from .organizations import Organization
from .persons import Person
from .pipelines import Pipeline, Stage
from .queries import Page
from .tables import Table

T = TypeVar("T", Deal, Person, Organization, Pipeline, Stage)

_REFERENCES: tuple[tuple[str, Table[Any], str], ...] = (
    ("person_id", storage.PERSONS, "Person"),
    ("org_id", storage.ORGANIZATIONS, "Organization"),
    ("owner_id", storage.USERS, "User"),
)


class Records:
    """The records of all companies. Where a connection is given, it is the caller's transaction."""

    def __init__(self, database: Database, clock: Clock, deliveries: Deliveries):
        self._database = database
        self._clock = clock
        self._deliveries = deliveries

    def now(self) -> datetime:
        """Records know whole seconds only. Source: facts/pipedrive.md 2.4 (documented)."""
        return self._clock.now().replace(microsecond=0)

    def get(self, caller: Caller, table: Table[T], id: int) -> T:
        """One record; a deleted one for 30 days after. Raises `ApiError` 404.

        Source: facts/pipedrive.md 3.1 (assumed for deals, and here for all kinds).
        """
        with self._database.read() as connection:
            found = table.get(connection, caller.company.id, id)
        if found is None:
            raise errors.not_found(table.kind.ENTITY)
        deleted_at = (found.update_time or found.add_time) if found.is_deleted else None
        if deleted_at is not None and deleted_at + KEPT_AFTER_DELETION < self._clock.now():
            raise errors.not_found(table.kind.ENTITY)
        return found

    def page(
        self,
        caller: Caller,
        table: Table[T],
        query: Mapping[str, str],
        version: Version,
        *,
        is_archived: bool = False,
    ) -> Page[T]:
        """A page of records. Raises `ApiError` naming every wrong parameter."""
        entity = table.kind.ENTITY
        if version == "v1":
            listing, faults = queries.read_v1(query, entity, self._clock.now(), caller.user.id)
        else:
            listing, faults = queries.read_v2(query, entity, self._clock.now(), is_archived=is_archived)
        errors.refuse_if(faults)
        with self._database.read() as connection:
            listing = self._resolved(connection, caller, entity, listing)
            found = table.find(connection, caller.company.id, listing)
        return queries.page_of(found, listing)

    def _resolved(
        self, connection: sqlite3.Connection, caller: Caller, entity: str, listing: queries.Listing
    ) -> queries.Listing:
        """The listing without what only other tables know.

        A deal's persons are its primary one: there are no participants here yet (facts/pipedrive.md 3.3, documented).
        The stages of a deleted pipeline are in no list (3.6, assumed).
        """
        filters = dict(listing.filters)
        if "deal_id" in filters:
            deal = storage.DEALS.get(connection, caller.company.id, filters.pop("deal_id"))
            filters["id"] = _among(filters, "id", () if deal is None or deal.person_id is None else (deal.person_id,))
        if entity == "stage":
            existing = storage.PIPELINES.of_company(connection, caller.company.id)
            living = tuple(pipeline.id for pipeline in existing if not pipeline.is_deleted)
            filters["pipeline_id"] = _among(filters, "pipeline_id", living)
        return replace(listing, filters=filters)

    def change(
        self, caller: Caller, table: Table[T], id: int, make: Callable[[T, datetime], T], *, also_deleted: bool = False
    ) -> T:
        """Replace a record by what `make` makes of it now. Raises `ApiError` 404."""
        with self._database.write() as connection:
            before = self.living(connection, caller, table, id, also_deleted=also_deleted)
            after = make(before, self.now())
            self.keep(connection, caller, table, before, after)
        return after

    def living(
        self, connection: sqlite3.Connection, caller: Caller, table: Table[T], id: int, *, also_deleted: bool = False
    ) -> T:
        """A record that can be changed. Raises `ApiError` 404."""
        found = table.get(connection, caller.company.id, id)
        if found is None or (found.is_deleted and not also_deleted):
            raise errors.not_found(table.kind.ENTITY)
        return found

    def keep(self, connection: sqlite3.Connection, caller: Caller, table: Table[T], before: T | None, after: T) -> None:
        """Store what a write made, and put a delivery for everybody who wants to hear of it."""
        if before is None:
            table.add(connection, caller.company.id, after)
        elif before != after:
            table.replace(connection, caller.company.id, after)
        self._deliveries.announce(connection, caller, what_changed(before, after))

    def find_missing(
        self, connection: sqlite3.Connection, caller: Caller, fields: Mapping[str, Any], *, has_pipeline: bool = False
    ) -> list[Fault]:
        """The faults of fields that point to nothing. Source: facts/pipedrive.md 4.6 (assumed)."""
        references = (*_REFERENCES, ("pipeline_id", storage.PIPELINES, "Pipeline")) if has_pipeline else _REFERENCES
        faults = []
        for key, table, shown in references:
            if fields.get(key) is not None:
                found = table.get(connection, caller.company.id, fields[key])
                if found is None or getattr(found, "is_deleted", False):
                    faults.append(Fault(key, f"{shown} not found"))
        return faults

    def neighbours(self, caller: Caller, found: Iterable[Record]) -> Neighbours:
        """What these records point to."""
        records = list(found)
        company_id = caller.company.id
        with self._database.read() as connection:
            users = storage.USERS.of_company(connection, company_id)
            persons = storage.PERSONS.get_all(connection, company_id, _ids(records, "person_id"))
            organization_ids = _ids(records, "org_id") | {each.id for each in records if isinstance(each, Organization)}
            return Neighbours(
                company=caller.company,
                users={user.id: user for user in users},
                persons=persons,
                organizations=storage.ORGANIZATIONS.get_all(connection, company_id, organization_ids),
                people_counts=storage.people_counts(connection, company_id, organization_ids),
                deal_counts=self._deal_counts(connection, company_id, records),
                stages=storage.STAGES.get_all(connection, company_id, _ids(records, "stage_id")),
                pipelines=storage.PIPELINES.get_all(connection, company_id, _ids(records, "pipeline_id")),
            )

    def _deal_counts(
        self, connection: sqlite3.Connection, company_id: int, records: Iterable[Record]
    ) -> dict[tuple[str, int], dict[str, int]]:
        """How many deals the persons and organizations among the records have, by status."""
        found = {}
        for kind, column in ((Person, "person_id"), (Organization, "org_id")):
            ids = {record.id for record in records if isinstance(record, kind)}
            counts = storage.deal_counts(connection, company_id, column, ids) if ids else {}
            found.update({(kind.ENTITY, id): by_status for id, by_status in counts.items()})
        return found

    def board(self, caller: Caller, limit: int) -> list[tuple[Stage, list[Deal]]]:
        """The stages of the company in their order, each with its newest open deals."""
        with self._database.read() as connection:
            stages = storage.STAGES.of_company(connection, caller.company.id)
            existing = storage.PIPELINES.of_company(connection, caller.company.id)
            living = {pipeline.id for pipeline in existing if not pipeline.is_deleted}
            return [
                (stage, storage.board(connection, caller.company.id, stage.id, limit))
                for stage in sorted(stages, key=lambda stage: (stage.pipeline_id, stage.order_nr, stage.id))
                if not stage.is_deleted and stage.pipeline_id in living
            ]


def _among(filters: Mapping[str, Any], key: str, ids: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the ids that a filter, if there is one, lets through."""
    wanted = filters.get(key, ids)
    return tuple(id for id in ids if id in (wanted if isinstance(wanted, tuple) else (wanted,)))


def _ids(records: Iterable[Record], key: str) -> set[int]:
    return {id for record in records if (id := getattr(record, key, None)) is not None}
