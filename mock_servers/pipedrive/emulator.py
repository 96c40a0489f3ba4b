"""The mock Pipedrive itself: its verbs, each one transaction, over the rules and the storage.

What may be written, and what a write makes of it, is said in the rules; this module fetches what they must know,
keeps what they return, and tells the subscribers in the same transaction. Verbs of writing take the body as it
came, in the words of `version`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..rig.addresses import Addresses
from ..rig.clock import Clock
from ..rig.database import Database, next_number
from ..rig.ids import IdSource
from ..rig.jobs import Jobs
from . import accounts, deals, errors, organizations, persons, pipelines, storage
from .changes import Record
from .checks import Fault, Version
from .companies import Caller, Credentials, User
from .deals import Deal
from .deliveries import Deliveries
from .neighbours import Neighbours
from .organizations import Organization
from .persons import Person
from .pipelines import Pipeline, Stage
from .queries import Page
from .records import Records
from .sign_in import SignIn
from .subscriptions import Subscriptions

if TYPE_CHECKING:
    import requests

Body = Mapping[str, object]


class Pipedrive:
    """All companies of one server. A file without any is filled with the default company."""

    ACCOUNT_WISHES = ("company_name", "deals")

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        jobs: Jobs,
        session: "requests.Session",
        addresses: Addresses,
        *,
        deals: int,
        find_address_problem: Callable[[str], str | None],
        track: accounts.Track = accounts.untracked,
    ):
        self._database = database
        self._clock = clock
        self._ids = ids
        self._addresses = addresses
        self._deals_at_start = deals
        self._accounts = accounts.Accounts(database, clock, ids, track)
        self._records = Records(database, clock, Deliveries(database, clock, ids, jobs, session, addresses))
        self.sign_in = SignIn(database, clock, ids, addresses)
        self.subscriptions = Subscriptions(database, clock, jobs, addresses, find_address_problem)
        with database.write() as connection:
            if storage.is_empty(connection):
                self._fill(connection)

    # Accounts

    def _fill(self, connection: sqlite3.Connection) -> None:
        self._accounts.fill(connection, deals=self._deals_at_start, now=self._records.now())

    def reset(self) -> None:
        """Be as at the start again. What numbers deliveries, tokens and events goes on."""
        with self._database.write() as connection:
            storage.clear(connection)
            self._fill(connection)

    def default_credentials(self) -> dict[str, str]:
        """How to get into the default company: by its admin's token, or as the app Zapier."""
        app = accounts.zapier_app(self._ids)
        return {
            "api_token": accounts.api_token(self._ids, accounts.FIRST_COMPANY_ID, accounts.FIRST_USER_ID),
            "company_domain": self._accounts.find_company(None).domain,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "redirect_uri": self._addresses.to_url(app.redirect_uri),
        }

    def add_account(self, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """A further company, empty unless deals are wished for. Raises `ApiError` naming every wrong wish."""
        name, wished_deals = accounts.read_wishes(wishes)
        with self._database.write() as connection:
            company, admin = self._accounts.add_company(
                connection, name=name, deals=wished_deals, now=self._records.now()
            )
        return {
            "company_name": company.name,
            "company_domain": company.domain,
            "api_token": accounts.api_token(self._ids, company.id, admin.id),
            "user_id": admin.id,
        }

    def authenticate(self, credentials: Credentials) -> Caller:
        """Whose credentials these are. Raises `ApiError` 401."""
        return self._accounts.authenticate(credentials)

    def at_the_screen(self, domain: str | None = None) -> Caller:
        """The admin of a company (of the default one if there is no such domain) at the user interface."""
        return self._accounts.at_the_screen(domain)

    def list_users(self, caller: Caller) -> list[User]:
        """The company's users."""
        return self._accounts.list_users(caller.company.id)

    def get_user(self, caller: Caller, id: int) -> User:
        """One of the company's users. Raises `ApiError` 404."""
        return self._accounts.get_user(caller.company.id, id)

    def now(self) -> datetime:
        """What time it is for this server."""
        return self._clock.now()

    # Deals

    def add_deal(self, caller: Caller, fields: Body, version: Version = "v2") -> Deal:
        """Create a deal. Raises `ApiError` naming everything that is wrong."""
        known, faults = deals.read_fields(fields, version, is_new=True)
        faults += deals.find_status_faults(known, known.get("status", "open"), version)
        with self._database.write() as connection:
            stage = self._choose_stage(connection, caller, known, None)
            if not isinstance(stage, Stage):
                raise errors.invalid([*faults, *([stage] if stage else [])])
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known))
            id = next_number(connection, f"{caller.company.id}/deal")
            deal = deals.new_deal(known, id=id, by=caller, stage=stage, now=self._records.now())
            self._records.keep(connection, caller, storage.DEALS, None, deal)
        return deal

    def update_deal(self, caller: Caller, id: int, fields: Body, version: Version = "v2") -> Deal:
        """Change a deal; what is not named stays. Raises `ApiError`."""
        known, faults = deals.read_fields(fields, version, is_new=False)
        with self._database.write() as connection:
            before = self._records.living(connection, caller, storage.DEALS, id)
            if not deals.may_be_edited(before, known):
                raise errors.forbidden("Archived deals cannot be edited.")
            faults += deals.find_status_faults(known, known.get("status", before.status), version)
            stage = self._choose_stage(connection, caller, known, before.pipeline_id)
            if isinstance(stage, Fault):
                faults.append(stage)
                stage = None
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known))
            after = deals.changed_deal(before, known, stage=stage, now=self._records.now())
            self._records.keep(connection, caller, storage.DEALS, before, after)
        return after

    def move_deal(self, caller: Caller, id: int, stage_id: int) -> Deal:
        """Move a deal to another stage. Raises `ApiError`."""
        return self.update_deal(caller, id, {"stage_id": stage_id})

    def delete_deal(self, caller: Caller, id: int) -> Deal:
        """Delete a deal; it can be read for 30 more days. Raises `ApiError`."""
        return self._records.change(caller, storage.DEALS, id, deals.deleted_deal)

    def get_deal(self, caller: Caller, id: int) -> Deal:
        """Read a deal. Raises `ApiError` 404."""
        return self._records.get(caller, storage.DEALS, id)

    def list_deals(
        self, caller: Caller, query: Mapping[str, str], version: Version = "v2", *, is_archived: bool = False
    ) -> Page[Deal]:
        """A page of deals. Raises `ApiError` naming every wrong parameter."""
        return self._records.page(caller, storage.DEALS, query, version, is_archived=is_archived)

    def _choose_stage(
        self, connection: sqlite3.Connection, caller: Caller, known: Mapping[str, Any], current: int | None
    ) -> Stage | Fault | None:
        stages = storage.STAGES.of_company(connection, caller.company.id)
        existing = storage.PIPELINES.of_company(connection, caller.company.id)
        return pipelines.choose_stage(known, stages, existing, current)

    # Persons and organizations

    def add_person(self, caller: Caller, fields: Body, version: Version = "v2") -> Person:
        """Create a person. Raises `ApiError` naming everything that is wrong."""
        self._refuse_contact_sync(fields, version)
        known, faults = persons.read_fields(fields, version, is_new=True)
        with self._database.write() as connection:
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known))
            id = next_number(connection, f"{caller.company.id}/person")
            owner_id = known.get("owner_id", caller.user.id)
            person = persons.new_person(known, id=id, owner_id=owner_id, now=self._records.now())
            errors.refuse_if(persons.find_name_faults(person, version))
            self._records.keep(connection, caller, storage.PERSONS, None, person)
        return person

    def update_person(self, caller: Caller, id: int, fields: Body, version: Version = "v2") -> Person:
        """Change a person; e-mails and phones are replaced as a whole. Raises `ApiError`."""
        self._refuse_contact_sync(fields, version)
        known, faults = persons.read_fields(fields, version, is_new=False)
        with self._database.write() as connection:
            before = self._records.living(connection, caller, storage.PERSONS, id)
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known))
            after = persons.changed_person(before, known, self._records.now())
            errors.refuse_if(persons.find_name_faults(after, version))
            self._records.keep(connection, caller, storage.PERSONS, before, after)
        return after

    @staticmethod
    def _refuse_contact_sync(fields: Body, version: Version) -> None:
        if version == "v2" and any(key in fields for key in persons.CONTACT_SYNC_KEYS):
            raise errors.forbidden()

    def delete_person(self, caller: Caller, id: int) -> Person:
        """Delete a person; deals keep their link. Raises `ApiError`."""
        return self._records.change(caller, storage.PERSONS, id, persons.deleted_person)

    def get_person(self, caller: Caller, id: int) -> Person:
        """Read a person. Raises `ApiError` 404."""
        return self._records.get(caller, storage.PERSONS, id)

    def list_persons(self, caller: Caller, query: Mapping[str, str], version: Version = "v2") -> Page[Person]:
        """A page of persons. Raises `ApiError` naming every wrong parameter."""
        return self._records.page(caller, storage.PERSONS, query, version)

    def add_organization(self, caller: Caller, fields: Body, version: Version = "v2") -> Organization:
        """Create an organization. Raises `ApiError` naming everything that is wrong."""
        known, faults = organizations.read_fields(fields, version, is_new=True)
        with self._database.write() as connection:
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known))
            id = next_number(connection, f"{caller.company.id}/organization")
            owner_id = known.get("owner_id", caller.user.id)
            organization = organizations.new_organization(known, id=id, owner_id=owner_id, now=self._records.now())
            self._records.keep(connection, caller, storage.ORGANIZATIONS, None, organization)
        return organization

    def update_organization(self, caller: Caller, id: int, fields: Body, version: Version = "v2") -> Organization:
        """Change an organization. Raises `ApiError`."""
        known, faults = organizations.read_fields(fields, version, is_new=False)
        with self._database.write() as connection:
            before = self._records.living(connection, caller, storage.ORGANIZATIONS, id)
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known))
            after = organizations.changed_organization(before, known, self._records.now())
            self._records.keep(connection, caller, storage.ORGANIZATIONS, before, after)
        return after

    def delete_organization(self, caller: Caller, id: int) -> Organization:
        """Delete an organization; deals and persons keep their link. Raises `ApiError`."""
        return self._records.change(caller, storage.ORGANIZATIONS, id, organizations.deleted_organization)

    def get_organization(self, caller: Caller, id: int) -> Organization:
        """Read an organization. Raises `ApiError` 404."""
        return self._records.get(caller, storage.ORGANIZATIONS, id)

    def list_organizations(
        self, caller: Caller, query: Mapping[str, str], version: Version = "v2"
    ) -> Page[Organization]:
        """A page of organizations. Raises `ApiError` naming every wrong parameter."""
        return self._records.page(caller, storage.ORGANIZATIONS, query, version)

    # Pipelines and stages

    def add_pipeline(self, caller: Caller, fields: Body, version: Version = "v2") -> Pipeline:
        """Create a pipeline, at the end. Raises `ApiError` naming everything that is wrong."""
        known, faults = pipelines.read_pipeline_fields(fields, version, is_new=True)
        errors.refuse_if(faults)
        with self._database.write() as connection:
            others = storage.PIPELINES.of_company(connection, caller.company.id)
            id = next_number(connection, f"{caller.company.id}/pipeline")
            pipeline = pipelines.new_pipeline(known, others, id=id, now=self._records.now())
            self._records.keep(connection, caller, storage.PIPELINES, None, pipeline)
        return pipeline

    def update_pipeline(self, caller: Caller, id: int, fields: Body, version: Version = "v2") -> Pipeline:
        """Change a pipeline; v1's `active` brings a deleted one back. Raises `ApiError`."""
        known, faults = pipelines.read_pipeline_fields(fields, version, is_new=False)
        errors.refuse_if(faults)
        return self._records.change(
            caller,
            storage.PIPELINES,
            id,
            lambda found, now: pipelines.changed_pipeline(found, known, now),
            also_deleted=known.get("is_deleted") is False,
        )

    def delete_pipeline(self, caller: Caller, id: int) -> Pipeline:
        """Delete a pipeline; its deals stay. Raises `ApiError`. Source: facts/pipedrive.md 4.5 (assumed)."""
        return self._records.change(caller, storage.PIPELINES, id, pipelines.deleted_pipeline)

    def get_pipeline(self, caller: Caller, id: int) -> Pipeline:
        """Read a pipeline. Raises `ApiError` 404."""
        return self._records.get(caller, storage.PIPELINES, id)

    def list_pipelines(self, caller: Caller, query: Mapping[str, str], version: Version = "v2") -> Page[Pipeline]:
        """A page of pipelines. Raises `ApiError` naming every wrong parameter."""
        return self._records.page(caller, storage.PIPELINES, query, version)

    def add_stage(self, caller: Caller, fields: Body, version: Version = "v2") -> Stage:
        """Create a stage, at the end of its pipeline. Raises `ApiError` naming everything that is wrong."""
        known, faults = pipelines.read_stage_fields(fields, version, is_new=True)
        with self._database.write() as connection:
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known, has_pipeline=True))
            others = storage.STAGES.of_company(connection, caller.company.id)
            id = next_number(connection, f"{caller.company.id}/stage")
            stage = pipelines.new_stage(known, others, id=id, now=self._records.now())
            self._records.keep(connection, caller, storage.STAGES, None, stage)
        return stage

    def update_stage(self, caller: Caller, id: int, fields: Body, version: Version = "v2") -> Stage:
        """Change a stage; moved to another pipeline, it takes its deals along (assumed). Raises `ApiError`."""
        known, faults = pipelines.read_stage_fields(fields, version, is_new=False)
        with self._database.write() as connection:
            before = self._records.living(connection, caller, storage.STAGES, id)
            errors.refuse_if(faults + self._records.find_missing(connection, caller, known, has_pipeline=True))
            after = pipelines.changed_stage(before, known, self._records.now())
            self._records.keep(connection, caller, storage.STAGES, before, after)
            if after.pipeline_id != before.pipeline_id:
                storage.move_deals_with_stage(connection, caller.company.id, after)
        return after

    def delete_stage(self, caller: Caller, id: int) -> Stage:
        """Delete a stage; its deals stay. Raises `ApiError`. Source: facts/pipedrive.md 4.5 (assumed)."""
        return self._records.change(caller, storage.STAGES, id, pipelines.deleted_stage)

    def get_stage(self, caller: Caller, id: int) -> Stage:
        """Read a stage. Raises `ApiError` 404."""
        return self._records.get(caller, storage.STAGES, id)

    def list_stages(self, caller: Caller, query: Mapping[str, str], version: Version = "v2") -> Page[Stage]:
        """A page of stages. Raises `ApiError` naming every wrong parameter."""
        return self._records.page(caller, storage.STAGES, query, version)

    # What v1 and the pages show along with records

    def neighbours(self, caller: Caller, found: Iterable[Record]) -> Neighbours:
        """What these records point to."""
        return self._records.neighbours(caller, found)

    def board(self, caller: Caller, limit: int) -> list[tuple[Stage, list[Deal]]]:
        """The stages of the company in their order, each with its newest open deals."""
        return self._records.board(caller, limit)
