"""What happens to users between an event and the message that it set off."""

from datetime import timedelta

import msgspec
import pytest

CAMPAIGN = {"name": "c", "event_name": "Did", "url": "http://127.0.0.1:9000/hook", "delay_seconds": 600}


@pytest.fixture
def path(caller):
    return f"/_rig/accounts/{caller.account_id}"


@pytest.fixture
def campaign(caller, path):
    def add(**wishes):
        status, made = caller.control("POST", f"{path}/campaigns", {**CAMPAIGN, **wishes})
        assert status == 201, made
        return made

    return add


def ended(caller, path):
    told = caller.control("GET", f"{path}/outbox")[1]["data"]
    return [(entry["state"], entry["reason"]) for entry in reversed(told)]


def did(**who):
    return {"type": "event", "evtName": "Did", **who}


def test_a_deleted_user_s_message_goes_to_nobody_else(caller, path, campaign, dispatcher, receiver):
    """Somebody new with the same device once got the message of the one who was deleted. (3.6; documented)"""
    campaign()
    caller.upload({"type": "profile", "objectId": "devx", "identity": "old"}, did(objectId="devx"))
    caller.ask("POST", "/1/delete/profiles.json", body=b'{"identity": "old"}')
    caller.upload({"type": "profile", "objectId": "devx", "identity": "new"})
    dispatcher.advance(timedelta(seconds=600))
    assert receiver.received == []
    assert ended(caller, path) == [("skipped", "the user was deleted")]


def test_a_user_who_became_part_of_another_is_still_reached(caller, path, campaign, dispatcher, receiver):
    """The message goes to the one profile that is left. (2.9; assumed)"""
    campaign()
    caller.upload({"type": "profile", "identity": "m", "profileData": {"Name": "Ada"}}, did(objectId="dev1"))
    caller.upload({"type": "profile", "objectId": "dev1", "identity": "m"})
    dispatcher.advance(timedelta(seconds=600))
    [body] = receiver.bodies
    assert body["profiles"][0]["name"] == "Ada"


def test_once_per_user_holds_when_two_become_one(caller, path, campaign, dispatcher, receiver):
    """Of two messages that wait, one is sent. (6.2; assumed)"""
    campaign(once_per_user=True)
    caller.upload(did(objectId="dev1"), did(identity="m"))
    caller.upload({"type": "profile", "objectId": "dev1", "identity": "m"})
    dispatcher.advance(timedelta(seconds=600))
    assert len(receiver.received) == 1
    assert sorted(state for state, _ in ended(caller, path)) == ["sent", "skipped"]


def test_who_unsubscribes_meanwhile_is_left_alone(caller, path, campaign, dispatcher, receiver):
    """It counts when the message would go out. (6.2; assumed)"""
    campaign()
    caller.upload({"type": "profile", "identity": "u", "profileData": {"Email": "u@example.com"}}, did(identity="u"))
    body = msgspec.json.encode({"d": [{"type": "email", "value": "u@example.com", "status": "Unsubscribe"}]})
    caller.ask("POST", "/1/subscribe", body=body)
    dispatcher.advance(timedelta(seconds=600))
    assert receiver.received == []
    assert ended(caller, path) == [("skipped", "this user is unsubscribed")]


def test_a_text_that_is_json_is_sent_as_json(caller, campaign, dispatcher, receiver):
    """JSON or plain text. (6.3; documented; that the text tells which: assumed)"""
    campaign(delay_seconds=0, body='{"text": "hi"}')
    caller.upload(did(identity="u"))
    dispatcher.settle()
    assert receiver.received[0].headers["Content-Type"] == "application/json"


def test_the_outbox_of_a_get_shows_no_body(caller, path, campaign, dispatcher):
    """None is sent, so none is shown, and wishing for one is refused. (Ours)"""
    campaign(delay_seconds=0, method="GET", key_values={"a": "b"})
    caller.upload(did(identity="u"))
    dispatcher.settle()
    assert caller.control("GET", f"{path}/outbox")[1]["data"][0]["body"] is None
    assert caller.control("POST", f"{path}/campaigns", {**CAMPAIGN, "method": "GET", "body": "x"})[0] == 422


def test_what_was_shown_can_be_put_back(caller, path, campaign, dispatcher, receiver):
    """A campaign is changed by what was read of it; its password, which is never shown, stays. (Ours)"""
    made = campaign(basic_auth_user="ada", basic_auth_password="geheim", delay_seconds=0)
    [shown] = caller.control("GET", f"{path}/campaigns")[1]["data"]
    assert caller.control("PUT", f"{path}/campaigns/{made['id']}", {**shown, "name": "renamed"})[0] == 200
    caller.upload(did(identity="u"))
    dispatcher.settle()
    assert receiver.received[0].headers["Authorization"] == "Basic YWRhOmdlaGVpbQ=="


def test_a_campaign_cannot_wait_for_what_is_never_uploaded(caller, path):
    """CleverTap's own events are a 513. (2.8; documented)"""
    status, told = caller.control("POST", f"{path}/campaigns", {**CAMPAIGN, "event_name": "App Launched"})
    assert (status, told["error"]["problems"][0]["path"]) == (422, "event_name")


def test_once_per_user_holds_also_after_a_message_was_sent(caller, path, campaign, dispatcher, receiver):
    """The entry that was sent first counts for the one profile that is left. (6.2; assumed)"""
    campaign(once_per_user=True)
    caller.upload(did(objectId="dev1"))
    dispatcher.advance(timedelta(seconds=300))
    caller.upload(did(identity="m"))
    dispatcher.advance(timedelta(seconds=300))
    caller.upload({"type": "profile", "objectId": "dev1", "identity": "m"})
    dispatcher.advance(timedelta(seconds=600))
    assert len(receiver.received) == 1


def test_who_was_skipped_was_not_reached(caller, path, campaign, dispatcher, receiver):
    """A message that was not sent does not use up the one there may be. (6.2; assumed)"""
    campaign(once_per_user=True)
    caller.upload({"type": "profile", "identity": "u", "profileData": {"Email": "u@example.com"}}, did(identity="u"))
    for status, seconds in (("Unsubscribe", 600), ("Resubscribe", 0)):
        body = msgspec.json.encode({"d": [{"type": "email", "value": "u@example.com", "status": status}]})
        caller.ask("POST", "/1/subscribe", body=body)
        dispatcher.advance(timedelta(seconds=seconds))
    caller.upload(did(identity="u"))
    dispatcher.advance(timedelta(seconds=600))
    assert [state for state, _ in ended(caller, path)] == ["skipped", "sent"]
