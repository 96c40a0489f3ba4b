"""Whatever a page or an answer tells of users and events, filters of queries and campaigns see too."""

import msgspec
import pytest

BORN = {
    "type": "profile",
    "identity": "a",
    "profileData": {"DOB": "$D_600000000", "Email": "ada@example.com", "Age": 3},
}
DID = {"type": "event", "identity": "a", "evtName": "Did", "$source": "Pipedream"}


def count(caller, **more):
    body = msgspec.json.encode({"event_name": "Did", "from": 20000101, "to": 20991231, **more})
    answer = caller.ask("POST", "/1/counts/profiles.json", body=body)
    assert answer.status == 200, answer
    return msgspec.json.decode(answer.body())["count"]


def on_user(name, operator, value):
    return {"common_profile_properties": {"profile_fields": [{"name": name, "operator": operator, "value": value}]}}


def on_event(name, operator, value):
    return {"event_properties": [{"name": name, "operator": operator, "value": value}]}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param(on_user("Age", "greater_than", 30), 1, id="the age from the date of birth"),
        pytest.param(on_user("Age", "equals", 3), 0, id="and not the one that was sent"),
        pytest.param(on_event("CT Source", "equals", "Pipedream"), 1, id="where an event came from"),
        pytest.param(on_event("CT Source", "equals", "API"), 0, id="and not elsewhere"),
        pytest.param(on_user("MSG-dndEmail", "equals", True), 1, id="an unsubscribed address"),
    ],
)
def test_queries(caller, filters, expected):
    """Age is computed from DOB, every event has a CT Source, addresses are unsubscribed. (2.6, 2.8, 3.6; documented)"""
    caller.upload(BORN, DID)
    unsubscribe = b'{"d": [{"type": "email", "value": "ada@example.com", "status": "Unsubscribe"}]}'
    caller.ask("POST", "/1/subscribe", body=unsubscribe)
    assert count(caller, **filters) == expected


def test_campaigns(caller):
    """A campaign once said that the age is absent which its own webhook would have told. (2.6; documented)"""
    wishes = {
        "name": "c", "event_name": "Did", "channel": "log",
        "profile_where": [{"name": "Age", "operator": "greater_than", "value": 30}],
        "where": [{"name": "CT Source", "value": "Pipedream"}],
    }  # fmt: skip
    assert caller.control("POST", f"/_rig/accounts/{caller.account_id}/campaigns", wishes)[0] == 201
    caller.upload(BORN, DID)
    [entry] = caller.control("GET", f"/_rig/accounts/{caller.account_id}/outbox")[1]["data"]
    assert (entry["state"], entry["reason"]) == ("scheduled", None)


def test_a_clients_own_source_property_is_said_to_go(caller):
    """It would be hidden by CleverTap's; the error stream says so. (Assumed)"""
    caller.upload({**DID, "evtData": {"CT Source": "mine", "x": 1}})
    [entry] = caller.control("GET", f"/_rig/accounts/{caller.account_id}/errors")[1]["data"]
    assert entry["kind"] == "property dropped"
    assert "$source" in entry["text"]


def test_many_events_of_one_user_are_judged_once(caller, database):
    """Each event once asked anew what its user did: the cost grew with the square. (Ours)"""
    caller.upload(*({**DID, "ts": 1_700_000_000 + number} for number in range(1000)))
    asked = []
    with database.read() as connection:
        connection.set_trace_callback(asked.append)
    did = {"any_events": [{"event_name": "Did", "from": 20000101, "to": 20991231}], "operator": "equals", "value": 5}
    body = msgspec.json.encode(
        {"event_name": "Did", "from": 20000101, "to": 20991231, "advanced_query": {"did_any": did}}
    )
    answer = caller.ask("POST", "/1/counts/events.json", body=body)
    with database.read() as connection:
        connection.set_trace_callback(None)
    assert msgspec.json.decode(answer.body())["count"] == 0
    assert len([query for query in asked if "event_of_profile" in query]) == 1
