"""GET /1/profile.json: one profile, or null."""

import pytest

FULL = {
    "type": "profile",
    "identity": "u-1",
    "FBID": "fb-1",
    "profileData": {
        "Name": "Ada",
        "Email": "Ada@Example.com",
        "Phone": "+1 415 555 0100",
        "Gender": "F",
        "Age": "36",
        "MSG-email": False,
        "email": "custom",
        "Plan": "Pro",
        "Signed up": "$D_1700000000",
    },
}


def test_system_and_custom_properties_are_told_apart(caller):
    """Name, e-mail, phone at the top, custom ones in profileData. (docs/get-user-profiles-api; documented;
    systemProfileData and all_identities here: assumed)
    """
    caller.upload(FULL, {"type": "event", "identity": "u-1", "evtName": "Seen", "ts": 1700000050})
    record = caller.profile(identity="u-1")
    [device] = record.pop("platformInfo")
    assert device.pop("objectId").isalnum()
    assert device == {"platform": "Web"}
    assert record == {
        "identity": "u-1",
        "all_identities": ["u-1", "fb-1", "Ada@Example.com"],
        "name": "Ada",
        "email": "Ada@Example.com",
        "phone": "+14155550100",
        "profileData": {"email": "custom", "Plan": "Pro", "Signed up": "$D_1700000000"},
        "systemProfileData": {"Gender": "F", "Age": 36, "MSG-email": False},
        "events": {"Seen": {"count": 1, "first_seen": 1700000050, "last_seen": 1700000050}},
    }


def test_what_a_profile_does_not_have_is_absent(caller):
    """A profile known by its device only has no name, no e-mail, no identity. (Assumed)"""
    caller.upload({"type": "profile", "objectId": "__a"})
    record = caller.profile(objectId="__a")
    assert set(record) == {"all_identities", "profileData", "systemProfileData", "events", "platformInfo"}


def test_the_object_id_of_a_new_profile(caller):
    """A profile made through the API gets 32 hex characters. (Assumed)"""
    caller.upload(FULL)
    object_id = caller.profile(identity="u-1")["platformInfo"][0]["objectId"]
    assert len(object_id) == 32
    assert set(object_id) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"identity": "u-1"}, id="identity"),
        pytest.param({"identity": " u-1 "}, id="identity with space around"),
        pytest.param({"identity": "ada@example.com"}, id="e-mail as identity"),
        pytest.param({"email": "ada@example.com"}, id="e-mail"),
        pytest.param({"email": "ADA@EXAMPLE.COM"}, id="e-mail in capitals"),
        pytest.param({"identity": "u-1", "email": "nobody@example.com"}, id="identity before e-mail"),
        pytest.param({"objectId": "", "identity": "u-1"}, id="a blank objectId"),
    ],
)
def test_a_profile_is_found(caller, query):
    """By e-mail, identity or objectId. (docs/get-user-profiles-api; documented; order and case assumed)"""
    caller.upload(FULL)
    assert caller.profile(**query)["name"] == "Ada"


def test_an_object_id_is_looked_at_first(caller):
    """Of several, objectId decides. (Assumed)"""
    caller.upload(FULL, {"type": "profile", "objectId": "__a", "profileData": {"Name": "Grace"}})
    assert caller.profile(objectId="__a", identity="u-1")["name"] == "Grace"


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"identity": "U-1"}, id="another spelling of the identity"),
        pytest.param({"identity": "nobody"}, id="unknown identity"),
        pytest.param({"email": "nobody@example.com"}, id="unknown e-mail"),
        pytest.param({"email": "u-1"}, id="an identity as e-mail"),
        pytest.param({"objectId": "u-1"}, id="an identity as objectId"),
        pytest.param({"identity": "\x00'; DROP TABLE profile; --"}, id="anything"),
    ],
)
def test_an_unknown_user_is_null_and_no_error(caller, query):
    """200 with `record: null`. (Three clients rely on it; observed)"""
    caller.upload(FULL)
    assert caller.profile(**query) is None


@pytest.mark.parametrize("query", [pytest.param({}, id="nothing"), pytest.param({"identity": " "}, id="blank")])
def test_nothing_to_look_for_is_a_400(caller, query):
    """One of the three is needed. (Assumed)"""
    answer = caller.ask("GET", "/1/profile.json", **query)
    assert (answer.status, answer.payload["status"], answer.payload["code"]) == (400, "fail", 400)


def test_an_email_that_changes_leads_no_longer(caller):
    """The e-mail a profile has now is the one that finds it. (Assumed)"""
    caller.upload(FULL, {"type": "profile", "identity": "u-1", "profileData": {"Email": "new@example.com"}})
    assert caller.profile(email="ada@example.com") is None
    assert caller.profile(email="new@example.com")["identity"] == "u-1"


@pytest.mark.parametrize(
    ("object_id", "platform"),
    [("__a", "Android"), ("-a", "iOS"), ("~a", "Windows"), ("a", "Web"), ("_a", "Web")],
)
def test_a_device_shows_its_platform(caller, object_id, platform):
    """By the beginning of its CleverTap ID. (2.9; documented)"""
    caller.upload({"type": "profile", "objectId": object_id})
    assert caller.profile(objectId=object_id)["platformInfo"] == [{"platform": platform, "objectId": object_id}]


@pytest.mark.parametrize(
    ("data", "age"),
    [
        pytest.param({"DOB": "$D_152668800"}, 51, id="the birthday is to come"),
        pytest.param({"DOB": "$D_152496000", "Age": 20}, 52, id="the birthday was yesterday, and an age that is wrong"),
        pytest.param({"DOB": "soon", "Age": 20}, 20, id="a date that is none"),
        pytest.param({"DOB": "$D_1900000000"}, None, id="a date to come"),
    ],
)
def test_the_age_is_computed_from_the_date_of_birth(caller, clock, data, age):
    """On the day of reading, if the date is known. (2.6; documented)"""
    caller.upload({"type": "profile", "identity": "u-1", "profileData": data})
    assert caller.profile(identity="u-1")["systemProfileData"].get("Age") == age
