"""CleverTap's own npm package meets the mock server. Only the line that names the host is ours.

The package sends what its caller gives and hands on the JSON it gets, whatever the HTTP status. So what is judged here:
is every answer JSON, and do its batches, cursors and members fit.
"""

import pytest
import requests

pytestmark = pytest.mark.slow

ADA = {
    "type": "profile",
    "identity": "p-7",
    "objectId": "__a7",
    "profileData": {"Name": "Ada", "Email": "ada@example.com", "Phone": "+14155550100", "Plan": "Pro"},
}
DAY = 1_700_000_000  # 14 November 2023, 22:13:20 UTC
NOVEMBER = {"from": 20231101, "to": 20231130}


def profile(identity, **data):
    return {"type": "profile", "identity": identity, "profileData": data}


def event(identity="p-7", name="Seen", ts=DAY, **data):
    return {"type": "event", "identity": identity, "evtName": name, "ts": ts, "evtData": data}


def names(found):
    return [each.profile.name for each in found]


# Uploading


def test_profiles_and_events_are_uploaded(client, known):
    """An upload of one batch comes to its answer; every identifier that the package lets pass leads to a user."""
    charged = event(name="Charged", Amount=300, Items=[{"Title": "Red bicycle", "Quantity": 1}])
    by_facebook = {"type": "event", "FBID": "34322423", "evtName": "Seen", "evtData": {"Price": 59.99}}
    by_device = {"type": "profile", "objectId": "-2ce3", "profileData": {"Food": "hot dogs"}}
    answer = client.result("upload", [ADA, charged, by_facebook, by_device])

    assert answer == {"status": "success", "processed": 4, "unprocessed": []}
    assert known.found(identity="p-7").profile.properties == ADA["profileData"]
    assert known.found(object_id="-2ce3").profile.properties == {"Food": "hot dogs"}
    assert {(each.name, tuple(each.properties)) for each, _ in known.events()} == {
        ("Charged", ("Amount", "Items")),
        ("Seen", ("Price",)),
    }
    assert len(known.profiles()) == 3


def test_a_partly_wrong_upload_says_what_was_not_processed(client, known):
    """The good records are stored; the wrong ones come back, each with its code. (docs/api-errors)"""
    wrong = profile("p-8", Email="nobody")
    nameless = event("p-9", name="")
    answer = client.result("upload", [ADA, wrong, event(), nameless])

    assert (answer["status"], answer["processed"]) == ("partial", 2)
    assert [(each["code"], each["record"]) for each in answer["unprocessed"]] == [(515, wrong), (509, nameless)]
    assert answer["unprocessed"][0]["error"].endswith("Skipped record number : 2")
    assert names(known.profiles()) == ["Ada"]


def test_an_upload_of_wrong_records_only_is_a_fail_and_no_rejection(client, known):
    """HTTP 200 with status fail is an answer like another to the package: whoever uses it must look."""
    [outcome] = client.play(["upload", [event(name=""), profile("p-7", Phone="1")]])

    assert (outcome["result"]["status"], outcome["result"]["processed"]) == ("fail", 0)
    assert known.profiles() == []


def test_a_record_that_the_package_refuses_is_not_sent(client, known):
    """It checks identifiers, types and data itself, and then sends none of the records."""
    [outcome] = client.play(["upload", [ADA, {"type": "event", "evtName": "Seen", "evtData": {}}]])

    assert "must contain an identity" in outcome["thrown"]
    assert known.requests() == []


def test_more_than_a_batch_goes_up_in_several(client, known):
    """By hundreds, one after another; each has its own answer, and counts its records from 1."""
    records = [profile(f"p-{number}", Number=number) for number in range(250)]
    records[149] = profile("p-149", Email="nobody")
    answers = client.result("upload", records)

    assert [(each["status"], each["processed"]) for each in answers] == [
        ("success", 100),
        ("partial", 99),
        ("success", 50),
    ]
    [refused] = answers[1]["unprocessed"]
    assert refused["error"].endswith("Skipped record number : 50")
    assert {each.profile.identity for each in known.profiles()} == {f"p-{number}" for number in range(250)} - {"p-149"}


def test_a_smaller_batch_size_is_kept(client, known):
    """`batchSize` below 100 is what is sent at once."""
    answers = client.result("upload", [event(ts=DAY + number) for number in range(5)], {"batchSize": 2})

    assert [each["processed"] for each in answers] == [2, 2, 1]
    assert len(known.events()) == 5


def test_device_tokens_are_uploaded(client, known):
    """A token shows at its device; a wrong one comes back."""
    token = {"type": "token", "objectId": "__a7", "tokenData": {"id": "t-1", "type": "fcm"}}
    idless = {**token, "tokenData": {"type": "fcm"}}
    _, answer, shown = client.results(
        ["upload", [ADA]], ["uploadDeviceTokens", [token, idless]], ["profile", {"objectId": "__a7"}]
    )

    assert (answer["status"], answer["processed"]) == ("partial", 1)
    assert [each["code"] for each in answer["unprocessed"]] == [532]
    assert shown["record"]["platformInfo"] == [{"platform": "Android", "push_token": "fcm:t-1", "objectId": "__a7"}]
    assert known.found(identity="p-7").profile.tokens["__a7"].id == "t-1"


# Reading back


def test_a_profile_is_found_by_each_of_three_keys(client, known):
    """By e-mail, with its @ as it is, by identity and by object id: the same record."""
    _, *answers = client.results(
        ["upload", [ADA, event()]],
        ["profile", {"email": "ada@example.com"}],
        ["profile", {"identity": "p-7"}],
        ["profile", {"objectId": "__a7"}],
    )

    first, second, third = answers
    assert first == second == third
    assert first["status"] == "success"
    record, found = first["record"], known.found(identity="p-7").profile
    assert (record["name"], record["email"], record["identity"]) == (found.name, found.email, found.identity)
    assert record["profileData"] == found.custom_properties == {"Plan": "Pro"}
    assert record["events"] == {"Seen": {"count": 1, "first_seen": DAY, "last_seen": DAY}}


def test_nobody_is_a_success_without_a_record(client):
    """An unknown user comes as `record: null`."""
    assert client.result("profile", {"identity": "nobody"}) == {"status": "success", "record": None}


def test_a_plus_in_an_address_is_the_callers_to_encode(client):
    """The package puts an e-mail into the address as it is, where a plus means a space."""
    _, bare, encoded = client.results(
        ["upload", [profile("p-8", Email="ada+bikes@example.com")]],
        ["profile", {"email": "ada+bikes@example.com"}],
        ["profile", {"email": "ada%2Bbikes@example.com"}],
    )

    assert bare["record"] is None
    assert encoded["record"]["identity"] == "p-8"


@pytest.mark.parametrize(
    ("number", "options", "calls"),
    [
        pytest.param(0, {}, 2, id="none"),
        pytest.param(10, {}, 2, id="exactly one page of the size that the package asks for by itself"),
        pytest.param(20, {"batchSize": 5}, 5, id="full pages only"),
        pytest.param(23, {"batchSize": 5}, 6, id="a last page that is not full"),
        pytest.param(23, {"batchSize": 6000}, 2, id="more than a page may have"),
    ],
)
@pytest.mark.parametrize("kind", ["profiles", "events"])
def test_an_export_is_walked_to_its_end(client, known, kind, number, options, calls):
    """The package goes on while an answer has a cursor, and gets every record exactly once."""
    sent = [event(f"p-{each}", ts=DAY + each, Number=each) for each in range(number)]
    others = [event("p-0", name="Liked"), event("p-0", ts=DAY - 40 * 86_400)]
    _, records = client.results(["upload", [*sent, *others]], [kind, {"event_name": "Seen", **NOVEMBER}, options])

    if kind == "profiles":
        assert [each["identity"] for each in records] == [f"p-{each}" for each in range(number)]
    else:
        assert [each["event_props"]["Number"] for each in records] == list(range(number))
        assert [each["profile"]["identity"] for each in records] == [f"p-{each}" for each in range(number)]
    asked = [each for each in known.requests() if each.startswith(f"GET /eu1/1/{kind}.json?")]
    assert len(asked) == calls
    assert ["cursor=" in each for each in asked] == [False] + [True] * (calls - 1)


@pytest.mark.parametrize("kind", ["profiles", "events"])
def test_a_query_may_filter_by_the_name_its_examples_use(client, kind):
    """The package's own examples filter by `props`."""
    query = {
        "event_name": "Seen",
        "props": [{"name": "value", "operator": "contains", "value": "piz"}],
        **NOVEMBER,
    }
    uploaded = [event("p-7", value="sushi"), event("p-8", value="pizza"), event("p-9")]
    _, [record] = client.results(["upload", uploaded], [kind, query])

    assert record.get("profile", record)["identity"] == "p-8"


def test_users_and_events_are_counted(client):
    """At once, where the account's counts are ready at once."""
    query = {"event_name": "Seen", **NOVEMBER}
    uploaded = [event("p-7"), event("p-7", ts=DAY + 1), event("p-8"), event("p-9", name="Liked")]
    _, profiles, events = client.results(["upload", uploaded], ["getProfilesCount", query], ["getEventsCount", query])

    assert profiles == {"status": "success", "count": 2}
    assert events == {"status": "success", "count": 3}


@pytest.mark.parametrize(
    ("method", "kind", "count"), [("getProfilesCount", "profiles", 1), ("getEventsCount", "events", 2)]
)
def test_a_count_that_is_not_ready_is_handed_on_with_its_number(client, known, method, kind, count):
    """The package does not ask again; whoever uses it asks with the `req_id`, here twice until the count is there."""
    known.set(counts_ready_after=2)
    _, answer = client.results(["upload", [event(), event()]], [method, {"event_name": "Seen", **NOVEMBER}])

    assert answer == {"status": "partial", "req_id": answer["req_id"]}
    assert len([each for each in known.requests() if "/counts/" in each]) == 1

    def ask_again():
        headers = {
            "X-CleverTap-Account-Id": client.credentials["account_id"],
            "X-CleverTap-Passcode": client.credentials["passcode"],
        }
        url = f"{client.url}/eu1/1/counts/{kind}.json"
        return requests.get(url, params={"req_id": answer["req_id"]}, headers=headers, timeout=10).json()

    assert [ask_again(), ask_again()] == [answer, {"status": "success", "count": count}]


# Changing users


def test_users_are_deleted(client, known):
    """By identity or by guid, one or several; what comes back says only that it was done."""
    uploaded = [
        ADA,
        profile("p-8", Name="Grace"),
        profile("p-9", Name="Alan"),
        {**ADA, "identity": "p-6", "objectId": "__a6"},
    ]
    _, *answers = client.results(
        ["upload", uploaded],
        ["delete", {"guid": "__a7"}],
        ["delete", {"identity": ["p-8", "nobody"]}],
        ["profile", {"identity": "p-7"}],
    )

    assert answers == [{"status": "success"}, {"status": "success"}, {"status": "success", "record": None}]
    assert {each.profile.identity for each in known.profiles()} == {"p-6", "p-9"}


def test_users_are_parted_into_their_devices(client, known):
    """Demerging leaves an anonymous profile for each device."""
    _, *answers = client.results(
        ["upload", [ADA, {**ADA, "objectId": "-a7"}]],
        ["demerge", {"identities": ["p-7"]}],
        ["profile", {"identity": "p-7"}],
    )

    assert answers == [{"status": "success"}, {"status": "success", "record": None}]
    assert {each.profile.object_ids for each in known.profiles()} == {("__a7",), ("-a7",)}
    assert {each.profile.identity for each in known.profiles()} == {None}


def test_addresses_are_unsubscribed_and_subscribed_again(client, known):
    """The answer is that of an upload, with what was not processed."""

    def wish(status, value="ada@example.com"):
        return {"type": "email", "value": value, "status": status}

    off = {"d": [wish("Unsubscribe"), {**wish("Unsubscribe", "+14155550100"), "type": "phone"}, wish("Perhaps")]}
    _, answer = client.results(["upload", [ADA]], ["subscribe", off])

    assert (answer["status"], answer["processed"]) == ("partial", 2)
    assert [each["record"] for each in answer["unprocessed"]] == [wish("Perhaps")]
    assert known.found(identity="p-7").blocked == ("email", "phone")

    assert client.result("subscribe", {"d": [wish("Resubscribe")]})["status"] == "success"
    assert known.found(identity="p-7").blocked == ("phone",)


def test_a_phone_is_taken_from_its_user(client, known):
    """After it an upload with that phone makes a new user, where phones identify."""
    known.set(identity_fields=["identity", "phone"])
    phone = {"type": "phone", "value": "+14155550100"}
    _, answer = client.results(["upload", [ADA]], ["disassociate", {"d": [phone, {**phone, "value": "1"}]}])

    assert (answer["status"], answer["processed"]) == ("partial", 1)
    assert known.found(identity="p-7").profile.phone is None
    client.result("upload", [profile("+14155550100", Name="Grace")])
    assert sorted(names(known.profiles())) == ["Ada", "Grace"]


# Refusals


@pytest.mark.parametrize(
    ("others", "error"),
    [
        pytest.param({"passcode": "wrong"}, "Passcode Invalid", id="a wrong passcode"),
        pytest.param({"account_id": "AAA-AAA-AAAA"}, "Account ID is not valid", id="nobody's account"),
        pytest.param({"region": "in1"}, "Account ID is not valid", id="another region"),
    ],
)
def test_wrong_credentials_are_an_answer_and_no_rejection(client, known, others, error):
    """The package hands the refusal on as the result; of an export it makes a list without records."""
    query = {"event_name": "Seen", **NOVEMBER}
    calls = (
        ["upload", [ADA]],
        ["profile", {"identity": "p-7"}],
        ["getEventsCount", query],
        ["delete", {"identity": "p-7"}],
        ["subscribe", {"d": []}],
    )
    refusal = {"status": "fail", "error": error, "code": 401}

    assert client.results(*calls, **others) == [refusal] * len(calls)
    assert client.results(["profiles", query], ["events", query], **others) == [[], []]
    assert known.profiles() == []


def test_what_is_not_imitated_is_told_as_such(client):
    """Targets, for one: the fail envelope, where the package would make the text "error" of what is no JSON."""
    answer = client.result("targets", "list", {"from": 20231101, "to": 20231130})

    assert (answer["status"], answer["code"]) == ("fail", 404)


def test_a_query_that_cannot_be_read_is_told(client):
    """The reason reaches whoever counts; of an export the package makes a list without records."""
    unreadable = {"event_name": "Seen", "from": "yesterday", "to": 20231130}
    count, records = client.results(["getEventsCount", unreadable], ["events", unreadable])

    assert (count["status"], count["code"]) == ("fail", 400)
    assert "from" in count["error"]
    assert records == []
