"""POST /1/upload: one answer for many records."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_servers.rig.clock import to_seconds
from mock_servers.rig.exchange import ApiError

ADA = {"type": "profile", "identity": "p-7", "profileData": {"Name": "Ada", "Email": "ada@example.com"}}
SEEN = {"type": "event", "identity": "p-7", "evtName": "Seen", "evtData": {}}
NAMELESS = {"type": "event", "identity": "p-7", "evtData": {"a": 1}}


def raw(caller, body, **headers):
    answer = caller.ask("POST", "/1/upload", body=body, headers=headers)
    return answer.status, msgspec.json.decode(answer.body())


@pytest.mark.parametrize(
    ("sent", "status", "processed", "codes"),
    [
        pytest.param([ADA, SEEN], "success", 2, [], id="all good"),
        pytest.param([NAMELESS, SEEN], "partial", 1, [509], id="some good"),
        pytest.param([NAMELESS, 5], "fail", 0, [509, 524], id="none good"),
        pytest.param([], "success", 0, [], id="nothing sent"),
    ],
)
def test_the_answer_counts_records(caller, sent, status, processed, codes):
    """200 with success, partial or fail. (Recorded traffic; observed; the empty upload assumed)"""
    answer = caller.upload(*sent)
    assert list(answer) == ["status", "processed", "unprocessed"]
    assert (answer["status"], answer["processed"]) == (status, processed)
    assert [entry["code"] for entry in answer["unprocessed"]] == codes


def test_an_unprocessed_record_comes_back_with_its_reason(caller):
    """Status, code, error with the record's number, and the record. (Recorded traffic; observed)"""
    wrong = {"type": "profile", "identity": "u-2", "profileData": {"Email": "nope"}}
    [entry] = caller.upload(ADA, wrong)["unprocessed"]
    assert list(entry) == ["status", "code", "error", "record"]
    assert entry == {
        "status": "fail",
        "code": 515,
        "error": "Profile data is incorrect. Email is not valid.Skipped record number : 2",
        "record": wrong,
    }


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not json", id="no JSON"),
        pytest.param(b'{"d": [', id="cut off"),
        pytest.param(b'{"d": [],}', id="a trailing comma"),
        pytest.param(b'{"d": [] /* profiles */}', id="a comment"),
        pytest.param(b'{"d": [{"type": "profile", "identity": NaN}]}', id="NaN"),
        pytest.param(b'{"d": [{"type": "profile", "identity": 1e999}]}', id="a number beyond every float"),
        pytest.param(b'{"d": [{"type": "profile", "identity": ' + b"1" * 5000 + b"}]}", id="an endless number"),
        pytest.param(rb'{"d": [{"type": "profile", "identity": "\ud800"}]}', id="half a surrogate pair"),
        pytest.param('{"d": [{"type": "profile", "identity": "é"}]}'.encode("latin-1"), id="Latin-1"),
        pytest.param('{"d": []}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"[" * 100_000, id="a hundred thousand brackets"),
        pytest.param(b'{"d": [' + b"[" * 400 + b"]" * 400 + b"]}", id="nested 400 deep"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"d"', id="a text"),
        pytest.param(b"{}", id="no d"),
        pytest.param(b'{"d": null}', id="d is null"),
        pytest.param(b'{"d": {"type": "profile"}}', id="d is an object"),
        pytest.param(b'{"D": []}', id="d in capitals"),
    ],
)
def test_a_malformed_body_is_a_400(caller, body):
    """What is not `{"d": [...]}` in JSON is refused. (CleverTap's bulk tool: observed; the envelope's shape assumed)"""
    assert raw(caller, body) == (400, {"status": "fail", "error": "Malformed request", "code": 400})


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "💥",
    ],
)
def test_the_content_type_does_not_matter(caller, content_type):
    """A body that is JSON is taken whatever it is called. (Assumed)"""
    status, answer = raw(caller, msgspec.json.encode({"d": [ADA]}), **{"content-type": content_type})
    assert (status, answer["status"]) == (200, "success")


@pytest.mark.parametrize(
    ("number", "status"), [pytest.param(1000, 200, id="1000 records"), pytest.param(1001, 400, id="1001 records")]
)
def test_at_most_1000_records(caller, number, status):
    """One call takes 1000 records; more are refused and none is stored. (Limit: documented; the 400 assumed)"""
    body = msgspec.json.encode({"d": [{"type": "profile", "identity": f"u-{n}"} for n in range(number)]})
    assert raw(caller, body)[0] == status
    assert (caller.profile(identity="u-0") is not None) == (status == 200)


@pytest.mark.parametrize(
    ("query", "is_stored"),
    [
        pytest.param({"dryRun": "1"}, False, id="dryRun=1"),
        pytest.param({"dryRun": "0"}, True, id="dryRun=0"),
        pytest.param({}, True, id="absent"),
    ],
)
def test_a_dry_run_judges_and_stores_nothing(caller, query, is_stored):
    """The answer has the same shape. (clevertap-ruby sends both; observed)"""
    answer = caller.upload(ADA, NAMELESS, **query)
    assert (answer["status"], answer["processed"], answer["unprocessed"][0]["code"]) == ("partial", 1, 509)
    assert (caller.profile(identity="p-7") is not None) == is_stored


@pytest.mark.parametrize("query_string", ["dryRun=1&dryRun=0", "dryRun=0&dryRun=1", "dryRun=1&dryRun="])
def test_whoever_asks_for_a_dry_run_twice_gets_one(browser, caller, query_string):
    """One `dryRun=1` is enough: the last value once decided, and stored what was only to be judged. (Assumed)"""
    headers = {"X-CleverTap-Account-Id": caller.account_id, "X-CleverTap-Passcode": caller.passcode}
    answer = browser.post(f"/1/upload?{query_string}", json={"d": [ADA]}, headers=headers)
    assert (answer.status_code, answer.json["processed"]) == (200, 1)
    assert caller.profile(identity="p-7") is None


def test_the_conversation_of_the_specification(caller):
    """A profile, then an event that fails beside one that counts. (facts, section 9)"""
    assert caller.upload(ADA) == {"status": "success", "processed": 1, "unprocessed": []}
    answer = caller.upload(NAMELESS, SEEN)
    assert (answer["status"], answer["processed"]) == ("partial", 1)
    assert answer["unprocessed"][0]["code"] == 509
    assert answer["unprocessed"][0]["error"].endswith("Skipped record number : 1")
    assert caller.profile(identity="p-7")["events"]["Seen"]["count"] == 1


def test_an_event_for_an_unknown_identity_makes_a_profile(caller):
    """A new profile is created if the identity is not found. (docs/upload-events-api; documented)"""
    caller.upload(SEEN)
    record = caller.profile(identity="p-7")
    assert record["all_identities"] == ["p-7"]
    assert record["events"]["Seen"]["count"] == 1


def test_records_apply_in_order(caller):
    """An event right after a profile in the same upload finds it. (Assumed)"""
    caller.upload({**ADA, "profileData": {"Plan": "Free"}}, SEEN, {**ADA, "profileData": {"Plan": "Pro"}})
    record = caller.profile(identity="p-7")
    assert record["profileData"] == {"Plan": "Pro"}
    assert record["events"]["Seen"]["count"] == 1


def test_the_same_event_twice_counts_twice(caller):
    """There is no idempotency key; first and last come from `ts`. (docs/get-user-profiles-api; documented)"""
    for ts in (1700009999, 1700000050, "1700005000"):
        caller.upload({**SEEN, "ts": ts})
    expected = {"count": 3, "first_seen": 1700000050, "last_seen": 1700009999}
    assert caller.profile(identity="p-7")["events"] == {"Seen": expected}


def test_an_event_without_ts_happens_now(caller, clock):
    """`ts` is by default the time of arrival. (docs/upload-events-api; documented)"""
    caller.upload(SEEN)
    now = to_seconds(clock.now())
    assert caller.profile(identity="p-7")["events"]["Seen"]["first_seen"] == now


def test_an_update_keeps_what_is_not_mentioned(caller):
    """The same identity again is the same profile. (docs/upload-user-profiles-api; documented)"""
    caller.upload(ADA)
    before = caller.profile(identity="p-7")
    caller.upload({"type": "profile", "identity": "p-7", "profileData": {"Plan": "Pro", "Name": None}})
    assert caller.profile(identity="p-7") == {**before, "profileData": {"Plan": "Pro"}}


def test_created_stays_and_updated_moves(caller, clevertap, clock):
    """Created by the first record, updated by each profile record, the latest `ts` is kept. (Assumed)"""
    created = clock.milliseconds()
    caller.upload({**ADA, "ts": 1700000000})
    clock.move_to(clock.now() + timedelta(minutes=5))
    caller.upload({**ADA, "ts": 1600000000})
    clock.move_to(clock.now() + timedelta(minutes=5))
    caller.upload(SEEN)
    [(profile, *_)] = clevertap.reader.newest_profiles(clevertap.accounts()[0])
    assert (profile.created_at, profile.updated_at) == (created, created + 300_000)
    assert profile.last_ts == 1700000000


def test_a_list_of_operations(caller):
    """Operations act on what the profile has. (docs/imports-via-sftp; documented)"""
    caller.upload(
        {"type": "profile", "identity": "u", "profileData": {"Tags": ["a"], "Old": 1}},
        {
            "type": "profile",
            "identity": "u",
            "profileData": {"Tags": {"$add": ["b"]}, "Visits": {"$incr": 2}, "Old": {"$delete": 1}},
        },
    )
    assert caller.profile(identity="u")["profileData"] == {"Tags": ["a", "b"], "Visits": 2}


def test_accounts_do_not_see_each_other(caller, newcomer):
    """Everything belongs to one account. (Design D14)"""
    caller.upload(ADA)
    assert newcomer.profile(identity="p-7") is None
    newcomer.upload({**ADA, "profileData": {"Name": "Grace"}})
    assert caller.profile(identity="p-7")["name"] == "Ada"
    assert newcomer.profile(identity="p-7")["name"] == "Grace"


def token(object_id="__a", **data):
    return {"type": "token", "objectId": object_id, "tokenData": {"id": "t-1", "type": "fcm", **data}}


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        pytest.param(token(), {"platform": "Android", "push_token": "fcm:t-1"}, id="Android"),
        pytest.param(token("-a", type="apns"), {"platform": "iOS", "push_token": "apns:t-1"}, id="iOS"),
        pytest.param(token("~a", type="wns"), {"platform": "Windows", "push_token": "wns:t-1"}, id="Windows"),
        pytest.param(
            token("a1", type="chrome", keys={"p256dh": "x", "auth": "y"}),
            {"platform": "Web", "push_token": "chrome:t-1"},
            id="a browser with its keys",
        ),
        pytest.param(
            token("a1", type="chrome", keys={"auth": "y", "more": "z"}),
            {"platform": "Web", "push_token": "chrome:t-1"},
            id="keys that nobody knows",
        ),
    ],
)
def test_a_device_token_shows_at_its_device(caller, record, shown):
    """Device tokens are records too; an unknown device is a new profile. (2.10; documented; `push_token` observed)"""
    assert caller.upload(record) == {"status": "success", "processed": 1, "unprocessed": []}
    object_id = record["objectId"]
    assert caller.profile(objectId=object_id)["platformInfo"] == [{**shown, "objectId": object_id}]


def test_a_newer_token_takes_the_place_of_the_device_s_older(caller):
    """One token per device; the user's other devices keep theirs. (Assumed)"""
    caller.upload(
        {**ADA, "objectId": "__a"}, {**ADA, "objectId": "-b"}, token(), token("-b", type="apns"), token(id="t-2")
    )
    devices = caller.profile(identity="p-7")["platformInfo"]
    assert [device.get("push_token") for device in devices] == ["fcm:t-2", "apns:t-1"]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param(token(None), 530, id="no object id"),
        pytest.param({**token(), "identity": "p-7", "objectId": ""}, 530, id="an identity is not enough"),
        pytest.param({**token(), "tokenData": []}, 531, id="a list as data"),
        pytest.param(token(id=" "), 532, id="a blank id"),
        pytest.param(token(type=None), 533, id="no type"),
        pytest.param(token(type="apns"), 534, id="of another platform"),
        pytest.param(token("a1", type="chrome", keys=[]), 535, id="a list as keys"),
        pytest.param({**token(), "ts": 0}, 525, id="a ts of 0"),
    ],
)
def test_a_wrong_token_is_not_processed(caller, record, code):
    """Each has its code, and the other records count. (docs/api-errors; documented; the order assumed)"""
    answer = caller.upload(ADA, record, SEEN)
    assert (answer["status"], [entry["code"] for entry in answer["unprocessed"]]) == ("partial", [code])
    assert caller.profile(objectId="__a") is None


def test_a_discarded_event_is_not_processed(caller, newcomer, clevertap):
    """An event that was switched off in the dashboard of this account is a 528. (docs/api-errors; documented)"""
    clevertap.change_settings(caller.account_id, {"discarded_events": ["Seen"]})
    answer = caller.upload(ADA, SEEN, {**SEEN, "evtName": "Seen more"})
    assert [entry["code"] for entry in answer["unprocessed"]] == [528]
    assert set(caller.profile(identity="p-7")["events"]) == {"Seen more"}
    assert newcomer.upload(SEEN)["status"] == "success"
    clevertap.change_settings(caller.account_id, {"discarded_events": []})
    assert caller.upload(SEEN)["status"] == "success"


@pytest.mark.parametrize(
    ("wishes", "record", "codes"),
    [
        pytest.param(
            {"lenient": True},
            {**ADA, "profileData": {"Employed": True}, "ts": 1700000000000},
            ([525], []),
            id="lenient",
        ),
        pytest.param(
            {"event_properties": 1}, {**SEEN, "evtData": {"a": 1, "b": 2}}, ([], [522]), id="event properties"
        ),
        pytest.param({"nested_objects": True}, {**SEEN, "evtData": {"a": {"b": 1}}}, ([512], []), id="nested objects"),
    ],
)
def test_settings_are_each_accounts_own(caller, newcomer, clevertap, wishes, record, codes):
    """Strictness and limits can be set otherwise; other accounts stay as they were. (Section 9)"""
    before, after = codes
    assert [entry["code"] for entry in caller.upload(record)["unprocessed"]] == before
    clevertap.change_settings(caller.account_id, wishes)
    assert [entry["code"] for entry in caller.upload(record)["unprocessed"]] == after
    assert [entry["code"] for entry in newcomer.upload(record)["unprocessed"]] == before


def test_a_wrong_setting_changes_nothing(caller, clevertap):
    """It is named, and all others stay. (Ours)"""
    before = clevertap.account(caller.account_id)
    with pytest.raises(ApiError) as refused:
        clevertap.change_settings(caller.account_id, {"event_types": 5, "time_zone": "Mars/Olympus"})
    assert (refused.value.status, refused.value.problems[0]["path"]) == (422, "time_zone")
    assert clevertap.account(caller.account_id) == before


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
_names = st.sampled_from(["Name", "Email", "Phone", "Age", "identity", "FBID", "DOB", "MSG-sms", "Tags"]) | st.text()
_operation = st.dictionaries(st.sampled_from(["$set", "$add", "$remove", "$delete", "$incr", "$decr"]), _json)
_record = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["profile", "event", "token"]),
        "identity": st.sampled_from(["a", "b"])
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
    },
    optional={
        "objectId": st.text(),
        "ts": st.integers(),
        "profileData": st.dictionaries(_names, _json | _operation),
        "evtName": st.text() | st.just("Charged"),
        "evtData": st.dictionaries(st.text(), st.none() | st.integers()),
        "tokenData": st.dictionaries(st.sampled_from(["id", "type", "keys"]), _json | st.just("fcm")),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_record | _json, max_size=4))
def test_no_upload_breaks_the_server(caller, uploaded):
    """Whatever is sent, the answer is documented, and what was stored can be read back."""
    answer = caller.upload(*uploaded)
    assert answer["processed"] + len(answer["unprocessed"]) == len(uploaded)
    for name in ("a", "b"):
        caller.profile(identity=name)
