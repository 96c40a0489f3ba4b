"""The pages about users: looking for somebody, and all that is known of one."""

import re

import pytest

ADA = {
    "type": "profile",
    "identity": "u-1",
    "objectId": "__ada",
    "FBID": "fb-1",
    "profileData": {"Name": "Ada", "Email": "Ada@example.com", "Phone": "+1 415 555 0100"},
}


@pytest.fixture
def profile(look, caller):
    """The page of the user with this CleverTap ID."""
    return lambda object_id, rest="": look(f"/profile?account={caller.account_id}&object_id={object_id}{rest}")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("u-1", id="identity"),
        pytest.param("__ada", id="CleverTap ID"),
        pytest.param("fb-1", id="Facebook id"),
        pytest.param("ada@EXAMPLE.com", id="e-mail, in any case"),
        pytest.param("%20u-1%20", id="blanks around it"),
        pytest.param("%2B14155550100", id="phone"),
        pytest.param("%2B1+(415)+555-0100", id="phone as people write it"),
    ],
)
def test_one_field_finds_somebody(look, caller, asked):
    """Whatever a user is known by leads straight to the profile. (The dashboard's Find People; documented)"""
    caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", {"identity_fields": ["identity", "phone"]})
    caller.upload(ADA)
    assert "<h1>Ada</h1>" in look(f"/people?q={asked}").html


def test_a_phone_is_found_only_if_it_identifies(look, caller):
    """As long as the settings do not say so it leads nowhere, and the page says why. (Ours)"""
    caller.upload(ADA)
    words = look("/people?q=%2B14155550100").words
    assert "Nobody has the identity, e-mail, phone or CleverTap ID +14155550100." in words
    assert "A phone finds nobody as long as phone is not among the identity_fields." in words


def test_several_users_are_listed(look, caller, newcomer):
    """An e-mail may be that of several profiles: all of the account's are shown, each a link away."""
    caller.upload(ADA, {"type": "profile", "identity": "u-2", "profileData": {"Email": "ada@example.com"}})
    newcomer.upload({"type": "profile", "identity": "u-3", "profileData": {"Email": "ada@example.com"}})
    page = look("/people?q=ada@example.com")
    assert "Profiles found" in page.words
    assert "u-3" not in page.words
    assert "u-2" in look(page.link("u-2")).words


def test_profiles_are_paged(look, caller):
    """Newest first, twenty a page, until there are no more."""
    caller.upload(*({"type": "profile", "identity": f"u-{n:02}"} for n in range(45)))
    page, seen = look("/people"), []
    while True:
        seen.append(re.findall(r"u-(\d\d)", page.words))
        if "Older profiles" not in page.labels:
            break
        page = look(page.link("Older profiles"))
    assert [len(each) for each in seen] == [20, 20, 5]
    assert [number for each in seen for number in each] == [f"{n:02}" for n in range(44, -1, -1)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("?object_id=gone", "No profile has the CleverTap ID gone: there never was one", id="unknown"),
        pytest.param("", "Say which profile: ?object_id=<CleverTap ID>.", id="not said"),
        pytest.param("?object_id=%20", "Say which profile", id="blank"),
    ],
)
def test_an_unknown_profile_is_a_404(look, query, words):
    """It says so, and leads to the people there are."""
    page = look(f"/profile{query}", 404)
    assert words in page.words
    assert page.link("Find people") == look("/people").link("Find people")


def test_another_accounts_profile_is_unknown(look, caller, newcomer):
    """Accounts never see each other's users."""
    newcomer.upload(ADA)
    look(f"/profile?account={caller.account_id}&object_id=__ada", 404)


def test_who_somebody_is(profile, caller):
    """Type, times, identities and whether they lead here, devices with platform and token."""
    token = {"type": "token", "objectId": "-phone", "tokenData": {"id": "t-1", "type": "apns"}}
    caller.upload(ADA, {"type": "profile", "identity": "u-1", "objectId": "-phone", "profileData": {}}, token)
    words = profile("__ada").words
    assert "Type Identified Created 2026-11-02 09:30:00 UTC Updated 2026-11-02 09:30:00 UTC" in words
    assert "Unsubscribed no channel" in words
    assert "identity u-1 yes" in words
    assert "FBID fb-1 yes" in words
    assert "email Ada@example.com yes phone +14155550100 no: not among the identity_fields" in words
    assert "__ada Android - -phone iOS apns:t-1" in words


def test_what_is_known_of_somebody(profile, caller):
    """System and custom properties apart, each with its kind; what is nested is dot-separated. (2.5; documented)"""
    caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", {"nested_objects": True})
    custom = {
        "Plan": "pro",
        "Score": 12.5,
        "Vip": True,
        "Since": "$D_1700000000",
        "Tags": ["a", "b"],
        "Home": {"City": "London", "Geo": {"Lat": 51}},
    }
    caller.upload(
        {"type": "profile", "objectId": "__ada", "profileData": {"Name": "Ada", "DOB": "$D_-86400", **custom}}
    )
    words = profile("__ada").words
    system, _, rest = words.partition("System properties ")[2].partition(" Custom properties ")
    assert system == ("Property Kind Value Name string Ada DOB date 1969-12-31 00:00:00 UTC $D_-86400 Age number 56")
    assert rest.startswith(
        "Property Kind Value Plan string pro Score number 12.5 Vip boolean true"
        ' Since date 2023-11-14 22:13:20 UTC $D_1700000000 Tags list ["a","b"]'
        " Home.City string London Home.Geo.Lat number 51 What this user did"
    )


def test_an_anonymous_profile_says_what_it_lacks(profile, caller):
    """Only a device is known: the page is called by it, and says how more comes to be known."""
    caller.upload({"type": "token", "objectId": "__x", "tokenData": {"id": "t", "type": "fcm"}})
    page = profile("__x")
    assert "<h1>__x</h1>" in page.html
    for words in (
        "Type Anonymous",
        "Only devices are known.",
        "None yet. profileData of an upload adds them.",
        "Nothing yet. An upload of the type event",
        "No events yet.",
        "None. Identities that are set later",
    ):
        assert words in page.words


def test_channels_that_are_off_say_why(profile, caller):
    """The address was unsubscribed, or the user wishes it so. (Subscribe API; documented)"""
    caller.upload(ADA, {"type": "profile", "identity": "u-1", "profileData": {"MSG-whatsapp": False}})
    caller.post("/1/subscribe", {"d": [{"type": "email", "value": "ada@example.com", "status": "Unsubscribe"}]})
    words = profile("__ada").words
    assert "email Ada@example.com was unsubscribed, for every profile that has it" in words
    assert "whatsapp the user's MSG-whatsapp is false" in words
    assert "MSG-dndEmail boolean true" in words


def test_what_somebody_did(profile, look, caller):
    """How often, first and last; below it the newest events, paged; a purchase makes a customer."""
    events = ({"type": "event", "objectId": "__ada", "evtName": "Seen", "ts": 1700000000 + n} for n in range(25))
    caller.upload(*events, {"type": "event", "objectId": "__b", "evtName": "Opened"})
    caller.upload({"type": "event", "objectId": "__ada", "evtName": "Charged", "evtData": {"Amount": 5}, "ts": 1})
    page = profile("__ada")
    assert "Type Customer" in page.words
    assert "Charged 1 1970-01-01 00:00:01 UTC 1970-01-01 00:00:01 UTC" in page.words
    assert "Seen 25 2023-11-14 22:13:20 UTC 2023-11-14 22:13:44 UTC" in page.words
    assert "Opened" not in page.words
    listed = page.words.partition("Newest events")[2]
    assert listed.count("Seen API {}") == 20
    assert "Charged" not in listed
    older = look(page.link("Older events")).words.partition("Newest events")[2]
    assert older.count("Seen API {}") == 5
    assert 'Charged API {"Amount":5}' in older
    assert "2023-11-14 22:13:24 UTC" in older
    assert "No older events." in profile("__ada", "&before=0-0").words


def test_debug_events_give_their_reasons(profile, caller):
    """What was noted about identities, newest first. (docs.clevertap.com/docs/debug-events; documented)"""
    caller.upload(ADA, {"type": "profile", "identity": "u-2", "objectId": "__b"})
    caller.upload({"type": "profile", "identity": "u-2", "FBID": "fb-1", "GPID": "g-1"})
    assert "Identity Error FBID fb-1 belongs to another profile" in profile("__b").words
    assert "Identity Set GPID g-1" in profile("__b").words
