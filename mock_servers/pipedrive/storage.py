"""The shape of the mock Pipedrive's database, and its SQL as far as it is not alike for all tables (`tables`)."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from ..rig.clock import to_milliseconds
from ..rig.jobs import SCHEMA
from .companies import Company, User
from .deals import Deal
from .oauth import App, Code, Consent
from .organizations import Organization
from .persons import Person
from .pipelines import Pipeline, Stage
from .tables import Rows, Table
from .webhooks import Subscription

MIGRATIONS: tuple[str, ...] = (
    SCHEMA,
    """
CREATE TABLE company (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL UNIQUE, country TEXT NOT NULL,
    currency TEXT NOT NULL, timezone TEXT NOT NULL, add_time INTEGER NOT NULL
);
CREATE TABLE "user" (
    company_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
    is_admin INTEGER NOT NULL, add_time INTEGER NOT NULL, PRIMARY KEY (company_id, id)
);
CREATE TABLE api_token (
    token TEXT PRIMARY KEY, company_id INTEGER NOT NULL, user_id INTEGER NOT NULL
);
CREATE TABLE deal (
    company_id INTEGER NOT NULL, id INTEGER NOT NULL, title TEXT NOT NULL, value REAL NOT NULL, currency TEXT NOT NULL,
    creator_user_id INTEGER NOT NULL, owner_id INTEGER NOT NULL, person_id INTEGER, org_id INTEGER,
    stage_id INTEGER NOT NULL, pipeline_id INTEGER NOT NULL, add_time INTEGER NOT NULL, update_time INTEGER,
    stage_change_time INTEGER, status TEXT NOT NULL, probability REAL, lost_reason TEXT, visible_to INTEGER NOT NULL,
    close_time INTEGER, won_time INTEGER, first_won_time INTEGER, lost_time INTEGER, expected_close_date TEXT,
    label_ids TEXT NOT NULL, origin TEXT NOT NULL, origin_id TEXT, channel INTEGER, channel_id TEXT,
    is_archived INTEGER NOT NULL, archive_time INTEGER, PRIMARY KEY (company_id, id)
);
CREATE INDEX deal_by_add_time ON deal (company_id, add_time, id);
CREATE INDEX deal_by_update_time ON deal (company_id, COALESCE(update_time, add_time), id);
CREATE INDEX deal_by_stage ON deal (company_id, stage_id, id);
CREATE INDEX deal_by_stage_and_update_time ON deal (company_id, stage_id, COALESCE(update_time, add_time), id);
CREATE INDEX deal_by_person ON deal (company_id, person_id, id);
CREATE INDEX deal_by_org ON deal (company_id, org_id, id);
CREATE TABLE person (
    company_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT,
    owner_id INTEGER NOT NULL, org_id INTEGER, add_time INTEGER NOT NULL, update_time INTEGER, emails TEXT NOT NULL,
    phones TEXT NOT NULL, label_ids TEXT NOT NULL, visible_to INTEGER NOT NULL, is_deleted INTEGER NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX person_by_add_time ON person (company_id, add_time, id);
CREATE INDEX person_by_update_time ON person (company_id, COALESCE(update_time, add_time), id);
CREATE INDEX person_by_org ON person (company_id, org_id, id);
CREATE TABLE organization (
    company_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, owner_id INTEGER NOT NULL,
    add_time INTEGER NOT NULL, update_time INTEGER, label_ids TEXT NOT NULL, visible_to INTEGER NOT NULL, website TEXT,
    linkedin TEXT, industry INTEGER, annual_revenue INTEGER, employee_count INTEGER, address TEXT,
    is_deleted INTEGER NOT NULL, PRIMARY KEY (company_id, id)
);
CREATE INDEX organization_by_add_time ON organization (company_id, add_time, id);
CREATE INDEX organization_by_update_time ON organization (company_id, COALESCE(update_time, add_time), id);
CREATE TABLE pipeline (
    company_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, order_nr INTEGER NOT NULL,
    add_time INTEGER NOT NULL, update_time INTEGER, is_deleted INTEGER NOT NULL,
    is_deal_probability_enabled INTEGER NOT NULL, PRIMARY KEY (company_id, id)
);
CREATE TABLE stage (
    company_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, pipeline_id INTEGER NOT NULL,
    order_nr INTEGER NOT NULL, add_time INTEGER NOT NULL, update_time INTEGER, is_deleted INTEGER NOT NULL,
    deal_probability INTEGER NOT NULL, is_deal_rot_enabled INTEGER NOT NULL, days_to_rotten INTEGER,
    PRIMARY KEY (company_id, id)
);
CREATE TABLE webhook (
    company_id INTEGER NOT NULL, id INTEGER NOT NULL, owner_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    event_action TEXT NOT NULL, event_object TEXT NOT NULL, subscription_url TEXT NOT NULL, add_time INTEGER NOT NULL,
    version TEXT NOT NULL, name TEXT, client_id TEXT, http_auth_user TEXT, http_auth_password TEXT,
    last_delivery_time INTEGER, last_http_status INTEGER, PRIMARY KEY (company_id, id)
);
CREATE TABLE app (
    client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL, name TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL
);
CREATE TABLE code (
    code TEXT PRIMARY KEY, client_id TEXT NOT NULL, company_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE TABLE consent (
    refresh_token TEXT PRIMARY KEY, client_id TEXT NOT NULL, company_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    used_at INTEGER NOT NULL
);
CREATE TABLE access_token (token TEXT PRIMARY KEY, refresh_token TEXT NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX access_token_by_expiry ON access_token (expires_at);
""",
    """
CREATE INDEX deal_by_pipeline ON deal (company_id, pipeline_id, id);
CREATE INDEX deal_by_owner ON deal (company_id, owner_id, id);
CREATE INDEX deal_by_status ON deal (company_id, status, id);
CREATE INDEX archived_deal ON deal (company_id, id) WHERE is_archived = 1;
CREATE INDEX person_by_owner ON person (company_id, owner_id, id);
CREATE INDEX person_by_first_char ON person (company_id, lower(substr(name, 1, 1)), id);
CREATE INDEX organization_by_owner ON organization (company_id, owner_id, id);
""",
)

TABLES = (
    "company", '"user"', "api_token", "deal", "person", "organization", "pipeline", "stage", "webhook", "app", "code",
    "consent", "access_token", "job",
)  # fmt: skip

COMPANIES = Rows("company", Company)
USERS = Table('"user"', User)
DEALS = Table(
    "deal",
    Deal,
    leading=("person_id", "org_id", "is_archived", "stage_id", "pipeline_id", "status", "owner_id"),
    ordered=[("stage_id", "update_time")],
)
PERSONS = Table("person", Person, leading=("org_id", "first_char", "owner_id"))
ORGANIZATIONS = Table("organization", Organization, leading=("owner_id",))
PIPELINES = Table("pipeline", Pipeline)
STAGES = Table("stage", Stage)
WEBHOOKS = Table("webhook", Subscription)
APPS = Rows("app", App)
CODES = Rows("code", Code)
CONSENTS = Rows("consent", Consent)


def clear(connection: sqlite3.Connection) -> None:
    """Forget every company and app.

    What numbers deliveries, secrets and webhooks goes on, so none is given twice: who still knows an old webhook's id
    must not delete the new webhook of somebody else with it.
    """
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    connection.execute("DELETE FROM counter WHERE name LIKE '%/%' AND name NOT LIKE '%/webhook'")


def set_counter(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Let `next_number` go on after `value`: for records that were made in one go."""
    connection.execute(
        "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def is_empty(connection: sqlite3.Connection) -> bool:
    """Is there no company yet?"""
    return connection.execute("SELECT 1 FROM company LIMIT 1").fetchone() is None


def company(connection: sqlite3.Connection, id: int) -> Company | None:
    """One company, or None."""
    row = connection.execute("SELECT * FROM company WHERE id = ?", (id,)).fetchone()
    return None if row is None else COMPANIES.from_row(row)


def company_of_domain(connection: sqlite3.Connection, domain: str) -> Company | None:
    """The company with this domain, or None."""
    row = connection.execute("SELECT * FROM company WHERE domain = ?", (domain,)).fetchone()
    return None if row is None else COMPANIES.from_row(row)


def first_company(connection: sqlite3.Connection) -> Company:
    """The default company: there is always one."""
    return COMPANIES.from_row(connection.execute("SELECT * FROM company ORDER BY id LIMIT 1").fetchone())


def add_api_token(connection: sqlite3.Connection, token: str, company_id: int, user_id: int) -> None:
    """Give a user a token."""
    connection.execute("INSERT INTO api_token VALUES (?, ?, ?)", (token, company_id, user_id))


def owner_of_api_token(connection: sqlite3.Connection, token: str) -> tuple[int, int] | None:
    """Company and user of a token, or None."""
    row = connection.execute("SELECT company_id, user_id FROM api_token WHERE token = ?", (token,)).fetchone()
    return None if row is None else (row[0], row[1])


def people_counts(connection: sqlite3.Connection, company_id: int, org_ids: Iterable[int]) -> dict[int, int]:
    """How many persons each of a page's organizations has."""
    wanted = sorted(set(org_ids))
    marks = ", ".join("?" * len(wanted))
    rows = connection.execute(
        "SELECT org_id, COUNT(*) FROM person WHERE company_id = ? AND is_deleted = 0"  # noqa: S608 - only marks
        f" AND org_id IN ({marks}) GROUP BY org_id",
        (company_id, *wanted),
    )
    return {row[0]: row[1] for row in rows}


def deal_counts(
    connection: sqlite3.Connection, company_id: int, column: str, ids: Iterable[int]
) -> dict[int, dict[str, int]]:
    """How many deals of each status belong to each of a page's persons or organizations; `column` says which."""
    wanted = sorted(set(ids))
    rows = connection.execute(
        f"SELECT {column}, status, COUNT(*) FROM deal WHERE company_id = ?"  # noqa: S608 - our own name, and marks
        f" AND {column} IN ({', '.join('?' * len(wanted))}) GROUP BY {column}, status",
        (company_id, *wanted),
    )
    found: dict[int, dict[str, int]] = {}
    for id, status, count in rows:
        found.setdefault(id, {})[status] = count
    return found


def move_deals_with_stage(connection: sqlite3.Connection, company_id: int, stage: Stage) -> None:
    """Let the deals of a stage be in the pipeline that the stage is in."""
    connection.execute(
        "UPDATE deal SET pipeline_id = ? WHERE company_id = ? AND stage_id = ?",
        (stage.pipeline_id, company_id, stage.id),
    )


def app(connection: sqlite3.Connection, client_id: str) -> App | None:
    """A registered app, or None."""
    row = connection.execute("SELECT * FROM app WHERE client_id = ?", (client_id,)).fetchone()
    return None if row is None else APPS.from_row(row)


def code(connection: sqlite3.Connection, text: str) -> Code | None:
    """What an unused authorization code stands for, or None."""
    row = connection.execute("SELECT * FROM code WHERE code = ?", (text,)).fetchone()
    return None if row is None else CODES.from_row(row)


def forget_code(connection: sqlite3.Connection, text: str) -> None:
    """A code works once."""
    connection.execute("DELETE FROM code WHERE code = ?", (text,))


def consent(connection: sqlite3.Connection, refresh_token: str) -> Consent | None:
    """What a refresh token stands for, or None."""
    row = connection.execute("SELECT * FROM consent WHERE refresh_token = ?", (refresh_token,)).fetchone()
    return None if row is None else CONSENTS.from_row(row)


def use_consent(connection: sqlite3.Connection, refresh_token: str, now: datetime) -> None:
    """Note that a refresh token was used."""
    connection.execute("UPDATE consent SET used_at = ? WHERE refresh_token = ?", (to_milliseconds(now), refresh_token))


def add_access_token(
    connection: sqlite3.Connection, token: str, refresh_token: str, *, now: datetime, expires_at: datetime
) -> None:
    """Store a new access token, and forget those that have expired."""
    connection.execute("DELETE FROM access_token WHERE expires_at <= ?", (to_milliseconds(now),))
    connection.execute("INSERT INTO access_token VALUES (?, ?, ?)", (token, refresh_token, to_milliseconds(expires_at)))


def consent_of_access_token(connection: sqlite3.Connection, token: str, now: datetime) -> Consent | None:
    """The consent behind an access token that is still good, or None."""
    row = connection.execute(
        "SELECT consent.* FROM access_token JOIN consent USING (refresh_token)"
        " WHERE access_token.token = ? AND access_token.expires_at > ?",
        (token, to_milliseconds(now)),
    ).fetchone()
    return None if row is None else CONSENTS.from_row(row)


def note_delivery(
    connection: sqlite3.Connection, company_id: int, id: int, *, at: datetime, status: int | None
) -> None:
    """Remember how the last delivery to a subscription went; a status of None means that no answer came."""
    connection.execute(
        "UPDATE webhook SET last_delivery_time = ?, last_http_status = ? WHERE company_id = ? AND id = ?",
        (to_milliseconds(at), status, company_id, id),
    )


def board(connection: sqlite3.Connection, company_id: int, stage_id: int, limit: int) -> list[Deal]:
    """The newest open deals of a stage."""
    rows = connection.execute(
        "SELECT * FROM deal WHERE company_id = ? AND stage_id = ? AND +status = 'open' AND is_archived = 0"
        " ORDER BY id DESC LIMIT ?",
        (company_id, stage_id, limit),
    )
    return [DEALS.from_row(row) for row in rows]
