"""The database: what goes in comes out, and a list costs its page and not the whole table."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest

from mock_servers.pipedrive import queries, storage
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


SORTED = [
    {"sort_by": key, "sort_direction": direction}
    for key in ("id", "add_time", "update_time")
    for direction in ("asc", "desc")
]
NARROWED = [
    {"stage_id": "2", "sort_by": "update_time", "sort_direction": "desc"},
    {"person_id": "2"},
    {"org_id": "2"},
    {"stage_id": "2"},
    {"updated_since": "2026-08-30T00:00:00Z", "sort_by": "update_time"},
]


@pytest.mark.parametrize("query", SORTED + NARROWED, ids=lambda query: " ".join(query.values()))
def test_a_list_is_a_range_of_an_index(database, query):
    """No list is sorted by hand or read as a whole: an index gives it in order, from the cursor on. (ours)"""
    listing, faults = queries.read_v2(query, "deal", NOW)
    assert faults == []
    first = queries.page_of([_deal(1), _deal(2)], queries.Listing(orders=listing.orders, limit=1))
    for cursor in (None, first.cursor):
        plan = _plan(database, replace(listing, cursor=cursor))
        assert not [step for step in plan if "SCAN" in step or "TEMP B-TREE" in step], plan


def _plan(database, listing):
    """How the database finds the deals of a listing."""
    with database.read() as connection:
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        storage.DEALS.find(connection, 9, listing)
        connection.set_trace_callback(None)
        return [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statements[-1]}")]


def _deal(id):
    return Deal(id, "x", 1.0, "EUR", 2, 3, 4, 5, 6, 7, NOW)


def test_the_deals_of_a_stage_by_their_last_change(database):
    """What "Updated Deal Stage" is tested with has an index of its own: a rare stage costs no walk over all deals."""
    listing, _ = queries.read_v2({"stage_id": "2", "sort_by": "update_time", "sort_direction": "desc"}, "deal", NOW)
    assert any("deal_by_stage_and_update_time" in step for step in _plan(database, listing))
