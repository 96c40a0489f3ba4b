"""The order of checks of an upload, rule by rule as the specification numbers them; 7a to 7f are in `test_records`.

Rule 1, faults on demand, is not imitated yet.
"""

from datetime import timedelta

import msgspec
import pytest

from mock_servers.rig.clock import to_milliseconds, to_seconds
from mock_servers.rig.exchange import Answer

GOOD = {"type": "profile", "identity": "p-7", "profileData": {"Name": "Ada"}}
BAD = {"type": "event", "identity": "p-7", "evtData": {"a": 1}}


def body(*records) -> bytes:
    return msgspec.json.encode({"d": records})


def enforce_none(caller):
    """An account of which not one more call is taken while one is in hand."""
    settings = {"enforce_limits": True, "upload_concurrency": 1}
    assert caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", settings)[0] == 200


def in_hand(clevertap, caller):
    return clevertap.concurrency.call(clevertap.account(caller.account_id), "/1/upload")


def code(answer: Answer) -> tuple[int, int]:
    return answer.status, msgspec.json.decode(answer.body())["code"]


def test_section_9_2_credentials_come_before_limits_and_all_else(caller, clevertap):
    """A wrong passcode is a 401, however many calls are in hand, whatever the method and the body. (Assumed)"""
    enforce_none(caller)
    wrong = {"x-clevertap-passcode": "wrong"}
    with in_hand(clevertap, caller):
        assert code(caller.ask("PUT", "/1/upload", body=b"broken", headers=wrong)) == (401, 401)


def test_section_9_3_limits_come_before_the_method(caller, clevertap):
    """One call too many is a 429, whatever the method and the body. (Assumed)"""
    enforce_none(caller)
    with in_hand(clevertap, caller):
        assert code(caller.ask("PUT", "/1/upload", body=b"broken")) == (429, 429)


def test_section_9_4_the_method_comes_before_the_body(caller):
    """Anything but POST is a 405, whatever the body. (docs/api-errors for the code: documented; the order assumed)"""
    assert code(caller.ask("PUT", "/1/upload", body=b"broken")) == (405, 405)


@pytest.mark.parametrize("sent", [b"broken", b"[]", b"{}", b'{"d": 5}'])
def test_section_9_5_what_is_no_list_of_records_is_a_400(caller, sent):
    """The body must be JSON, an object, with a list `d`. (The text: CleverTap's bulk upload tool; observed)"""
    answer = caller.ask("POST", "/1/upload", body=sent)
    told = msgspec.json.decode(answer.body())
    assert (answer.status, told) == (400, {"status": "fail", "error": "Malformed request", "code": 400})


def test_section_9_6_more_than_a_thousand_records_are_a_400_before_any_is_judged(caller):
    """Not one of them is stored, though a thousand are good. (The limit: documented; the answer assumed)"""
    answer = caller.ask("POST", "/1/upload", body=body(*[GOOD] * 1000, BAD))
    assert code(answer) == (400, 400)
    assert caller.profile(identity="p-7") is None


def test_section_9_7_only_the_first_thing_wrong_with_a_record_is_told(caller):
    """One entry per record. (Recorded traffic; observed)"""
    wrong = {"type": "profile", "identity": "p-7", "ts": 0, "profileData": {"Email": "no", "Phone": "1"}}
    assert [entry["code"] for entry in caller.upload(wrong)["unprocessed"]] == [525]


def test_section_9_8_accepted_records_are_applied_unless_it_is_a_dry_run(caller):
    """Those beside a refused one too. (Recorded traffic; observed)"""
    assert caller.upload(GOOD, BAD, dryRun="1")["processed"] == 1
    assert caller.profile(identity="p-7") is None
    assert caller.upload(GOOD, BAD)["processed"] == 1
    assert caller.profile(identity="p-7")["name"] == "Ada"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param([GOOD, GOOD], "success", id="all accepted"),
        pytest.param([GOOD, BAD], "partial", id="some accepted"),
        pytest.param([BAD, BAD], "fail", id="none accepted"),
    ],
)
def test_section_9_9_the_answer_is_200_with_a_status_by_the_counts(caller, sent, status):
    """Also if none was accepted. (Recorded traffic; observed)"""
    answer = caller.upload(*sent)
    assert answer["status"] == status
    assert answer["processed"] + len(answer["unprocessed"]) == len(sent)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"$set": "nope"}, 515, id="a wrong value that is set"),
        pytest.param({"$set": "ada@example.com"}, None, id="a right value that is set"),
        pytest.param({"$add": ["nope"]}, None, id="another operation"),
    ],
)
def test_section_9_an_operation_on_a_checked_property_is_judged_by_what_it_sets(caller, value, expected):
    """Other operations on it are skipped with a warning. (Assumed)"""
    answer = caller.upload({**GOOD, "profileData": {"Email": value}})
    assert [entry["code"] for entry in answer["unprocessed"]] == ([] if expected is None else [expected])
    errors = caller.control("GET", f"/_rig/accounts/{caller.account_id}/errors")[1]["data"]
    assert bool(errors) == ("$set" not in value or expected is not None)


def test_section_9_everything_is_stored_with_its_arrival_and_its_ts(caller, clevertap, clock):
    """An event keeps both times; without `ts` they are the same moment. (Assumed)"""
    event = {"type": "event", "identity": "p-7", "evtName": "Seen"}
    caller.upload({**event, "ts": 1_700_000_000}, event)
    account = clevertap.account(caller.account_id)
    now = clock.now()
    kept = [(event.ts, event.received_at) for event, _ in clevertap.reader.newest_events(account)]
    assert kept == [(to_seconds(now), to_milliseconds(now)), (1_700_000_000, to_milliseconds(now))]


def test_section_9_created_is_the_first_record_and_the_last_ts_the_greatest(caller, clevertap, clock):
    """Created stays, updated moves; records apply in the order of their arrival, whatever their `ts`. (Assumed)"""
    start = to_milliseconds(clock.now())
    caller.upload({**GOOD, "ts": 2_000})
    clock.move_to(clock.now() + timedelta(seconds=5))
    caller.upload({**GOOD, "ts": 1_000, "profileData": {"Name": "Grace"}})
    [found] = clevertap.reader.newest_profiles(clevertap.account(caller.account_id))
    profile = found.profile
    assert (profile.created_at, profile.updated_at, profile.last_ts) == (start, start + 5_000, 2_000)
    assert profile.name == "Grace"


def test_section_9_no_answer_and_no_log_shows_the_passcode(caller, server):
    """The answer never has it, and the journal masks it. (Ours)"""
    record = {"type": "event", "identity": "p-7", "evtName": "Seen", "evtData": {"note": caller.passcode}}
    answers = [caller.ask("POST", "/1/upload", body=body(record)), caller.ask("PUT", "/1/upload")]
    assert all(caller.passcode.encode() not in answer.body() for answer in answers)
    assert caller.passcode not in repr(server.journal.views("clevertap"))
