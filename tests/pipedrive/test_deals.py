"""Rules of deals: what a body may hold, and what a write makes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mock_servers.pipedrive import deals

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
STILL_LATER = NOW + timedelta(days=2)


@pytest.fixture
def make(ada, lead_in):
    """A new deal with these fields."""
    return lambda **fields: deals.new_deal({"title": "Birch", **fields}, id=901, by=ada, stage=lead_in, now=NOW)


def judge(version, body, *, is_new=True):
    fields, faults = deals.read_fields(body, version, is_new=is_new)
    return fields, [(fault.path, fault.reason) for fault in faults]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        pytest.param({"title": "Birch"}, [], id="a title is enough"),
        pytest.param({}, [("title", "Parameter 'title' is required")], id="no title"),
        pytest.param({"title": " "}, [("title", "must not be empty")], id="an empty title"),
        pytest.param(
            {"title": "x", "colour": 1},
            [("colour", "Parameter 'colour' is not allowed for this request")],
            id="an unknown key",
        ),
        pytest.param({"title": "x", "value": "200"}, [("value", "Expected 'number'")], id="a number as text"),
        pytest.param({"title": "x", "value": True}, [("value", "Expected 'number'")], id="a boolean is no number"),
        pytest.param({"title": "x", "value": float("nan")}, [("value", "Expected 'number'")], id="not a number"),
        pytest.param({"title": "x", "value": 10**400}, [("value", "Expected 'number'")], id="a huge number"),
        pytest.param({"title": "x", "person_id": None}, [], id="null clears the person"),
        pytest.param({"title": "x", "stage_id": None}, [("stage_id", "Expected 'integer'")], id="null is no stage"),
        pytest.param(
            {"title": "x", "probability": 101}, [("probability", "must be between 0 and 100")], id="over 100 percent"
        ),
        pytest.param({"title": "x", "status": "deleted"}, [("status", "must be one of open, won, lost")], id="deleted"),
        pytest.param(
            {"title": "x", "visible_to": "3"}, [("visible_to", "must be one of 1, 3, 5, 7")], id="visibility as text"
        ),
        pytest.param({"title": "x", "is_deleted": False}, [], id="not deleted may be said"),
        pytest.param(
            {"title": "x", "is_deleted": True},
            [("is_deleted", "Parameter 'is_deleted' is not allowed for this request")],
            id="a write may not delete",
        ),
        pytest.param(
            {"title": "x", "expected_close_date": "2026-02-30"},
            [("expected_close_date", "not a valid date, expected YYYY-MM-DD")],
            id="a day that does not exist",
        ),
        pytest.param(
            {"title": "x", "add_time": "2026-09-01T00:00:00Z"},
            [("add_time", "Parameter 'add_time' is not allowed for this request")],
            id="the time of creation",
        ),
        pytest.param(
            {"title": "x", "is_archived": True, "archive_time": "2026-09-01T00:00:00Z"}, [], id="archived then"
        ),
        pytest.param(
            {"title": "x", "archive_time": "2026-09-01T00:00:00Z"},
            [("archive_time", "can only be set when is_archived is true")],
            id="a time of archiving without archiving",
        ),
        pytest.param(
            {"title": "x", "is_archived": False, "archive_time": "2026-09-01T00:00:00Z"},
            [("archive_time", "can only be set when is_archived is true")],
            id="a time of archiving while coming back",
        ),
        pytest.param(
            {"title": "x", "is_archived": "yes", "archive_time": "2026-09-01T00:00:00Z"},
            [("is_archived", "Expected 'boolean'")],
            id="a time of archiving beside a wrong switch",
        ),
        pytest.param(
            {"title": "x", "label_ids": [7, "9"]}, [("label_ids[1]", "Expected 'integer'")], id="a wrong item of a list"
        ),
        pytest.param(
            {"value": "1", "colour": 1},
            [
                ("value", "Expected 'number'"),
                ("colour", "Parameter 'colour' is not allowed for this request"),
                ("title", "Parameter 'title' is required"),
            ],
            id="all faults at once",
        ),
    ],
)
def test_v2_takes_exactly_what_it_knows(body, faults):
    """v2 is strict: unknown keys and wrong types are refused, all of them at once. (facts 2.4, 4.2, 4.6)"""
    assert judge("v2", body)[1] == faults


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({"value": "12.5"}, {"value": 12.5}, id="a number as text"),
        pytest.param({"value": ""}, {"value": 0.0}, id="an empty value"),
        pytest.param({"user_id": "5011"}, {"owner_id": 5011}, id="the owner by its old name"),
        pytest.param({"label": [7, 9]}, {"label_ids": (7, 9)}, id="labels as a list"),
        pytest.param({"label": "7,9"}, {"label_ids": (7, 9)}, id="labels as text"),
        pytest.param({"visible_to": "3"}, {"visible_to": 3}, id="visibility as text"),
        pytest.param({"colour": "red"}, {}, id="an unknown key is ignored"),
        pytest.param({"stage_id": ""}, {}, id="an empty stage says nothing"),
        pytest.param({"person_id": None}, {"person_id": None}, id="null clears the person"),
        pytest.param({"won_time": "2026-09-01 08:15:30"}, {"won_time": NOW}, id="a time in the old form"),
        pytest.param({"expected_close_date": "2026-09-30"}, {"expected_close_date": date(2026, 9, 30)}, id="a date"),
        pytest.param({"is_archived": "1"}, {"is_archived": True}, id="a switch as text"),
    ],
)
def test_v1_takes_what_means_the_right_thing(body, fields):
    """v1 coerces, and ignores what it does not know. (facts 2.4, 4.1, 4.2)"""
    assert judge("v1", {"title": "x", **body}) == ({"title": "x", **fields}, [])


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        pytest.param({}, "Deal title must be given.", id="none"),
        pytest.param({"title": ""}, "Deal title must be given.", id="empty"),
        pytest.param({"title": None}, "Deal title must be given.", id="null"),
        pytest.param(
            {"title": "x" * 256},
            '"title" length must be less than or equal to 255 characters long',
            id="too long",
        ),
    ],
)
def test_v1_has_its_own_words_for_titles(title, reason):
    """The recorded messages of v1. (facts 4.2, 4.6)"""
    assert judge("v1", title)[1] == [("title", reason)]


def test_v1_may_say_when_a_deal_was_added_but_not_change_it():
    """`add_time` counts on create only. (facts 4.2)"""
    body = {"title": "x", "add_time": "2026-09-01 08:15:30"}
    assert judge("v1", body)[0]["add_time"] == NOW
    assert "add_time" not in judge("v1", body, is_new=False)[0]


@pytest.mark.parametrize(
    ("fields", "status", "paths"),
    [
        pytest.param({"won_time": NOW}, "won", [], id="won when won"),
        pytest.param({"won_time": NOW}, "open", ["won_time"], id="won while open"),
        pytest.param({"lost_time": NOW}, "won", ["lost_time"], id="lost when won"),
        pytest.param({"close_time": NOW}, "lost", [], id="closed when lost"),
        pytest.param({"close_time": NOW}, "open", ["close_time"], id="closed while open"),
        pytest.param({"lost_reason": "price"}, "open", ["lost_reason"], id="a reason while open"),
        pytest.param({"lost_reason": None}, "open", [], id="no reason while open"),
        pytest.param({"won_time": NOW, "lost_time": NOW}, "won", ["lost_time"], id="won and lost"),
    ],
)
def test_times_and_reason_fit_the_status(fields, status, paths):
    """`won_time` only if won, `lost_time` and `lost_reason` only if lost, `close_time` if either. (facts 4.2)"""
    assert [fault.path for fault in deals.find_status_faults(fields, status, "v2")] == paths


def test_a_reason_is_free_text_in_v1():
    """v1 takes `lost_reason` whatever the status. (facts 4.2)"""
    assert deals.find_status_faults({"lost_reason": "price"}, "open", "v1") == []


def test_what_a_new_deal_has(make):
    """Defaults of a create: value 0, the creator's currency and name, no update or move yet. (facts 3.1, 4.4)"""
    deal = make()
    assert (deal.value, deal.currency, deal.creator_user_id, deal.owner_id) == (0.0, "EUR", 5010, 5010)
    assert (deal.stage_id, deal.pipeline_id, deal.status, deal.visible_to) == (11, 1, "open", 3)
    assert (deal.add_time, deal.update_time, deal.stage_change_time) == (NOW, None, None)
    assert (deal.origin, deal.origin_id) == ("API", None)


def test_an_effective_change_sets_the_update_time(make):
    """Any effective change sets `update_time`, and nothing else that was not sent. (facts 4.4)"""
    after = deals.changed_deal(make(), {"title": "Oak"}, stage=None, now=LATER)
    assert (after.title, after.update_time, after.stage_change_time) == ("Oak", LATER, None)


def test_a_change_that_changes_nothing_is_none(make):
    """A patch that changes nothing leaves the very same deal. (facts 4.4)"""
    deal = make()
    assert deals.changed_deal(deal, {"title": "Birch", "value": 0.0}, stage=None, now=LATER) is deal


def test_a_move_sets_the_stage_change_time(make, lead_in):
    """A change of stage sets `stage_change_time` too. (facts 4.4)"""
    demo = replace(lead_in, id=13, pipeline_id=2)
    after = deals.changed_deal(make(), {"stage_id": 13}, stage=demo, now=LATER)
    assert (after.stage_id, after.pipeline_id) == (13, 2)
    assert after.stage_change_time == after.update_time == LATER


def test_a_move_to_the_same_stage_is_no_move(make, lead_in):
    """The stage it is in already changes nothing. (facts 4.4)"""
    deal = make()
    assert deals.changed_deal(deal, {"stage_id": 11}, stage=lead_in, now=LATER) is deal


def test_winning(make):
    """Open to won: won and close time are now, lost time and reason go. (facts 4.4)"""
    won = deals.changed_deal(make(), {"status": "won"}, stage=None, now=LATER)
    assert (won.status, won.won_time, won.close_time, won.first_won_time) == ("won", LATER, LATER, LATER)
    assert (won.lost_time, won.lost_reason) == (None, None)


def test_winning_at_a_given_time(make):
    """A sent time counts instead of now. (facts 4.4)"""
    won = deals.changed_deal(make(), {"status": "won", "won_time": NOW}, stage=None, now=LATER)
    assert (won.won_time, won.close_time, won.update_time) == (NOW, NOW, LATER)


def test_losing(make):
    """Open to lost: lost and close time are now, the reason is kept. (facts 4.4)"""
    lost = deals.changed_deal(make(), {"status": "lost", "lost_reason": "price"}, stage=None, now=LATER)
    assert (lost.status, lost.lost_time, lost.close_time, lost.lost_reason) == ("lost", LATER, LATER, "price")


def test_reopening_keeps_only_the_first_win(make):
    """Back to open: all of it goes but `first_won_time`. (facts 4.4)"""
    won = deals.changed_deal(make(), {"status": "won"}, stage=None, now=LATER)
    again = deals.changed_deal(won, {"status": "open"}, stage=None, now=STILL_LATER)
    assert (again.won_time, again.close_time, again.first_won_time) == (None, None, LATER)


def test_the_first_win_is_remembered(make):
    """`first_won_time` is set once: a second win does not move it. (facts 4.4)"""
    won = deals.changed_deal(make(), {"status": "won"}, stage=None, now=LATER)
    lost = deals.changed_deal(won, {"status": "lost"}, stage=None, now=STILL_LATER)
    again = deals.changed_deal(lost, {"status": "won"}, stage=None, now=STILL_LATER)
    assert (again.won_time, again.first_won_time) == (STILL_LATER, LATER)


def test_a_deal_may_be_born_won(make):
    """A create with status won is as the move to it. (facts 4.4)"""
    deal = make(status="won")
    assert (deal.status, deal.won_time, deal.close_time, deal.update_time) == ("won", NOW, NOW, None)


def test_v1_ignores_a_time_of_archiving_alone(make):
    """Without `is_archived` v1 takes the time and does nothing with it. (facts 4.2, assumed)"""
    fields, faults = judge("v1", {"archive_time": "2026-09-01 08:15:30"}, is_new=False)
    assert (faults, deals.changed_deal(make(), fields, stage=None, now=LATER)) == ([], make())


def test_archiving_and_back(make):
    """`archive_time` defaults to now and goes when the deal comes back. (facts 4.2, 4.4)"""
    archived = deals.changed_deal(make(), {"is_archived": True}, stage=None, now=LATER)
    assert (archived.is_archived, archived.archive_time) == (True, LATER)
    assert deals.changed_deal(archived, {"is_archived": False}, stage=None, now=STILL_LATER).archive_time is None


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        pytest.param({"title": "Oak"}, False, id="a new title"),
        pytest.param({}, False, id="nothing"),
        pytest.param({"is_archived": True}, False, id="archived again"),
        pytest.param({"is_archived": False}, True, id="un-archived"),
    ],
)
def test_an_archived_deal_takes_only_its_return(make, fields, may):
    """Archived deals cannot be edited; only un-archiving passes. (facts 4.3 rule 7)"""
    assert deals.may_be_edited(make(is_archived=True), fields) is may


def test_deleting(make):
    """A delete marks the deal, sets the time, and keeps the row. (facts 4.4)"""
    deleted = deals.deleted_deal(make(), LATER)
    assert (deleted.is_deleted, deleted.status, deleted.update_time) == (True, "deleted", LATER)
