"""Counting users and events: at once, or asked for now and collected later."""

import msgspec
import pytest

from mock_servers.clevertap.log_storage import MOST_COUNT_REQUESTS

MIDNIGHT = 1_705_276_800
DAY = {"event_name": "Seen", "from": 20240115, "to": 20240115}
KINDS = ["profiles", "events"]


@pytest.fixture(autouse=True)
def four_events_of_two_users(caller):
    """Three on the day, of two users, and one a day later."""
    caller.upload(
        *(
            {"type": "event", "identity": who, "evtName": "Seen", "ts": MIDNIGHT + after, "evtData": {"after": after}}
            for who, after in [("a", 0), ("a", 1), ("b", 2), ("b", 86_400)]
        )
    )


def path(kind):
    return f"/1/counts/{kind}.json"


def collect(caller, kind, req_id):
    answer = caller.ask("GET", path(kind), req_id=req_id)
    return answer.status, answer.payload


def counted(number):
    return 200, {"status": "success", "count": number}


@pytest.mark.parametrize(
    ("more", "profiles", "events"),
    [
        pytest.param({}, 2, 3, id="no filter"),
        pytest.param({"to": 20240116}, 2, 4, id="two days"),
        pytest.param({"to": 20240229, "from": 20240116}, 1, 1, id="other days"),
        pytest.param(
            {"event_properties": [{"name": "after", "operator": "greater_than", "value": 1}]}, 1, 1, id="a filter"
        ),
        pytest.param({"event_name": "Unheard of"}, 0, 0, id="what nobody did"),
        pytest.param(
            {"common_profile_properties": {"profile_fields": [{"name": "Plan", "operator": "exists"}]}},
            0,
            0,
            id="nobody",
        ),
    ],
)
def test_counts_with_and_without_filters(caller, more, profiles, events):
    """How many users, and how many times. (3.4; documented)"""
    assert caller.post(path("profiles"), {**DAY, **more}) == counted(profiles)
    assert caller.post(path("events"), {**DAY, **more}) == counted(events)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("polls", [1, 2, 5])
def test_a_count_may_take_its_time(caller, clevertap, kind, polls):
    """First `partial` with a number to ask again with, then the count, and again if asked again. (3.4; documented)"""
    clevertap.change_settings(caller.account_id, {"counts_ready_after": polls})
    status, partial = caller.post(path(kind), DAY)
    assert (status, list(partial), partial["status"]) == (200, ["status", "req_id"], "partial")
    assert isinstance(partial["req_id"], int)
    req_id = str(partial["req_id"])
    assert [collect(caller, kind, req_id) for _ in range(polls - 1)] == [(200, partial)] * (polls - 1)
    expected = counted(2 if kind == "profiles" else 3)
    assert [collect(caller, kind, req_id) for _ in range(2)] == [expected, expected]


def test_counts_that_wait_do_not_mix(caller, clevertap):
    """Each has its own number and its own question. (3.4; documented)"""
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 1})
    first, second = (str(caller.post(path("events"), {**DAY, "to": day})[1]["req_id"]) for day in (20240115, 20240116))
    assert first != second
    assert collect(caller, "events", second) == counted(4)
    assert collect(caller, "events", first) == counted(3)


def test_a_count_that_waits_outlives_a_change_of_the_setting(caller, clevertap):
    """Who was told to come back finds the count, also if counts are there at once by now. (Ours)"""
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 1})
    req_id = str(caller.post(path("profiles"), DAY)[1]["req_id"])
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 0})
    assert caller.post(path("profiles"), DAY) == counted(2)
    assert collect(caller, "profiles", req_id) == counted(2)


@pytest.mark.parametrize("req_id", ["", "x", "0", "-1", "1.0", "\u0661", "99", "9" * 18, "9" * 5000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_req_id_is_a_400(caller, clevertap, kind, req_id):
    """One that nobody was given. (Assumed)"""
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 1})
    caller.post(path(kind), DAY)
    status, told = collect(caller, kind, req_id)
    assert (status, told["status"], told["code"]) == (400, "fail", 400)
    assert len(told["error"]) < 100


def test_a_req_id_of_something_else_is_a_400(caller, newcomer, clevertap):
    """Of the other kind, or of another account. (Assumed)"""
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 1})
    req_id = str(caller.post(path("profiles"), DAY)[1]["req_id"])
    assert collect(caller, "events", req_id)[0] == 400
    assert collect(newcomer, "profiles", req_id)[0] == 400
    assert collect(caller, "profiles", req_id) == counted(2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_collection_needs_a_req_id(caller, kind):
    """The 400 names it. (Assumed)"""
    answer = caller.ask("GET", path(kind))
    assert (answer.status, answer.payload["error"]) == (400, "req_id is mandatory")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", [[], {}, {**DAY, "from": 20240230}, {**DAY, "event_properties": [{"name": "a", "operator": "like"}]}]
)
def test_a_query_that_says_nothing_is_a_400(caller, clevertap, kind, body):
    """Said at once, not when it is collected. (Assumed)"""
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 1})
    assert caller.post(path(kind), body)[0] == 400


def test_only_so_many_counts_wait(caller, clevertap):
    """The oldest is forgotten: what nobody collects must not grow. (Ours)"""
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 1})
    ids = [str(caller.post(path("events"), DAY)[1]["req_id"]) for _ in range(MOST_COUNT_REQUESTS + 1)]
    assert collect(caller, "events", ids[0])[0] == 400
    assert collect(caller, "events", ids[1]) == counted(3)
    assert collect(caller, "events", ids[-1]) == counted(3)


@pytest.mark.parametrize("kind", ["profile", "event"])
def test_counts_are_served_in_the_singular_too(caller, kind):
    """A generated description has the paths so. (8.15; observed)"""
    body = msgspec.json.encode({"event_name": "Seen", "from": 20240101, "to": 20240131})
    answers = [caller.ask("POST", f"/1/counts/{name}.json", body=body) for name in (kind, f"{kind}s")]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body() == answers[1].body()
