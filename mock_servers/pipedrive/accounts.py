"""Companies and who may get in: the default one, further ones on request, what is inside at the start."""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from ..rig.clock import Clock
from ..rig.database import Database, next_number
from ..rig.ids import IdSource
from . import errors, factory, storage
from .companies import Caller, Company, Credentials, User
from .oauth import App
from .pipelines import FIRST_PIPELINE, FIRST_STAGES, Pipeline, Stage

FIRST_COMPANY_ID = 700_101
FIRST_USER_ID = 5_010
"""Far from the small ids of deals and persons, so that mixing them up shows (facts/pipedrive.md 7.4 warns of it)."""
MOST_DEALS = 100_000
LONGEST_NAME = 100
CALLBACK = "zapier:/oauth/callback"
SCOPES = ("base", "deals:full", "contacts:full", "users:read", "recents:read", "search:read", "admin")


def api_token(ids: IdSource, company_id: int, user_id: int) -> str:
    """A user's token: 40 lower-case hex characters. Source: facts/pipedrive.md 1.2 (observed)."""
    return ids.hex("pipedrive api token", f"{company_id}/{user_id}", 40)


def zapier_app(ids: IdSource) -> App:
    """The one app that is registered: Zapier, with every scope that the Zaps need."""
    return App(
        ids.hex("pipedrive client id", 1, 16), ids.hex("pipedrive client secret", 1, 40), "Zapier", CALLBACK, SCOPES
    )


def read_wishes(wishes: Mapping[str, Any]) -> tuple[str | None, int]:
    """Name and number of deals of the company that is wished for. Raises `ApiError` naming every wrong wish."""
    problems = {}
    name, deals = wishes.get("company_name"), wishes.get("deals")
    is_name = isinstance(name, str) and name.isprintable() and bool(name.strip()) and len(name) <= LONGEST_NAME
    if name is not None and not is_name:
        problems["company_name"] = f"A text of 1 to {LONGEST_NAME} printable characters, e.g. Northlight."
    if deals is None:
        deals = 0
    elif isinstance(deals, bool) or not isinstance(deals, int) or not 0 <= deals <= MOST_DEALS:
        problems["deals"] = f"A whole number between 0 and {MOST_DEALS:,}."
    if problems:
        raise errors.wrong_wishes(problems)
    return name.strip() if name else None, deals


T = TypeVar("T")


class Track(Protocol):
    """Passes things on while somebody watches how far it is."""

    def __call__(self, things: Iterable[T], total: int, noun: str) -> Iterable[T]:
        """The same things, of which there will be `total`, called `noun`."""


def untracked(things: Iterable[T], total: int, noun: str) -> Iterable[T]:
    """Nobody watches."""
    return things


class Accounts:
    """The companies of one server, their users and credentials."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource, track: Track = untracked):
        self._database = database
        self._track = track
        self._clock = clock
        self._ids = ids
        self._factory = factory.Factory(ids)

    def fill(self, connection: sqlite3.Connection, *, deals: int, now: datetime) -> None:
        """What is there at the start: the app Zapier and the default company."""
        storage.APPS.insert(connection, {}, [zapier_app(self._ids)])
        self.add_company(connection, name=None, deals=deals, now=now)

    def find_company(self, domain: str | None) -> Company:
        """The company with this domain, else the default one."""
        with self._database.read() as connection:
            found = storage.company_of_domain(connection, domain) if domain else None
            return found or storage.first_company(connection)

    def at_the_screen(self, domain: str | None) -> Caller:
        """The admin of that company, else of the default one, in front of the user interface."""
        company = self.find_company(domain)
        admin = next(user for user in self.list_users(company.id) if user.is_admin)
        return Caller(company, admin, is_at_the_screen=True)

    def list_users(self, company_id: int) -> list[User]:
        """A company's users."""
        with self._database.read() as connection:
            return storage.USERS.of_company(connection, company_id)

    def get_user(self, company_id: int, id: int) -> User:
        """One of a company's users. Raises `ApiError` 404."""
        with self._database.read() as connection:
            user = storage.USERS.get(connection, company_id, id)
        if user is None:
            raise errors.not_found("user")
        return user

    def authenticate(self, credentials: Credentials) -> Caller:
        """Whose credentials these are. Raises `ApiError` 401. Source: facts/pipedrive.md 1.2, 1.3, 1.5."""
        with self._database.read() as connection:
            caller = self._find_caller(connection, credentials)
        if caller is None:
            with self._database.write() as connection:
                number = next_number(connection, "refusal")
            raise errors.unauthorized(self._ids.uuid("pipedrive refusal", number))
        return caller

    def _find_caller(self, connection: sqlite3.Connection, credentials: Credentials) -> Caller | None:
        owner, client_id, scopes = None, None, None
        if credentials.api_token is not None:
            owner = storage.owner_of_api_token(connection, credentials.api_token)
        elif credentials.access_token is not None:
            consent = storage.consent_of_access_token(connection, credentials.access_token, self._clock.now())
            app = None if consent is None else storage.app(connection, consent.client_id)
            if consent is not None and app is not None:
                owner, client_id, scopes = (consent.company_id, consent.user_id), app.client_id, frozenset(app.scopes)
        if owner is None:
            return None
        company, user = storage.company(connection, owner[0]), storage.USERS.get(connection, *owner)
        return None if company is None or user is None else Caller(company, user, client_id, scopes)

    def add_company(
        self, connection: sqlite3.Connection, *, name: str | None, deals: int, now: datetime
    ) -> tuple[Company, User]:
        """A company with two users, a pipeline of five stages, and so many deals; returns it and its admin.

        Source: facts/pipedrive.md 3.6 (a new account's pipeline, assumed).
        """
        number = next_number(connection, "account/company")
        company = factory.company(number, FIRST_COMPANY_ID + number - 1, name, None, now)
        if storage.company_of_domain(connection, company.domain) is not None:
            company = factory.company(number, company.id, company.name, f"{company.domain}-{number}", now)
        user_ids = [FIRST_USER_ID - 1 + next_number(connection, "account/user") for _ in range(2)]
        admin, rep = factory.users(company, number, user_ids)
        storage.COMPANIES.insert(connection, {}, [company])
        storage.USERS.add(connection, company.id, admin, rep)
        for user in (admin, rep):
            storage.add_api_token(connection, api_token(self._ids, company.id, user.id), company.id, user.id)
        stages = self._add_pipeline(connection, company)
        if deals:
            self._add_deals(connection, company, (admin, rep), stages, deals, now)
        return company, admin

    def _add_pipeline(self, connection: sqlite3.Connection, company: Company) -> list[Stage]:
        stages = [
            Stage(number, name, pipeline_id=1, order_nr=number, add_time=company.add_time)
            for number, name in enumerate(FIRST_STAGES, start=1)
        ]
        storage.PIPELINES.add(connection, company.id, Pipeline(1, FIRST_PIPELINE, 1, company.add_time))
        storage.STAGES.add(connection, company.id, *stages)
        storage.set_counter(connection, f"{company.id}/pipeline", 1)
        storage.set_counter(connection, f"{company.id}/stage", len(stages))
        return stages

    def _add_deals(
        self,
        connection: sqlite3.Connection,
        company: Company,
        owners: tuple[User, User],
        stages: list[Stage],
        deals: int,
        now: datetime,
    ) -> None:
        make = self._factory
        organizations, persons = factory.organizations_for(deals), factory.persons_for(deals)
        made = self._track(make.organizations(company, owners, deals, now), organizations, "organizations")
        storage.ORGANIZATIONS.add_all(connection, company.id, made)
        people = self._track(make.persons(company, owners, deals, now), persons, "people")
        storage.PERSONS.add_all(connection, company.id, people)
        sold = self._track(make.deals(company, owners, stages, deals, now), deals, "deals")
        storage.DEALS.add_all(connection, company.id, sold)
        storage.set_counter(connection, f"{company.id}/organization", organizations)
        storage.set_counter(connection, f"{company.id}/person", persons)
        storage.set_counter(connection, f"{company.id}/deal", deals)
