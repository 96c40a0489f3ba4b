"""Campaigns at work: what an event starts, when it is sent, how often it is tried, and why it is not."""

from datetime import timedelta

import msgspec
import pytest

from mock_servers.rig.clock import to_seconds

CAMPAIGN = {
    "name": "Negotiation",
    "event_name": "Deal Stage Changed",
    "where": [{"name": "Stage", "value": "Negotiation"}],
    "url": "http://127.0.0.1:9000/hook",
}
ADA = {
    "type": "profile",
    "identity": "u-1",
    "profileData": {"Name": "Ada", "Email": "ada@example.com", "Phone": "+14155550100", "Plan Name": "pro"},
}


def moved(**members):
    data = {"Stage": "Negotiation", "Value": 1200.5}
    return {"type": "event", "identity": "u-1", "evtName": "Deal Stage Changed", "evtData": data, **members}


@pytest.fixture
def campaign(caller):
    def add(**wishes):
        status, made = caller.control("POST", f"/_rig/accounts/{caller.account_id}/campaigns", {**CAMPAIGN, **wishes})
        assert status == 201, made
        return made

    return add


def outbox(caller):
    """What came of events, oldest first."""
    status, told = caller.control("GET", f"/_rig/accounts/{caller.account_id}/outbox")
    assert status == 200
    return list(reversed(told["data"]))


def test_an_event_sends_the_webhook(caller, campaign, dispatcher, receiver):
    """A matching event calls the address with the user and the event's properties. (6.3; documented)"""
    made = campaign(key_values={"team": "sales"})
    caller.upload(ADA, moved())

    dispatcher.settle()

    [request] = receiver.received
    assert (request.method, request.url) == ("POST", CAMPAIGN["url"])
    assert request.headers["Content-Type"] == "application/json"
    [sent] = receiver.bodies
    assert (sent["targetId"], sent["key_values"]) == (made["id"], {"team": "sales"})
    [profile] = sent["profiles"]
    assert (profile["identity"], profile["email"], profile["name"]) == ("u-1", "ada@example.com", "Ada")
    assert profile["profileData"] == {"plan name": "pro"}
    assert profile["event_properties"] == {"Stage": "Negotiation", "Value": 1200.5, "CT Source": "API"}
    [entry] = outbox(caller)
    assert (entry["state"], [attempt["status"] for attempt in entry["attempts"]]) == ("sent", [200])
    assert msgspec.json.decode(entry["body"]) == sent


@pytest.mark.parametrize(
    ("wishes", "event", "part"),
    [
        pytest.param({}, {"evtData": {"Stage": "Won"}}, "Stage is 'Won'", id="another property"),
        pytest.param({"profile_where": [{"name": "Plan Name", "value": "free"}]}, {}, "Plan Name", id="another user"),
        pytest.param({}, {"ts": -7201}, "2 hours", id="two hours and a second old"),
        pytest.param({}, {"ts": 121}, "2 minutes", id="two minutes and a second ahead"),
    ],
)
def test_what_does_not_start_a_campaign_says_why(caller, campaign, dispatcher, receiver, clock, wishes, event, part):
    """The outbox has the reason in words. (6.1: documented; the words are ours)"""
    campaign(**wishes)
    if "ts" in event:
        event = {"ts": to_seconds(clock.now()) + event["ts"]}
    caller.upload(ADA, moved(**event))

    dispatcher.settle()

    assert receiver.received == []
    [entry] = outbox(caller)
    assert entry["state"] == "skipped"
    assert part in entry["reason"]


@pytest.mark.parametrize("ts", [pytest.param(-7200, id="two hours old"), pytest.param(120, id="two minutes ahead")])
def test_the_borders_of_the_window_still_start_a_campaign(caller, campaign, dispatcher, receiver, clock, ts):
    """At most two hours old, at most two minutes ahead. (docs on live campaigns; documented)"""
    campaign()
    caller.upload(moved(ts=to_seconds(clock.now()) + ts))
    dispatcher.settle()
    assert len(receiver.received) == 1


def test_other_events_are_none_of_its_business(caller, campaign):
    """The outbox speaks only of events that a campaign waits for, and not while it is switched off. (Ours)"""
    campaign(is_enabled=False)
    campaign(event_name="Won")
    caller.upload(ADA, moved())
    assert outbox(caller) == []


def test_a_delay_is_waited_for(caller, campaign, dispatcher, receiver, clock):
    """The message goes out so many seconds after the event's arrival. (6.1; documented)"""
    campaign(delay_seconds=300)
    caller.upload(moved())
    dispatcher.advance(timedelta(seconds=299))
    assert receiver.received == []
    assert outbox(caller)[0]["state"] == "scheduled"
    dispatcher.advance(timedelta(seconds=1))
    assert len(receiver.received) == 1


def test_once_per_user_is_once(caller, campaign, dispatcher, receiver):
    """The second event of the same user is skipped, another user's is not. (6.2; assumed)"""
    campaign(once_per_user=True)
    caller.upload(moved(), moved(), moved(identity="u-2"))
    dispatcher.settle()
    assert [entry["state"] for entry in outbox(caller)] == ["sent", "skipped", "sent"]
    assert "already reached" in outbox(caller)[1]["reason"]
    assert len(receiver.received) == 2


@pytest.mark.parametrize(
    ("statuses", "state", "made"),
    [
        pytest.param([200], "sent", 1, id="at once"),
        pytest.param([500, None, 204], "sent", 3, id="at the last try"),
        pytest.param([500, 500, None, 200], "failed", 3, id="never"),
        pytest.param([302, 302, 302], "failed", 3, id="a redirect is not followed"),
    ],
)
def test_a_webhook_is_tried_three_times(caller, campaign, dispatcher, receiver, clock, statuses, state, made):
    """Two retries, by the clock; then it is counted as failed. (docs/create-message-webhook; documented, see 8.13)"""
    campaign()
    receiver.statuses = list(statuses)
    caller.upload(moved())

    dispatcher.advance(timedelta(hours=1))

    [entry] = outbox(caller)
    assert (entry["state"], len(receiver.received), len(entry["attempts"])) == (state, made, made)
    assert [attempt["status"] for attempt in entry["attempts"]] == statuses[:made]
    assert set(receiver.timeouts) == {5.0}
    assert len({attempt["at"] for attempt in entry["attempts"]}) == made
    if state == "failed":
        assert entry["reason"].startswith("Webhook Dispatch Failed")


def test_time_out_and_retries_are_settings_of_the_account(caller, campaign, dispatcher, receiver):
    """Sources disagree about them, so an account may have others. (8.13)"""
    settings = {"webhook_timeout_seconds": 3, "webhook_retries": 1}
    assert caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", settings)[0] == 200
    campaign()
    receiver.statuses = [500, 500, 200]
    caller.upload(moved())
    dispatcher.advance(timedelta(hours=1))
    assert (len(receiver.received), set(receiver.timeouts)) == (2, {3.0})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods(caller, campaign, dispatcher, receiver, method):
    """GET has no body and says the key-values in its address. (6.3: documented; what a GET carries is assumed)"""
    campaign(method=method, key_values={"team": "sales"})
    caller.upload(moved())
    dispatcher.settle()
    [request] = receiver.received
    assert request.method == method
    assert (request.body is None) == (method == "GET")
    assert str(request.url).endswith("?team=sales") == (method == "GET")


def test_an_own_text_and_basic_auth(caller, campaign, dispatcher, receiver):
    """Plain text in place of the variables, and the account's user and password. (6.3; documented)"""
    made = campaign(body="Hallo, Käthe", basic_auth_user="ada", basic_auth_password="gehé1m")
    caller.upload(moved())
    dispatcher.settle()
    [request] = receiver.received
    assert request.body == "Hallo, Käthe".encode()
    assert request.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert request.headers["Authorization"] == "Basic YWRhOmdlaMOpMW0="
    assert "basic_auth_password" not in made
    assert made["has_basic_auth_password"] is True


def test_a_campaign_may_only_note(caller, campaign, dispatcher, receiver):
    """The channel log sends nothing. (6.2; ours)"""
    campaign(channel="log", url=None)
    caller.upload(moved())
    dispatcher.settle()
    assert receiver.received == []
    assert outbox(caller)[0]["state"] == "logged"


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        pytest.param("removed", "the campaign was removed", id="removed"),
        pytest.param("off", "the campaign was switched off", id="switched off"),
        pytest.param("deleted", "the user was deleted", id="the user deleted"),
    ],
)
def test_what_changes_during_a_delay_is_heeded(caller, campaign, dispatcher, receiver, meanwhile, reason):
    """Nothing is sent by a campaign, or to a user, that is gone when it is time. (Assumed)"""
    made = campaign(delay_seconds=60)
    path = f"/_rig/accounts/{caller.account_id}/campaigns/{made['id']}"
    caller.upload(moved())
    if meanwhile == "removed":
        assert caller.control("DELETE", path)[0] == 200
    elif meanwhile == "off":
        assert caller.control("PUT", path, {**CAMPAIGN, "is_enabled": False})[0] == 200
    else:
        caller.ask("POST", "/1/delete/profiles.json", body=b'{"identity": "u-1"}')
    dispatcher.advance(timedelta(seconds=60))
    assert receiver.received == []
    assert [(entry["state"], entry["reason"]) for entry in outbox(caller)] == [("skipped", reason)]


def test_an_unsubscribed_user_is_left_alone(caller, campaign, dispatcher, receiver):
    """Whose addresses were all unsubscribed is sent nothing. (6.2; assumed)"""
    campaign()
    addresses = [("email", "ada@example.com"), ("phone", "+14155550100"), ("whatsapp", "+14155550100")]
    entries = [{"type": kind, "value": value, "status": "Unsubscribe"} for kind, value in addresses]
    caller.ask("POST", "/1/subscribe", body=msgspec.json.encode({"d": entries}))
    caller.upload(ADA, moved())
    dispatcher.settle()
    assert "unsubscribed" in outbox(caller)[0]["reason"]


def test_a_dry_run_starts_nothing(caller, campaign, dispatcher):
    """Only what is stored can start a campaign. (6.2; assumed)"""
    campaign()
    caller.upload(moved(), dryRun="1")
    dispatcher.settle()
    assert outbox(caller) == []


def test_every_fault_of_a_campaign_is_named(caller):
    """One 422 for all of them, each with its path. (Ours)"""
    path = f"/_rig/accounts/{caller.account_id}/campaigns"
    status, told = caller.control("POST", path, {"name": "", "delay_seconds": -1, "colour": "red"})
    paths = {problem["path"] for problem in told["error"]["problems"]}
    assert (status, paths) == (422, {"name", "event_name", "delay_seconds", "colour", "url"})
    status, told = caller.control("POST", path, {**CAMPAIGN, "url": "https://example.com/hook"})
    assert (status, told["error"]["problems"][0]["path"]) == (422, "url")
    assert caller.control("DELETE", f"{path}/7")[0] == 404
    assert caller.control("PUT", f"{path}/x", CAMPAIGN)[0] == 404


def test_an_account_sees_only_its_own(caller, newcomer, campaign, dispatcher, receiver):
    """Another account's events start nothing here. (Ours)"""
    campaign()
    newcomer.upload(moved())
    dispatcher.settle()
    assert receiver.received == []
    assert outbox(newcomer) == []


def test_the_outbox_is_bounded_but_keeps_what_is_still_to_be_sent(caller, campaign):
    """The newest few hundred entries, and all that are scheduled. (Ours)"""
    campaign(delay_seconds=60, where=[])
    campaign(where=[{"name": "Stage", "value": "Never"}])
    caller.upload(moved())
    for _ in range(6):
        caller.upload(*[moved(evtData={"Stage": "Won"})] * 100)
    path = f"/_rig/accounts/{caller.account_id}/outbox"
    states, cursor = [], None
    while True:
        answer = caller.ask("GET", path, limit="200", **({"cursor": cursor} if cursor else {}))
        told = msgspec.json.decode(answer.body())
        states += [entry["state"] for entry in told["data"]]
        if not (cursor := told["next_cursor"]):
            break
    assert states.count("scheduled") == 601
    assert states.count("skipped") < 300


def test_after_a_reset_nothing_is_sent(caller, campaign, dispatcher, receiver):
    """A reset forgets what was to be sent. (Ours)"""
    campaign(delay_seconds=60)
    caller.upload(moved())
    assert caller.control("POST", "/_rig/reset", {})[0] == 200
    dispatcher.advance(timedelta(seconds=60))
    assert receiver.received == []


def test_names_of_events_are_compared_as_they_are_stored(caller, campaign, dispatcher, receiver):
    """`Deal: Won` is stored as `Deal Won`; a campaign that waits for either is set off. (Assumed)"""
    campaign(event_name="Deal: Won", where=[])
    campaign(event_name="Deal Won", where=[])
    caller.upload(moved(evtName="Deal: Won"), moved(evtName="Deal Won"))
    dispatcher.settle()
    assert len(receiver.received) == 4
