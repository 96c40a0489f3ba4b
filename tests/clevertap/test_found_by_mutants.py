"""Rules that no test held, or none but by chance: each was found by a mutant of the server that the suite let live."""

from datetime import timedelta

import msgspec
import pytest

from mock_servers.clevertap import identity
from mock_servers.clevertap.identity import Key
from mock_servers.clevertap.profiles import Profile

NAME = "Deal Stage Changed"
ADA = {"type": "profile", "identity": "p-7", "profileData": {"Email": "ada@example.com", "Phone": "+14155550100"}}
MOVED = {"type": "event", "identity": "p-7", "evtName": NAME}
CAMPAIGN = {"name": "Negotiation", "event_name": NAME, "url": "http://127.0.0.1:9000/hook"}


@pytest.fixture
def campaign(caller):
    """Makes a campaign that every change of stage starts."""

    def add(**wishes):
        path = f"/_rig/accounts/{caller.account_id}/campaigns"
        assert caller.control("POST", path, {**CAMPAIGN, **wishes})[0] == 201

    return add


def outbox(caller):
    """What came of events, oldest first."""
    status, told = caller.control("GET", f"/_rig/accounts/{caller.account_id}/outbox")
    assert status == 200
    return list(reversed(told["data"]))


def tables(database):
    """All rows of all tables. How far jobs were numbered is not in them: that is never forgotten."""
    ours = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    with database.read() as connection:
        names = [row[0] for row in connection.execute(ours)]
        return {name: [tuple(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}


def test_a_reset_empties_every_table(caller, clevertap, database, campaign):
    """Afterwards all is as at the start: no name counts against a limit, no address stays unsubscribed. (Ours)"""
    untouched = tables(database)
    clevertap.change_settings(caller.account_id, {"counts_ready_after": 1})
    campaign(once_per_user=True, delay_seconds=60)
    caller.upload({**ADA, "profileData": {**ADA["profileData"], "Plan": "pro"}}, MOVED, {"type": "event"})
    token = {"type": "token", "objectId": "__a", "tokenData": {"id": "t", "type": "fcm"}}
    caller.upload(token, {**MOVED, "objectId": "__a"}, {**MOVED, "identity": "p-8", "objectId": "__a"})
    caller.post("/1/subscribe", {"d": [{"type": "email", "value": "ada@example.com", "status": "Unsubscribe"}]})
    caller.post("/1/counts/events.json", {"event_name": NAME, "from": 20260101, "to": 20261231})
    caller.post("/1/demerge/profiles.json", {"identities": ["p-7"]})
    filled = tables(database)
    assert [name for name, rows in filled.items() if not rows] == []

    clevertap.reset()

    assert tables(database) == untouched


def test_a_reset_forgets_how_many_calls_there_were_at_once(caller, clevertap):
    """The largest number is that since the start or the last reset. (Ours)"""
    caller.upload(ADA)

    clevertap.reset()

    assert clevertap.concurrency.most_at_once(clevertap.account(caller.account_id)) == {}


def test_upper_and_lower_case_are_two_users(caller):
    """An identity is compared letter by letter, unlike an e-mail. (Assumed)"""
    for who in ("u-1", "U-1"):
        caller.upload({"type": "profile", "identity": who, "profileData": {"Spelled": who}})

    assert caller.profile(identity="u-1")["profileData"] == {"Spelled": "u-1"}
    assert caller.profile(identity="U-1")["profileData"] == {"Spelled": "U-1"}


def test_who_was_reached_without_a_name_is_not_reached_again_under_one(caller, campaign, dispatcher):
    """An anonymous user who becomes part of another was reached as that one. (Once per user: assumed)"""
    campaign(once_per_user=True)
    caller.upload(ADA, {"type": "event", "objectId": "__a", "evtName": NAME})
    caller.upload({**MOVED, "evtName": "Seen", "objectId": "__a"})

    caller.upload(MOVED)
    dispatcher.settle()

    assert [entry["state"] for entry in outbox(caller)] == ["sent", "skipped"]
    assert "already reached" in outbox(caller)[1]["reason"]


def test_what_was_noted_of_an_anonymous_user_is_noted_of_who_absorbs_it(caller, clevertap):
    """Its debug events come along. (Debug events: documented; that they come along: assumed)"""
    caller.upload({"type": "profile", "identity": "p-8", "objectId": "__a"})
    caller.post("/1/demerge/profiles.json", {"identities": ["p-8"]})
    caller.upload(ADA)

    caller.upload({**MOVED, "objectId": "__a"})

    account = clevertap.account(caller.account_id)
    found = clevertap.reader.find_profile(account, identity="p-7")
    assert "demerged; no longer known as p-8" in [
        event.reason for event in clevertap.reader.debug_events(found.profile)
    ]


def test_a_webhook_is_tried_again_after_a_minute(caller, campaign, dispatcher, receiver):
    """Not a second sooner. (That there are retries: documented; after how long: assumed)"""
    campaign()
    receiver.statuses = [500, 200]
    caller.upload(MOVED)
    dispatcher.settle()

    dispatcher.advance(timedelta(seconds=59))
    assert len(receiver.received) == 1
    dispatcher.advance(timedelta(seconds=1))
    assert len(receiver.received) == 2


@pytest.mark.parametrize("still_open", ["email", "phone", "whatsapp"])
def test_a_user_with_one_address_left_is_written_to(caller, campaign, dispatcher, receiver, still_open):
    """Only whose addresses were all unsubscribed is left alone. (Assumed)"""
    campaign()
    values = {"email": "ada@example.com", "phone": "+14155550100", "whatsapp": "+14155550100"}
    entries = [
        {"type": channel, "value": value, "status": "Unsubscribe"}
        for channel, value in values.items()
        if channel != still_open
    ]
    caller.ask("POST", "/1/subscribe", body=msgspec.json.encode({"d": entries}))

    caller.upload(ADA, MOVED)
    dispatcher.settle()

    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("devices", "is_absorbed"), [pytest.param(49, True, id="fifty"), pytest.param(50, False, id="fifty-one")]
)
def test_a_user_absorbs_devices_up_to_the_fiftieth(devices, is_absorbed):
    """A user has at most 50 devices, those of an absorbed profile too. (The number: documented; the rest: assumed)"""
    keys = (Key("identity", "u-7"), *(Key("objectId", f"device-{number}") for number in range(devices)))
    user = Profile(id=1, keys=keys, properties={}, created_at=1, updated_at=1)
    anonymous = Profile(id=2, keys=(Key("objectId", "new"),), properties={}, created_at=1, updated_at=1)
    holders = {key: profile for profile in (user, anonymous) for key in profile.keys}

    resolution = identity.resolve((Key("objectId", "new"), Key("identity", "u-7")), (), holders.get)

    assert resolution.profile == (user if is_absorbed else anonymous)
    assert resolution.absorbed == (anonymous if is_absorbed else None)


def test_a_phone_that_identifies_no_more_stays(caller, clevertap):
    """Once the account says that phones do not identify, none is taken away. (3.6; documented)"""
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "phone"]})
    caller.upload(ADA)
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity"]})

    assert caller.post("/1/disassociate", {"d": [{"type": "phone", "value": "+14155550100"}]})[0] == 200

    assert caller.profile(identity="p-7")["phone"] == "+14155550100"


def test_a_limit_below_what_there_is_lets_no_property_in(caller, clevertap):
    """An account that has more custom properties than it may have gets no new one, and keeps the old. (Assumed)"""
    caller.upload({"type": "profile", "identity": "p-7", "profileData": {"a": 1, "b": 1, "c": 1}})
    clevertap.change_settings(caller.account_id, {"profile_properties": 1})

    caller.upload({"type": "profile", "identity": "p-7", "profileData": {"a": 2, "d": 2, "e": 2, "f": 2}})

    assert caller.profile(identity="p-7")["profileData"] == {"a": 2, "b": 1, "c": 1}
