"""Believable companies: users, organizations, persons and deals, all made up.

The same random seed and clock make the same company, and its n-th deal is the same whatever was asked before and
however many there are. Faker fills a few pools once; a generator of its own for each deal and person picks from
them. A company without deals needs no Faker, so it is imported only where the first pool is filled.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..rig.ids import IdSource
from .companies import Company, User
from .deals import Deal
from .organizations import Organization, address_of
from .persons import Contact, Person, split_name
from .pipelines import Stage

if TYPE_CHECKING:
    from random import Random

COMPANY_NAMES = ("Northlight", "Harbour and Pine", "Copperfield", "Bluefern", "Millrace", "Oak and Ember")
USER_NAMES = (
    ("Ada Moreau", "Tomas Reyes"), ("Priya Nair", "Jonas Weber"), ("Grace Okafor", "Luca Bianchi"),
    ("Mei Tanaka", "Oliver Shaw"), ("Sofia Lindqvist", "Daniel Cohen"),
)  # fmt: skip
"""An admin and a sales rep each."""

SUBJECTS = ("rollout", "renewal", "pilot", "upgrade", "licences", "support plan", "migration", "training", "refit")
STAGE_WEIGHTS = (35, 25, 20, 12, 8)
PHONES = (
    "+44 20 7946 0", "+44 113 496 0", "+44 114 496 0", "+44 115 496 0", "+44 116 496 0", "+44 117 496 0",
    "+44 118 496 0", "+44 121 496 0", "+44 131 496 0", "+44 141 496 0", "+44 151 496 0", "+44 161 496 0",
)  # fmt: skip
"""Beginnings of numbers that are kept free for films: three more digits complete them."""

POOL_SIZE = 400
NEWEST_DAYS = 90
"""Deals are at most so many days old."""


def slug(name: str) -> str:
    """A name as it may stand in a host name: `O'Hara & Sons` is `ohara-sons`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")


def company(number: int, id: int, name: str | None, domain: str | None, now: datetime) -> Company:
    """The values of a new company; `number` counts the companies of this server from 1."""
    rounds, index = divmod(number - 1, len(COMPANY_NAMES))
    name = name or COMPANY_NAMES[index] + (f" {rounds + 1}" if rounds else "")
    return Company(
        id=id,
        name=name,
        domain=domain or slug(name) or f"company-{number}",
        country="GB",
        currency="GBP",
        timezone="Europe/London",
        add_time=now - timedelta(days=600),
    )


def users(company: Company, number: int, ids: Sequence[int]) -> tuple[User, User]:
    """An admin and a sales rep."""
    names = USER_NAMES[(number - 1) % len(USER_NAMES)]
    admin, rep = (
        User(id, name, f"{slug(name.split()[0])}@{company.domain}.example", is_admin, company.add_time)
        for id, name, is_admin in zip(ids, names, (True, False), strict=True)
    )
    return admin, rep


@dataclass(frozen=True, slots=True)
class Pools:
    """What deals and persons pick from."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    companies: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]


@functools.lru_cache(maxsize=4)
def _fill_pools(seed: int) -> Pools:
    """Filled by Faker the first time they are needed; kept, because a new stack per test is common."""
    from faker import Faker

    fake = Faker("en_GB", use_weighting=False)
    fake.seed_instance(seed)

    def some(make: Callable[[], str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(make() for _ in range(POOL_SIZE)))

    return Pools(
        first_names=some(fake.first_name),
        last_names=some(fake.last_name),
        companies=some(fake.company),
        streets=some(fake.street_name),
        cities=some(fake.city),
    )


class Factory:
    """Fills companies. Deal n is of person `person_of(n)`, person k works at organization `organization_of(k)`."""

    def __init__(self, ids: IdSource):
        self._ids = ids
        self._seed = ids.chance("pools").getrandbits(64)

    @property
    def pools(self) -> Pools:
        """What deals and persons pick from."""
        return _fill_pools(self._seed)

    def _chance(self, company: Company, kind: str, number: int) -> "Random":
        return self._ids.chance(f"{company.id}/{kind}/{number}")

    def organization(self, company: Company, owners: Sequence[User], number: int, now: datetime) -> Organization:
        """The organization with this number, which is its id."""
        pick = self._chance(company, "organization", number)
        street, house, city = (
            pick.choice(self.pools.streets),
            str(pick.randrange(1, 200)),
            pick.choice(self.pools.cities),
        )
        parts = {"value": f"{house} {street}, {city}", "country": "United Kingdom", "locality": city, "route": street}
        return Organization(
            id=number,
            name=self._organization_name(company, number),
            owner_id=pick.choice(owners).id,
            add_time=now - timedelta(days=400, seconds=pick.randrange(8_000_000)),
            address=address_of({**parts, "street_number": house}),
        )

    def _organization_name(self, company: Company, number: int) -> str:
        """Each name once, from a place of the pool that differs from company to company; then again, numbered."""
        pool = self.pools.companies
        rounds, index = divmod(number - 1 + company.id * 37, len(pool))
        first_round = (company.id * 37) // len(pool)
        return pool[index] + (f" {rounds - first_round + 1}" if rounds > first_round else "")

    def person(self, company: Company, owners: Sequence[User], number: int, now: datetime) -> Person:
        """The person with this number, which is the id."""
        pick = self._chance(company, "person", number)
        name = f"{pick.choice(self.pools.first_names)} {pick.choice(self.pools.last_names)}"
        org_id = organization_of(number)
        mailbox, host = slug(name).replace("-", "."), slug(self._organization_name(company, org_id))
        rounds, index = divmod(number - 1, len(PHONES))
        first_name, last_name = split_name(name)
        return Person(
            id=number,
            name=name,
            first_name=first_name,
            last_name=last_name,
            owner_id=pick.choice(owners).id,
            org_id=org_id,
            add_time=now - timedelta(days=NEWEST_DAYS, seconds=pick.randrange(20_000_000)),
            emails=(Contact(f"{mailbox}@{host}.example", "work", primary=True),),
            phones=(Contact(f"{PHONES[index]}{(rounds * 337 + 958) % 1000:03}", "work", primary=True),),
        )

    def deal(
        self, company: Company, owners: Sequence[User], stages: Sequence[Stage], number: int, now: datetime
    ) -> Deal:
        """The deal with this number, which is its id."""
        pick = self._chance(company, "deal", number)
        person_id = person_of(number)
        org_id = organization_of(person_id)
        owner_id = pick.choice(owners).id
        age = pick.randrange(3_600, NEWEST_DAYS * 86_400)
        stage = pick.choices(stages, STAGE_WEIGHTS[: len(stages)])[0]
        moved_at = None if stage == stages[0] else now - timedelta(seconds=pick.randrange(age // 2))
        status = pick.choices(("open", "won", "lost"), (75, 15, 10))[0]
        closed_at = None if status == "open" else now - timedelta(seconds=pick.randrange(age // 4))
        if moved_at is not None and closed_at is not None:
            moved_at = min(moved_at, closed_at)
        won_at = closed_at if status == "won" else None
        return Deal(
            id=number,
            title=f"{self._organization_name(company, org_id)} {pick.choice(SUBJECTS)}",
            value=float(pick.randrange(10, 1_000) * 50),
            currency=company.currency,
            creator_user_id=owner_id,
            owner_id=owner_id,
            person_id=person_id,
            org_id=org_id,
            stage_id=stage.id,
            pipeline_id=stage.pipeline_id,
            add_time=now - timedelta(seconds=age),
            update_time=closed_at or moved_at,
            stage_change_time=moved_at,
            status=status,
            lost_reason="Chose another supplier" if status == "lost" else None,
            close_time=closed_at,
            won_time=won_at,
            first_won_time=won_at,
            lost_time=closed_at if status == "lost" else None,
            expected_close_date=(now + timedelta(days=pick.randrange(5, 90))).date(),
            origin="ManuallyCreated",
        )

    def organizations(
        self, company: Company, owners: Sequence[User], deals: int, now: datetime
    ) -> Iterator[Organization]:
        """The organizations that so many deals need."""
        return (self.organization(company, owners, n, now) for n in range(1, organizations_for(deals) + 1))

    def persons(self, company: Company, owners: Sequence[User], deals: int, now: datetime) -> Iterator[Person]:
        """The persons that so many deals need."""
        return (self.person(company, owners, n, now) for n in range(1, persons_for(deals) + 1))

    def deals(
        self, company: Company, owners: Sequence[User], stages: Sequence[Stage], deals: int, now: datetime
    ) -> Iterator[Deal]:
        """So many deals."""
        return (self.deal(company, owners, stages, n, now) for n in range(1, deals + 1))


def person_of(deal: int) -> int:
    """Whose deal it is: every fifth deal is another one of a person who has one already."""
    first_deal = deal - 3 if deal % 5 == 0 else deal
    return first_deal - first_deal // 5


def organization_of(person: int) -> int:
    """Where a person works: two at each organization."""
    return (person + 1) // 2


def persons_for(deals: int) -> int:
    """How many persons so many deals need."""
    return deals - deals // 5


def organizations_for(deals: int) -> int:
    """How many organizations so many deals need."""
    return organization_of(persons_for(deals))
