"""The database: what goes in comes out, and a list costs its page and not the whole table."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mock_servers.pipedrive import queries, storage, tables
from mock_servers.pipedrive.deals import Deal
from mock_servers.pipedrive.organizations import Organization, address_of
from mock_servers.pipedrive.persons import Contact, Person
from mock_servers.pipedrive.pipelines import Pipeline, Stage
from mock_servers.pipedrive.webhooks import Subscription

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)

RECORDS = [
    (
        storage.DEALS,
        Deal(
            id=1, title="Birch", value=12.5, currency="EUR", creator_user_id=2, owner_id=3, person_id=4, org_id=5,
            stage_id=6, pipeline_id=7, add_time=NOW, update_time=NOW, stage_change_time=NOW, status="lost",
            probability=40.0, lost_reason="price", visible_to=5, close_time=NOW, won_time=NOW, first_won_time=NOW,
            lost_time=NOW, expected_close_date=date(2026, 9, 30), label_ids=(7, 9), origin="API", origin_id="x",
            channel=3, channel_id="y", is_archived=True, archive_time=NOW,
        ),
    ),
    (storage.PERSONS, Person(1, "Lena Ortiz", "Lena", "Ortiz", 2, 3, NOW, NOW, (Contact("a@b", "x", True),), (), (7,))),
    (storage.ORGANIZATIONS, Organization(1, "Birch", 2, NOW, address=address_of({"value": "4 rue du Bac"}))),
    (storage.ORGANIZATIONS, Organization(1, "Birch", 2, NOW)),
    (storage.PIPELINES, Pipeline(1, "Sales", 1, NOW, is_deal_probability_enabled=True)),
    (storage.STAGES, Stage(1, "Lead In", 1, 1, NOW, days_to_rotten=5)),
    (storage.WEBHOOKS, Subscription(1, 2, 3, "*", "deal", "zapier:/hooks/7", NOW, last_http_status=200)),
]  # fmt: skip


@pytest.mark.parametrize(("table", "record"), RECORDS)
def test_what_goes_in_comes_out(database, table, record):
    """A record that is stored and read, or replaced and read, is the same record."""
    assert table.columns == tuple(field.name for field in fields(record))
    with database.write() as connection:
        table.add(connection, 9, record)
        assert table.get(connection, 9, 1) == record
        table.replace(connection, 9, record)
        assert table.get_all(connection, 9, [1, 2, None]) == {1: record}
        assert table.get(connection, 8, 1) is None


YESTERDAY = "2026-08-31T08:15:30Z"


def by(key, direction="asc"):
    return {"sort_by": key, "sort_direction": direction}


IN_ORDER = [
    pytest.param({}, "sqlite_autoindex_deal_1 (company_id=?", "id>?", id="by id"),
    pytest.param(by("id", "desc"), "sqlite_autoindex_deal_1 (company_id=?", "id<?", id="by id, backwards"),
    pytest.param(by("add_time"), "deal_by_add_time (company_id=?", "(add_time,id)>(?,?)", id="by creation"),
    pytest.param(by("add_time", "desc"), "deal_by_add_time (company_id=?", "(add_time,id)<(?,?)", id="the newest"),
    pytest.param(by("update_time"), "deal_by_update_time (company_id=?", "<expr>>?", id="by update"),
    pytest.param(by("update_time", "desc"), "deal_by_update_time (company_id=?", "<expr><?", id="the last updated"),
    pytest.param(
        {"stage_id": "2", **by("update_time", "desc")},
        "deal_by_stage_and_update_time (company_id=? AND stage_id=?",
        "<expr><?",
        id="of a stage, the last updated",
    ),
    pytest.param({"person_id": "2"}, "deal_by_person (company_id=? AND person_id=?", "id>?", id="of a person"),
    pytest.param({"org_id": "2"}, "deal_by_org (company_id=? AND org_id=?", "id>?", id="of an organization"),
    pytest.param({"stage_id": "2"}, "deal_by_stage (company_id=? AND stage_id=?", "id>?", id="of a stage"),
    pytest.param({"pipeline_id": "2"}, "deal_by_pipeline (company_id=? AND pipeline_id=?", "id>?", id="of a pipeline"),
    pytest.param({"owner_id": "2"}, "deal_by_owner (company_id=? AND owner_id=?", "id>?", id="of an owner"),
    pytest.param({"status": "deleted"}, "deal_by_status (company_id=? AND status=?", "id>?", id="the deleted ones"),
    pytest.param({"status": "won"}, "deal_by_status (company_id=? AND status=?", "id>?", id="the won ones"),
    pytest.param(
        {"owner_id": "2", "status": "won", "person_id": "2"},
        "deal_by_person (company_id=? AND person_id=?",
        "id>?",
        id="the narrowest of several filters",
    ),
    pytest.param(
        {"updated_since": YESTERDAY, **by("update_time")},
        "deal_by_update_time (company_id=? AND <expr>>?",
        "<expr>>?",
        id="updated since, by update",
    ),
]


@pytest.mark.parametrize(("query", "plan", "from_cursor"), IN_ORDER)
def test_a_list_is_a_range_of_an_index(database, query, plan, from_cursor):
    """An index gives the page in order, from the cursor on; nothing is sorted, nothing before it is read. (ours)"""
    listing = deals_by(query)
    assert _plan(database, listing) == [f"SEARCH deal USING INDEX {plan})"]
    first = queries.page_of([_deal(1), _deal(2)], queries.Listing(orders=listing.orders, limit=1))
    [step] = _plan(database, replace(listing, cursor=first.cursor))
    assert step.startswith(f"SEARCH deal USING INDEX {plan}")
    assert step.endswith(f"{from_cursor})")


def test_archived_deals_have_an_index_of_their_own(database):
    """However many deals there are, none archived is found at once. (ours)"""
    listing = queries.read_v2({}, "deal", NOW, is_archived=True)[0]
    assert _plan(database, listing) == ["SEARCH deal USING INDEX archived_deal (company_id=?)"]


SORTED_BY_HAND = [
    pytest.param({"updated_since": YESTERDAY}, "deal_by_update_time (company_id=? AND <expr>>?)", id="updated since"),
    pytest.param(
        {"updated_since": YESTERDAY, "stage_id": "2"},
        "deal_by_update_time (company_id=? AND <expr>>?)",
        id="updated since, of a stage",
    ),
    pytest.param(
        {"updated_since": YESTERDAY, "updated_until": YESTERDAY, **by("add_time")},
        "deal_by_update_time (company_id=? AND <expr>>? AND <expr><?)",
        id="updated in a span, by creation",
    ),
    pytest.param(
        {"pipeline_id": "2", **by("update_time")}, "deal_by_pipeline (company_id=? AND pipeline_id=?)", id="a pipeline"
    ),
    pytest.param({"person_id": "2", **by("add_time")}, "deal_by_person (company_id=? AND person_id=?)", id="a person"),
    pytest.param({"owner_id": "2", **by("add_time")}, "deal_by_owner (company_id=? AND owner_id=?)", id="an owner"),
    pytest.param({"status": "won", **by("add_time")}, "deal_by_status (company_id=? AND status=?)", id="a status"),
]


@pytest.mark.parametrize(("query", "plan"), SORTED_BY_HAND)
def test_few_records_are_sorted_by_hand(database, query, plan):
    """What passes at most 2,000 records is fetched by its index and sorted: this is what such a page costs. (ours)"""
    assert _plan(database, deals_by(query)) == [f"SEARCH deal USING INDEX {plan}", "USE TEMP B-TREE FOR ORDER BY"]


@pytest.mark.parametrize(
    ("query", "plan"),
    [
        pytest.param({"updated_since": YESTERDAY}, "sqlite_autoindex_deal_1 (company_id=?)", id="by id"),
        pytest.param(
            {"updated_since": YESTERDAY, "stage_id": "6"},
            "deal_by_stage (company_id=? AND stage_id=?)",
            id="of a stage, by id",
        ),
        pytest.param({"owner_id": "3", **by("add_time")}, "deal_by_add_time (company_id=?)", id="by creation"),
        pytest.param({"status": "open", **by("update_time")}, "deal_by_update_time (company_id=?)", id="by update"),
    ],
)
def test_many_records_are_walked_in_order(database, query, plan):
    """What passes more than that is met soon on the way: the index of the order is walked. (ours)"""
    with database.write() as connection:
        storage.DEALS.add(connection, 9, *(_deal(id) for id in range(1, tables.FEW + 2)))
    assert _plan(database, deals_by(query)) == [f"SEARCH deal USING INDEX {plan}"]


@pytest.mark.parametrize(
    ("table", "version", "query", "plan"),
    [
        pytest.param(
            storage.PERSONS, "v2", {"org_id": "2"}, "person_by_org (company_id=? AND org_id=?)", id="colleagues"
        ),
        pytest.param(
            storage.PERSONS, "v2", {"owner_id": "2"}, "person_by_owner (company_id=? AND owner_id=?)", id="of an owner"
        ),
        pytest.param(
            storage.PERSONS,
            "v1",
            {"first_char": "L"},
            "person_by_first_char (company_id=? AND <expr>=?)",
            id="a letter",
        ),
        pytest.param(
            storage.ORGANIZATIONS,
            "v1",
            {"user_id": "2"},
            "organization_by_owner (company_id=? AND owner_id=?)",
            id="organizations of an owner",
        ),
    ],
)
def test_lists_of_contacts_have_indexes_too(database, table, version, query, plan):
    """Persons by organization, owner and first letter, organizations by owner. (ours)"""
    entity = table.kind.ENTITY
    read = queries.read_v2(query, entity, NOW) if version == "v2" else queries.read_v1(query, entity, NOW, 1)
    assert _plan(database, read[0], table) == [f"SEARCH {entity} USING INDEX {plan}"]


@pytest.mark.parametrize(("column", "index"), [("person_id", "deal_by_person"), ("org_id", "deal_by_org")])
def test_counting_deals_reads_only_those_of_the_page(database, column, index):
    """The deals of a page's persons or organizations are counted by an index of theirs. (ours)"""

    def count(connection):
        storage.deal_counts(connection, 9, column, [1, 2])

    assert _steps(database, count)[0] == f"SEARCH deal USING INDEX {index} (company_id=? AND {column}=?)"


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("key", ["id", "add_time", "update_time"])
@pytest.mark.parametrize("filters", [{}, {"owner_id": "3"}, {"updated_since": "2026-08-31T09:00:00Z"}])
def test_every_way_finds_the_same(database, forty_deals, key, direction, filters):
    """Page by page, however it is found: each record that passes once, in order, ties by id. (facts 2.3)"""
    made = forty_deals
    listing = deals_by({**filters, **by(key, direction), "limit": "7"})
    found = []
    while True:
        with database.read() as connection:
            page = queries.page_of(storage.DEALS.find(connection, 9, listing), listing)
        found += page.records
        if page.cursor is None:
            break
        listing = replace(listing, cursor=page.cursor)
    expected = [deal for deal in made if deal.owner_id == 3 or "owner_id" not in filters]
    if "updated_since" in filters:
        expected = [deal for deal in expected if (deal.update_time or deal.add_time) >= listing.updated_since]
    expected.sort(key=lambda deal: (_sort_value(deal, key), deal.id), reverse=direction == "desc")
    assert [deal.id for deal in found] == [deal.id for deal in expected]


@pytest.fixture
def forty_deals(database):
    """Forty deals of two owners, some updated, several at the same time."""
    made = [
        replace(
            _deal(id),
            owner_id=3 + id % 2,
            add_time=NOW - timedelta(hours=id % 5),
            update_time=NOW - timedelta(hours=id % 3) if id % 4 else None,
        )
        for id in range(1, 41)
    ]
    with database.write() as connection:
        storage.DEALS.add(connection, 9, *made)
    return made


def _sort_value(deal, key):
    return (deal.update_time or deal.add_time) if key == "update_time" else getattr(deal, key)


def deals_by(query):
    listing, faults = queries.read_v2(query, "deal", NOW)
    assert faults == []
    return listing


def _plan(database, listing, table=storage.DEALS):
    """How the database finds the records of a listing."""
    return _steps(database, lambda connection: table.find(connection, 9, listing))


def _steps(database, ask):
    """How the database does the last thing that `ask` wants of it."""
    with database.read() as connection:
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        ask(connection)
        connection.set_trace_callback(None)
        return [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}")]


def _deal(id):
    return Deal(id, "x", 1.0, "EUR", 2, 3, 4, 5, 6, 7, NOW)
