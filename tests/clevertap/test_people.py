"""Deleting, parting, disassociating and unsubscribing users; and the credential check."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_servers.rig.exchange import ApiError

ADA = {
    "type": "profile",
    "identity": "p-7",
    "profileData": {"Name": "Ada", "Email": "ada@example.com", "Phone": "+14155550100"},
}
GRACE = {**ADA, "identity": "p-8", "profileData": {**ADA["profileData"], "Name": "Grace"}}
ALAN = {"type": "profile", "identity": "p-9", "profileData": {"Name": "Alan", "Email": "alan@example.com"}}
SUCCESS = 200, {"status": "success"}


def event(**who):
    return {"type": "event", "evtName": "Seen", **who}


def device(caller, identity):
    return caller.profile(identity=identity)["platformInfo"][0]["objectId"]


def debug_events(clevertap, caller, **query):
    found = clevertap.reader.find_profile(clevertap.account(caller.account_id), **query)
    return [(each.name, each.reason) for each in clevertap.reader.debug_events(found.profile)]


def delete(caller, body):
    return caller.post("/1/delete/profiles.json", body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"identity": "p-7"}, id="a text"),
        pytest.param({"identity": ["p-7"]}, id="a list"),
        pytest.param({"identity": ["p-7", " p-7 ", "nobody"]}, id="twice, and somebody unknown"),
        pytest.param({"identity": "ADA@example.com"}, id="the e-mail as identity"),
        pytest.param({"identity": ["p-7", "ada@example.com"]}, id="the same user by identity and by e-mail"),
        pytest.param({"guid": "__a"}, id="the object id"),
        pytest.param({"guid": ["__a", "__b"], "identity": ["p-7"]}, id="both, of the same user"),
        pytest.param({"guid": None, "identity": "p-7"}, id="null beside it"),
    ],
)
def test_deleting_a_user(caller, body):
    """By identity or guid, a value or a list; who shares the e-mail stays. (3.6; documented; by e-mail: assumed)"""
    caller.upload({**ADA, "objectId": "__a"}, {**ADA, "objectId": "__b"}, GRACE, event(identity="p-7"))
    assert delete(caller, body) == SUCCESS
    assert caller.profile(identity="p-7") is None
    assert caller.profile(objectId="__b") is None
    assert caller.profile(identity="p-8")["name"] == "Grace"
    assert caller.profile(email="ada@example.com")["identity"] == "p-8"


def test_a_number_deletes_the_user_of_its_text(caller):
    """12 and "12" are one user here too. (Assumed)"""
    caller.upload({"type": "profile", "identity": 12})
    assert delete(caller, {"identity": [12]}) == SUCCESS
    assert caller.profile(identity="12") is None


def test_what_a_deleted_user_did_is_gone(caller, clevertap):
    """Nothing exports or counts it any more. (3.6; documented)"""
    caller.upload(ADA, event(identity="p-7"), event(identity="p-9"))
    delete(caller, {"identity": "p-7"})
    question = {"event_name": "Seen", "from": 20261101, "to": 20261103}
    assert [each["profile"]["identity"] for each in caller.records("/1/events.json", question)] == ["p-9"]
    assert [each["identity"] for each in caller.records("/1/profiles.json", question)] == ["p-9"]
    for kind in ("profiles", "events"):
        assert caller.post(f"/1/counts/{kind}.json", question)[1]["count"] == 1
    assert len(clevertap.reader.newest_events(clevertap.account(caller.account_id))) == 1


def test_a_deleted_user_who_returns_is_new(caller):
    """Another object id, no events, no old properties. (3.6; documented)"""
    caller.upload(ADA, event(identity="p-7"))
    before = device(caller, "p-7")
    delete(caller, {"identity": "p-7"})
    caller.upload({"type": "profile", "identity": "p-7", "profileData": {"Plan": "Pro"}})
    record = caller.profile(identity="p-7")
    assert (record["profileData"], record["events"], record.get("name")) == ({"Plan": "Pro"}, {}, None)
    assert device(caller, "p-7") != before


def test_deleting_acts_on_one_account(caller, newcomer):
    """Users of others stay. (Design D14)"""
    caller.upload(ADA)
    newcomer.upload(ADA)
    delete(caller, {"identity": "p-7"})
    assert newcomer.profile(identity="p-7")["name"] == "Ada"


@pytest.mark.parametrize("path", ["/1/delete/profiles.json", "/1/demerge/profiles.json"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(["p-7"] * 101, id="more than 100"),
        pytest.param([], id="an empty list"),
        pytest.param(None, id="null"),
        pytest.param(["p-7", None], id="null in a list"),
        pytest.param(["p-7", ["p-8"]], id="a list in a list"),
        pytest.param({"p-7": 1}, id="an object"),
        pytest.param(True, id="a boolean"),
        pytest.param(["p-7", " "], id="a blank text"),
        pytest.param(["p-7", "x" * 1024], id="a text that is too long"),
    ],
)
def test_what_names_nobody_is_a_400_and_changes_nothing(caller, path, value):
    """At most 100 values, at least one. (3.6; documented; the answers assumed)"""
    caller.upload(ADA)
    before = caller.profile(identity="p-7")
    member = "identity" if "delete" in path else "identities"
    status, told = caller.post(path, {member: value})
    assert (status, told["status"], told["code"]) == (400, "fail", 400)
    assert member in told["error"]
    assert caller.profile(identity="p-7") == before


@pytest.mark.parametrize("body", [{}, {"identities": ["p-7"]}, {"id": "p-7"}])
def test_deleting_nobody_is_a_400(caller, body):
    """One of identity and guid must be there. (3.6; documented; the answer assumed)"""
    caller.upload(ADA)
    assert delete(caller, body)[0] == 400
    assert caller.profile(identity="p-7") is not None


def test_a_hundred_values_in_each_list(caller):
    """The limit is per list. (8.18; documented)"""
    caller.upload(*({"type": "profile", "identity": f"u-{n}", "objectId": f"__{n}"} for n in range(200)))
    body = {"identity": [f"u-{n}" for n in range(100)], "guid": [f"__{n}" for n in range(100, 200)]}
    assert delete(caller, body) == SUCCESS
    assert [n for n in range(200) if caller.profile(identity=f"u-{n}")] == []


@pytest.mark.parametrize("identities", ["p-7", ["p-7"], ["p-7", "ada@example.com", "nobody"]])
def test_demerging_makes_an_anonymous_profile_of_each_device(caller, clevertap, identities):
    """Identities are dropped, Identity Reset is noted. (3.6; documented; which profile keeps what assumed)"""
    token = {"type": "token", "tokenData": {"id": "t", "type": "fcm"}}
    caller.upload(
        {**ADA, "objectId": "__a", "FBID": "fb"},
        {"type": "profile", "identity": "p-7", "objectId": "__b", "profileData": {"Plan": "Pro"}},
        {**token, "objectId": "__a"},
        {**token, "objectId": "__b"},
        event(identity="p-7"),
        GRACE,
    )
    assert caller.post("/1/demerge/profiles.json", {"identities": identities}) == SUCCESS
    first, second = caller.profile(objectId="__a"), caller.profile(objectId="__b")
    for object_id, record in (("__a", first), ("__b", second)):
        [shown] = record["platformInfo"]
        assert shown == {"platform": "Android", "push_token": "fcm:t", "objectId": object_id}
        assert record["all_identities"] == []
        assert [name for name, _ in debug_events(clevertap, caller, object_id=object_id)] == ["Identity Reset"]
    assert (first["profileData"], first["events"]["Seen"]["count"]) == ({"Plan": "Pro"}, 1)
    assert (second["profileData"], second["events"]) == ({}, {})
    assert caller.profile(identity="p-7") is None
    assert caller.profile(identity="p-8")["name"] == "Grace", "who shares the e-mail is another user"
    assert caller.profile(email="ada@example.com")["identity"] == "p-8"


def test_a_demerged_user_who_returns_is_new(caller):
    """The identity is free again. (Assumed)"""
    caller.upload({**ADA, "objectId": "__a"}, event(identity="p-7"))
    caller.post("/1/demerge/profiles.json", {"identities": ["p-7"]})
    caller.upload({"type": "profile", "identity": "p-7"})
    assert caller.profile(identity="p-7")["events"] == {}
    caller.upload(event(identity="p-7", objectId="__a"))
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 2, "their device is theirs again"


@pytest.mark.parametrize("is_field", [True, False], ids=["phone identifies", "phone as an identity"])
def test_disassociating_a_phone(caller, clevertap, is_field):
    """An upload with that phone makes a new user afterwards. (3.6; documented)"""
    if is_field:
        clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "phone"]})
        caller.upload(ADA)
    else:
        caller.upload(ADA, {"type": "profile", "identity": "p-7", "profileData": {"identity": "+14155550100"}})
    entry = {"type": "phone", "value": "+1 415 555 0100"}
    answer = caller.post("/1/disassociate", {"d": [entry, entry]})
    assert answer == (200, {"status": "success", "processed": 2, "unprocessed": []})
    assert caller.profile(identity="+14155550100") is None
    caller.upload(event(identity="+14155550100"))
    assert caller.profile(identity="p-7")["events"] == {}
    assert caller.profile(identity="+14155550100")["events"]["Seen"]["count"] == 1


def test_a_phone_that_does_not_identify_stays(caller):
    """Only a phone that is used as an identity is taken away. (3.6; documented)"""
    caller.upload(ADA)
    assert caller.post("/1/disassociate", {"d": [{"type": "phone", "value": "+14155550100"}]})[0] == 200
    assert caller.profile(identity="p-7")["phone"] == "+14155550100"


UNSUBSCRIBE = {"type": "email", "value": "ADA@example.com", "status": "Unsubscribe"}


def test_unsubscribing_acts_on_everybody_who_has_the_address(caller, newcomer):
    """All profiles that share it, those of later too, of this account. (3.6; documented; where it shows: assumed)"""
    caller.upload(ADA, ALAN)
    newcomer.upload(ADA)
    assert caller.post("/1/subscribe", {"d": [UNSUBSCRIBE]})[1]["status"] == "success"
    caller.upload(GRACE)
    for identity in ("p-7", "p-8"):
        assert caller.profile(identity=identity)["systemProfileData"]["MSG-dndEmail"] is True
    assert caller.profile(identity="p-9")["systemProfileData"] == {}
    assert newcomer.profile(identity="p-7")["systemProfileData"] == {}
    caller.post("/1/subscribe", {"d": [{**UNSUBSCRIBE, "status": "Resubscribe"}]})
    assert caller.profile(identity="p-7")["systemProfileData"] == {}


@pytest.mark.parametrize(
    ("channel", "shown"), [("phone", "MSG-dndSMS"), ("whatsapp", "MSG-dndWhatsApp"), ("email", "MSG-dndEmail")]
)
def test_each_channel_is_unsubscribed_by_itself(caller, channel, shown):
    """A phone number has two channels. (3.6; documented; where it shows: assumed)"""
    caller.upload(ADA)
    value = "ada@example.com" if channel == "email" else "+1 (415) 555-0100"
    caller.post("/1/subscribe", {"d": [{"type": channel, "value": value, "status": "Unsubscribe"}]})
    assert caller.profile(identity="p-7")["systemProfileData"] == {shown: True}


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        pytest.param("/1/subscribe", UNSUBSCRIBE, {**UNSUBSCRIBE, "status": "unsubscribe"}, id="another status"),
        pytest.param("/1/subscribe", UNSUBSCRIBE, {**UNSUBSCRIBE, "type": "fax"}, id="another type"),
        pytest.param("/1/subscribe", UNSUBSCRIBE, {**UNSUBSCRIBE, "type": ["email"]}, id="a list as type"),
        pytest.param("/1/subscribe", UNSUBSCRIBE, {**UNSUBSCRIBE, "value": "nope"}, id="no e-mail"),
        pytest.param("/1/subscribe", UNSUBSCRIBE, {**UNSUBSCRIBE, "value": 5}, id="a number as e-mail"),
        pytest.param("/1/subscribe", UNSUBSCRIBE, [], id="a list as entry"),
        pytest.param(
            "/1/disassociate",
            {"type": "phone", "value": "+14155550100"},
            {"type": "email", "value": "a@b.de"},
            id="e-mail",
        ),
        pytest.param(
            "/1/disassociate",
            {"type": "phone", "value": "+14155550100"},
            {"type": "phone", "value": "415"},
            id="no phone",
        ),
        pytest.param("/1/disassociate", {"type": "phone", "value": "+14155550100"}, None, id="null as entry"),
    ],
)
def test_the_answers_are_shaped_like_an_uploads(caller, path, right, wrong):
    """Success, partial or fail, and why for each entry. (3.6; observed)"""
    status, told = caller.post(path, {"d": [right, wrong]})
    assert (status, told["status"], told["processed"]) == (200, "partial", 1)
    [entry] = told["unprocessed"]
    assert list(entry) == ["status", "code", "error", "record"]
    assert (entry["status"], entry["record"]) == ("fail", wrong)
    assert entry["error"].endswith("Skipped record number : 2")
    assert caller.post(path, {"d": [wrong]})[1]["status"] == "fail"
    assert caller.post(path, {"d": []}) == (200, {"status": "success", "processed": 0, "unprocessed": []})
    assert caller.post(path, {"d": [right] * 1000})[0] == 200
    assert caller.post(path, {"d": [right] * 1001})[0] == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({"partner": "zapier"}, 200, id="who asks"),
        pytest.param({}, 400, id="nobody"),
        pytest.param({"partner": " "}, 400, id="a blank name"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/connect", "/eu1/v1/connect"])
def test_credentials_can_be_checked(caller, path, query, status):
    """`/v1/connect` says success to the right ones. (1.4; documented; the bodies assumed)"""
    answer = caller.ask("GET", path, **query)
    assert answer.status == status
    assert answer.payload["status"] == ("success" if status == 200 else "fail")
    assert caller.ask("GET", path, headers={"x-clevertap-passcode": "wrong"}, **query).status == 401


@pytest.mark.parametrize("verb", ["delete", "demerge", "disassociate", "subscribe"])
def test_a_reset_between_credentials_and_call_refuses_it(clevertap, newcomer, verb):
    """Nothing is stored for an account that has gone; an unsubscription once reached the account that came after it."""
    account = clevertap.account(newcomer.account_id)
    clevertap.reset()
    sent = {
        "delete": {"identity": "p-7"},
        "demerge": {"identities": ["p-7"]},
        "disassociate": b'{"d": [{"type": "phone", "value": "+14155550100"}]}',
        "subscribe": b'{"d": [{"type": "phone", "value": "+14155550100", "status": "Unsubscribe"}]}',
    }
    with pytest.raises(ApiError, match="Account ID is not valid"):
        getattr(clevertap.people, verb)(account, sent[verb])


_names = st.sampled_from(["a", "b", "a@x.de", "b@x.de", "+14155550100"])
_devices = st.sampled_from(["__1", "__2", "-3"])
_phone = {"type": "phone", "value": "+14155550100"}
_calls = st.lists(
    st.builds(
        lambda names, guids: ("/1/delete/profiles.json", {"identity": names, "guid": guids}),
        st.lists(_names, min_size=1, max_size=2),
        st.lists(_devices, max_size=1),
    )
    | st.builds(
        lambda names: ("/1/demerge/profiles.json", {"identities": names}), st.lists(_names, min_size=1, max_size=2)
    )
    | st.just(("/1/disassociate", {"d": [_phone]}))
    | st.builds(
        lambda name, device, email, phone: (
            "/1/upload",
            {
                "d": [
                    {"type": "event", "objectId": device, "evtName": "Seen"},
                    {"type": "profile", "identity": name, "profileData": {"Email": email, "Phone": phone}},
                    {"type": "event", "identity": name, "objectId": device, "evtName": "Seen"},
                ]
            },
        ),
        _names,
        _devices,
        st.sampled_from(["a@x.de", "b@x.de", ""]),
        st.sampled_from(["+14155550100", ""]),
    ),
    max_size=10,
)
KEYS_OF_PROFILES = (
    "SELECT profile.id, json_extract(key.value, '$[0]'), json_extract(key.value, '$[1]')"
    " FROM profile, json_each(CAST(document AS TEXT), '$.keys') key"
)
COUNTED = "SELECT name_id, profile_id, COUNT(*), MIN(ts), MAX(ts) FROM event GROUP BY name_id, profile_id"
COUNTS = "SELECT name_id, profile_id, count, first_seen, last_seen FROM event_count"
NOBODY = "WHERE profile_id NOT IN (SELECT id FROM profile)"
ORPHANS = {
    "events of nobody": f"SELECT * FROM event {NOBODY}",
    "debug events of nobody": f"SELECT * FROM debug_event {NOBODY}",
    "counts of nothing": f"{COUNTS} EXCEPT {COUNTED}",
    "events that are not counted": f"{COUNTED} EXCEPT {COUNTS}",
    "identifiers that lead nowhere": f"SELECT profile_id, kind, value FROM identifier EXCEPT {KEYS_OF_PROFILES}",
    "identifiers that do not lead": f"{KEYS_OF_PROFILES} EXCEPT SELECT profile_id, kind, value FROM identifier",
}
"""What must never be found in the tables."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(_calls)
def test_nothing_is_left_of_who_is_gone(caller, clevertap, database, calls):
    """Whatever was done to users, all tables agree on who is there."""
    clevertap.reset()
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "email", "phone"]})
    for path, body in calls:
        assert caller.post(path, body)[0] == 200
    with database.read() as connection:
        left = {title: [tuple(row) for row in connection.execute(query)] for title, query in ORPHANS.items()}
    assert left == {title: [] for title in ORPHANS}


def test_a_user_known_by_the_email_alone_can_be_demerged(caller):
    """The e-mail identifies, so it goes as identities do. (Demerge: documented; the e-mail: assumed)"""
    caller.upload({"type": "profile", "objectId": "__a", "profileData": {"Email": "ada@example.com", "Plan": "pro"}})
    assert caller.ask("POST", "/1/demerge/profiles.json", body=b'{"identities": "ada@example.com"}').status == 200
    assert caller.profile(email="ada@example.com") is None
    profile = caller.profile(objectId="__a")
    assert "email" not in profile
    assert profile["profileData"] == {"Plan": "pro"}


def test_do_not_disturb_is_about_the_address(caller):
    """A switch in an upload acts on everybody with the address, and a call lifts it. (2.6; documented)"""
    email = {"Email": "ada@example.com"}
    quiet = {"type": "profile", "identity": "a", "profileData": {**email, "MSG-dndEmail": True}}
    caller.upload(quiet, {"type": "profile", "identity": "b", "profileData": email})
    shown = [caller.profile(identity=who)["systemProfileData"] for who in "ab"]
    assert shown == [{"MSG-dndEmail": True}] * 2

    body = b'{"d": [{"type": "email", "value": "ADA@example.com", "status": "Resubscribe"}]}'
    assert caller.ask("POST", "/1/subscribe", body=body).status == 200
    assert [caller.profile(identity=who)["systemProfileData"] for who in "ab"] == [{}] * 2


def test_do_not_disturb_waits_for_an_address(caller):
    """Without one the switch stays with the user, and acts when the address comes. (Assumed)"""
    caller.upload({"type": "profile", "identity": "a", "profileData": {"MSG-dndSMS": True}})
    assert caller.profile(identity="a")["systemProfileData"] == {"MSG-dndSMS": True}
    phone = {"Phone": "+14155550100"}
    caller.upload({"type": "profile", "identity": "a", "profileData": phone})
    caller.upload({"type": "profile", "identity": "b", "profileData": phone})
    assert caller.profile(identity="b")["systemProfileData"] == {"MSG-dndSMS": True}
