"""Who is who: how uploads find, link and merge profiles."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ADA_AT = "ada@example.com"
ADA = {"type": "profile", "identity": "p-7", "profileData": {"Name": "Ada", "Email": "ada@example.com"}}

GRACE = {"type": "profile", "identity": "p-8", "profileData": {"Name": "Grace", "Email": "grace@example.com"}}


def event(**who):
    return {"type": "event", "evtName": "Seen", **who}


@pytest.fixture
def debug_events(clevertap, caller):
    """What was noted of the profile that this leads to: names and reasons."""

    def read(**query):
        account = clevertap.account(caller.account_id)
        found = clevertap.reader.find_profile(account, **query)
        return [(each.name, each.reason) for each in clevertap.reader.debug_events(found.profile)]

    return read


def number_of_profiles(clevertap, caller):
    return len(clevertap.reader.newest_profiles(clevertap.account(caller.account_id), limit=100))


def test_one_user_by_number_and_by_text(caller):
    """12 and "12" are one user. (Recorded inside profileData: observed; here assumed)"""
    caller.upload({"type": "profile", "identity": 12, "profileData": {"a": 1}})
    caller.upload({"type": "profile", "identity": "12", "profileData": {"b": 2}})
    assert caller.profile(identity="12")["profileData"] == {"a": 1, "b": 2}


def test_an_identity_that_is_an_email_finds_the_profile(caller):
    """With e-mail as identity field, `identity` may be the e-mail, in any case. (Assumed)"""
    caller.upload(ADA)
    caller.upload({"type": "profile", "identity": "ADA@example.com", "profileData": {"Plan": "Pro"}})
    record = caller.profile(identity="p-7")
    assert record["profileData"] == {"Plan": "Pro"}
    assert record["all_identities"] == ["p-7", "ada@example.com"]


def test_two_identities_with_one_email_stay_two(caller):
    """Both records are processed, and nobody is merged. (Recorded: both succeed; observed; no merge assumed)"""
    assert caller.upload(ADA, {**ADA, "identity": "p-8"})["status"] == "success"
    ids = {caller.profile(identity=identity)["platformInfo"][0]["objectId"] for identity in ("p-7", "p-8")}
    assert len(ids) == 2
    assert caller.profile(email="ada@example.com")["identity"] == "p-7"


def test_an_alias_leads_to_the_same_profile(caller):
    """`profileData.identity` adds another user id. (Client code; observed)"""
    caller.upload(ADA, {"type": "profile", "identity": "p-7", "profileData": {"identity": "alias"}})
    caller.upload({"type": "event", "identity": "alias", "evtName": "Seen"})
    record = caller.profile(identity="p-7")
    assert record["all_identities"] == ["p-7", "alias", "ada@example.com"]
    assert "identity" not in record["profileData"]
    assert record["events"]["Seen"]["count"] == 1


def test_a_taken_alias_stays_where_it_is(caller, debug_events):
    """The record counts, the identity keeps its profile. (Identity Error in the docs: documented; effect assumed)"""
    caller.upload(ADA, {"type": "profile", "identity": "p-8"})
    answer = caller.upload({"type": "profile", "identity": "p-7", "profileData": {"identity": "p-8"}})
    assert answer["status"] == "success"
    assert caller.profile(identity="p-8")["all_identities"] == ["p-8"]
    assert debug_events(identity="p-7") == [("Identity Error", "identity p-8 belongs to another profile")]
    assert debug_events(identity="p-8") == []


def test_a_taken_alias_of_somebody_new(caller, debug_events):
    """The new user does not get it either, and it is noted with them. (As above)"""
    caller.upload(ADA, {"type": "profile", "identity": "p-8", "profileData": {"identity": "p-7", "FBID": "fb"}})
    assert caller.profile(identity="p-7")["all_identities"] == ["p-7", ADA_AT]
    assert caller.profile(identity="p-8")["all_identities"] == ["p-8", "fb"]
    assert debug_events(identity="p-8") == [("Identity Error", "identity p-7 belongs to another profile")]


def test_a_free_identity_is_noted(caller, debug_events):
    """Identity Set for each identifier that a profile gets later; a new device is none. (Debug events: documented;
    the words assumed)
    """
    caller.upload(ADA, {**ADA, "FBID": "fb", "objectId": "__phone", "profileData": {"identity": "alias"}})
    assert sorted(debug_events(identity="p-7")) == [("Identity Set", "FBID fb"), ("Identity Set", "identity alias")]


def test_an_unknown_object_id_makes_a_profile_with_it(caller):
    """An objectId alone creates. (RudderStack relies on it; observed)"""
    caller.upload({"type": "profile", "objectId": "__phone", "profileData": {"a": 1}})
    assert caller.profile(objectId="__phone")["platformInfo"] == [{"platform": "Android", "objectId": "__phone"}]


def test_a_second_device_joins_the_profile(caller):
    """An objectId and an identity together link the device to the user. (Client code; observed; order assumed)"""
    caller.upload(ADA, {"type": "event", "identity": "p-7", "objectId": "__phone", "evtName": "Seen"})
    record = caller.profile(objectId="__phone")
    assert record["identity"] == "p-7"
    assert [device["objectId"] for device in record["platformInfo"]][1:] == ["__phone"]


def test_an_object_id_that_we_would_give_next_may_be_brought_along(caller, clevertap):
    """Replaying uploads with the ids of an earlier run breaks nothing."""
    caller.upload(*({"type": "profile", "identity": f"u-{n}"} for n in range(2)))
    given = caller.profile(identity="u-1")["platformInfo"][0]["objectId"]
    clevertap.reset()
    answer = caller.upload(
        {"type": "profile", "objectId": given}, *({"type": "profile", "identity": f"u-{n}"} for n in range(3))
    )
    assert answer["status"] == "success"


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([ADA, event(identity="p-7"), event(identity="p-7")], id="events after a new profile"),
        pytest.param([event(identity="p-7"), ADA, event(identity="p-7")], id="events around it"),
        pytest.param([event(identity="p-7"), event(identity=" p-7 "), ADA], id="events before it"),
        pytest.param([ADA, event(identity=ADA_AT), event(identity="ADA@example.com")], id="events by its e-mail"),
        pytest.param(
            [event(objectId="__a"), event(objectId="__a"), {**ADA, "objectId": "__a"}], id="events of its device before"
        ),
        pytest.param(
            [ADA, event(objectId="__a"), event(objectId="__a"), {**ADA, "objectId": "__a"}],
            id="events of a device that turns out to be hers",
        ),
        pytest.param(
            [event(objectId="__a"), ADA, {**ADA, "objectId": "__a"}, event(objectId="__a")],
            id="events before and after her device is known",
        ),
        pytest.param(
            [event(objectId="__a"), ADA, event(identity="p-7", objectId="__a")], id="an event that links the device"
        ),
    ],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["in one upload", "one upload each"])
def test_events_keep_with_the_profile(caller, clevertap, records, at_once):
    """Records apply in order, also within one batch, and events before identification stay. (8.14: documented)

    In one upload the events of a device once stayed with a profile that was gone, and every export failed.
    """
    for batch in [records] if at_once else [[record] for record in records]:
        assert caller.upload(*batch)["status"] == "success"
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 2
    question = {"event_name": "Seen", "from": 20261101, "to": 20261103}
    told = caller.records("/1/events.json", question)
    assert [record["profile"]["identity"] for record in told] == ["p-7", "p-7"]
    assert caller.post("/1/counts/profiles.json", question) == (200, {"status": "success", "count": 1})
    assert number_of_profiles(clevertap, caller) == 1


@pytest.mark.parametrize("at_once", [True, False], ids=["in one upload", "one upload each"])
def test_an_email_that_changes_hands_leads_to_its_new_holder(caller, at_once):
    """Each record sees what the ones before it did. (Assumed)"""
    records = [
        ADA,
        GRACE,
        {**ADA, "profileData": {"Email": "new@example.com"}},
        {**GRACE, "profileData": {"Email": "ADA@example.com"}},
        event(identity=ADA_AT),
        {"type": "profile", "identity": "New@example.com", "profileData": {"Plan": "Pro"}},
        {**GRACE, "profileData": {"Email": "grace@example.com"}},
        event(identity=ADA_AT, evtName="Alone"),
    ]
    for batch in [records] if at_once else [[record] for record in records]:
        assert caller.upload(*batch)["status"] == "success"
    assert caller.profile(identity="p-7")["profileData"] == {"Plan": "Pro"}
    assert set(caller.profile(identity="p-8")["events"]) == {"Seen"}
    assert caller.profile(identity=ADA_AT)["all_identities"] == [ADA_AT], "nobody had it, so it is somebody new"
    assert set(caller.profile(identity=ADA_AT)["events"]) == {"Alone"}


def test_an_anonymous_profile_becomes_part_of_the_user(caller, clevertap, debug_events):
    """Device and identity together: one user, with what both did and were; the user's own values win. (2.9: documented
    that profiles merge; who wins assumed)
    """
    caller.upload(
        {"type": "profile", "objectId": "__a", "profileData": {"Name": "?", "Theme": "dark"}},
        event(objectId="__a", ts=1_700_000_000),
        event(objectId="__a", evtName="Opened"),
        {"type": "token", "objectId": "__a", "tokenData": {"id": "t", "type": "fcm"}},
        ADA,
        event(identity="p-7", ts=1_700_000_009),
    )
    caller.upload({"type": "profile", "identity": "p-7", "objectId": "__a", "profileData": {}})
    record = caller.profile(objectId="__a")
    assert (record["identity"], record["name"], record["profileData"]) == ("p-7", "Ada", {"Theme": "dark"})
    assert record["events"]["Seen"] == {"count": 2, "first_seen": 1_700_000_000, "last_seen": 1_700_000_009}
    assert record["events"]["Opened"]["count"] == 1
    assert record["platformInfo"][1:] == [{"platform": "Android", "push_token": "fcm:t", "objectId": "__a"}]
    assert number_of_profiles(clevertap, caller) == 1
    account = clevertap.account(caller.account_id)
    [_, (_, entry)] = reversed(clevertap.reader.uploads(account, None, 5))
    assert entry.outcomes[0].reason == "found by objectId __a; its anonymous profile became part of the user's"


def test_an_address_of_a_profile_that_became_part_of_another(caller):
    """The user's own e-mail wins, so the anonymous one leads nowhere. It once led to a profile that was gone: a 500."""
    caller.upload(ADA, {"type": "profile", "objectId": "__a", "profileData": {"Email": "old@example.com"}})
    answer = caller.upload(
        event(identity="old@example.com"),
        {"type": "profile", "identity": "p-7", "objectId": "__a"},
        event(identity="old@example.com", evtName="Alone"),
    )
    assert answer["status"] == "success"
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 1
    assert set(caller.profile(identity="old@example.com")["events"]) == {"Alone"}


def test_two_users_known_by_name_are_never_made_one(caller, clevertap, debug_events):
    """The device of another user stays where it is; objectId decides. (2.2, 2.9; assumed)"""
    caller.upload(ADA, {**GRACE, "objectId": "__grace"})
    caller.upload({"type": "profile", "identity": "p-7", "objectId": "__grace", "profileData": {"Plan": "Pro"}})
    assert caller.profile(identity="p-8")["profileData"] == {"Plan": "Pro"}
    assert caller.profile(identity="p-7")["profileData"] == {}
    assert debug_events(identity="p-8") == [("Identity Error", "identity p-7 belongs to another profile")]
    assert number_of_profiles(clevertap, caller) == 2


def test_the_fifty_first_device_is_a_ghost(caller, clevertap, debug_events):
    """A user has 50 devices; one more is accepted and stays without identity. (A hidden page; documented)"""
    caller.upload(*({"type": "profile", "identity": "p-7", "objectId": f"__{n}"} for n in range(50)))
    answer = caller.upload(event(identity="p-7", objectId="__50"), event(objectId="__50"), event(identity="p-7"))
    assert answer["status"] == "success"
    assert len(caller.profile(identity="p-7")["platformInfo"]) == 50
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 1
    ghost = caller.profile(objectId="__50")
    assert (ghost["all_identities"], ghost["events"]["Seen"]["count"]) == ([], 2)
    assert debug_events(object_id="__50") == [("Identity Error", "identity p-7 belongs to another profile")]
    assert number_of_profiles(clevertap, caller) == 2


def phone(number="+14155550100", identity="p-7"):
    return {"type": "profile", "identity": identity, "profileData": {"Phone": number}}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_phone_may_be_an_identity_field(caller, clevertap, when):
    """If phone is declared as identity one can be found by it, also profiles of before. (2.9; documented)"""
    wishes = {"identity_fields": ["identity", "phone"]}
    if when == "before":
        clevertap.change_settings(caller.account_id, wishes)
    caller.upload(phone("+1 (415) 555-0100"))
    if when == "after":
        clevertap.change_settings(caller.account_id, wishes)
    caller.upload(event(identity="+14155550100"))
    assert caller.profile(identity="+14155550100")["identity"] == "p-7"
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 1


def test_a_setting_that_changes_while_an_upload_is_on_its_way(caller, clevertap):
    """What is stored follows the settings of that moment: such a profile was once not found by its phone. (Ours)"""
    account = clevertap.account(caller.account_id)
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "phone"]})
    clevertap.uploads.upload(account, msgspec.json.encode({"d": [phone()]}))
    assert caller.profile(identity="+14155550100")["identity"] == "p-7"


def test_fields_that_identify_no_longer(caller, clevertap):
    """Without phone and e-mail among the identity fields such a value is a user of its own. (2.9; documented)"""
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "email", "phone"]})
    caller.upload(ADA, phone(), {**ADA, "profileData": {}})
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity"]})
    assert caller.profile(identity="+14155550100") is None
    assert caller.profile(identity=ADA_AT) is None
    caller.upload(event(identity="+14155550100"), event(identity=ADA_AT))
    assert caller.profile(identity="p-7")["events"] == {}
    assert caller.profile(email=ADA_AT)["identity"] == "p-7", "a look-up by e-mail is one by e-mail all the same"
    clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "phone"]})
    assert caller.profile(identity="+14155550100")["all_identities"] == ["+14155550100"], "it has become an identity"


_who = st.fixed_dictionaries(
    {},
    optional={
        "identity": st.sampled_from(["a", "b", "a@x.de", "b@x.de", "B@X.DE", "+14155550100"]),
        "objectId": st.sampled_from(["__1", "__2"]),
        "FBID": st.sampled_from(["f", "g"]),
    },
)
_data = st.fixed_dictionaries(
    {},
    optional={
        "identity": st.sampled_from(["a", "b", "c", "a@x.de"]),
        "Email": st.sampled_from(["a@x.de", "A@x.de", "b@x.de", ""]),
        "Phone": st.sampled_from(["+14155550100", "+14155550101"]),
        "Plan": st.sampled_from(["x", {"$add": ["y"]}, {"$delete": 1}]),
    },
)
_records = st.lists(
    st.builds(lambda who, data: {"type": "profile", **who, "profileData": data}, _who, _data)
    | st.builds(lambda who, name: {**event(**who), "evtName": name}, _who, st.sampled_from(["Seen", "Opened"]))
    | st.builds(lambda who: {"type": "token", **who, "tokenData": {"id": "t", "type": "fcm"}}, _who),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(_records)
def test_how_records_are_bundled_does_not_matter(caller, clevertap, records):
    """Each record of an upload sees what those before it did, so one upload does what one upload for each does."""

    def play(batches):
        clevertap.reset()
        clevertap.change_settings(caller.account_id, {"identity_fields": ["identity", "email", "phone"]})
        for batch in batches:
            caller.upload(*batch)
        account = clevertap.account(caller.account_id)
        told = [
            caller.records(path, {"event_name": name, "from": 20261101, "to": 20261103})
            for path in ("/1/events.json", "/1/profiles.json")
            for name in ("Seen", "Opened")
        ]
        found = clevertap.reader.newest_profiles(account, limit=100)
        noted = [clevertap.reader.debug_events(each.profile) for each in found]
        leads = [caller.profile(identity=value) for value in ("a", "b", "c", "a@x.de", "b@x.de", "+14155550100")]
        return found, told, noted, leads

    together = play([records])
    assert together == play([[record] for record in records])
    found, told, *_ = together
    counted = sum(count.count for each in found for count in each.counts)
    assert counted == sum(len(events) for events in told[:2]), "every event belongs to a profile that is there"
