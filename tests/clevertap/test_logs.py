"""What is remembered of uploads beside their records: upload log, error stream, debug events. All are bounded."""

import msgspec
import pytest

from mock_servers.clevertap.log_storage import MOST_DEBUG_EVENTS, MOST_ERRORS, MOST_OUTCOMES, MOST_UPLOADS, DebugEvent

ADA = {"type": "profile", "identity": "p-7", "profileData": {"Name": "Ada"}}
NAMELESS = {"type": "event", "identity": "p-7", "evtData": {"a": 1}}


def event(name="Seen", **more):
    return {"type": "event", "identity": "p-7", "evtName": name, **more}


def profile(**data):
    return {"type": "profile", "identity": "p-7", "profileData": data}


@pytest.fixture
def uploads(clevertap, caller):
    """The upload log, newest first."""
    return lambda before=None, limit=1000: clevertap.reader.uploads(clevertap.account(caller.account_id), before, limit)


@pytest.fixture
def stream(clevertap, caller):
    """The error stream, newest first."""
    return lambda before=None, limit=9999: clevertap.reader.errors(clevertap.account(caller.account_id), before, limit)


def test_an_upload_is_remembered_record_by_record(caller, clevertap, clock, uploads):
    """What became of each: where it went, why, or why it was refused. (The dashboard's upload log; ours)"""
    token = {"type": "token", "objectId": "__a", "tokenData": {"id": "t", "type": "fcm"}}
    caller.upload(ADA, NAMELESS, event(objectId="__a"), 5, token)
    [(_, entry)] = uploads()
    assert (entry.at, entry.is_dry_run) == (clock.milliseconds(), False)
    assert (entry.status, entry.processed, entry.unprocessed) == ("partial", 3, 2)
    first, second, third, fourth, fifth = entry.outcomes
    object_id = caller.profile(identity="p-7")["platformInfo"][0]["objectId"]
    assert (first.type, first.object_id, first.is_new) == ("profile", object_id, True)
    assert first.reason == "new: nobody had these identifiers"
    assert (second.type, second.code, second.object_id) == ("event", 509, None)
    assert second.error == (
        "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. Skipped record number : 2"
    )
    assert (third.type, third.object_id, third.is_new) == ("event", object_id, False)
    assert third.reason == "found by identity p-7"
    assert (fourth.type, fourth.code) == (None, 524)
    assert (fifth.type, fifth.object_id, fifth.reason) == ("token", object_id, "found by objectId __a")
    assert [outcome.number for outcome in entry.outcomes] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("record", [ADA, NAMELESS, event(), profile(Name="x" * 600, DOB="soon")])
def test_a_dry_run_leaves_only_its_mark(caller, database, uploads, stream, record):
    """No profile, no event, no name, no error: an entry in the upload log that says what it was. (2.1; assumed)"""

    def others():
        with database.read() as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            return {name: list(connection.execute(f"SELECT * FROM {name}")) for name in tables if name != "upload"}

    before = others()
    answer = caller.upload(record, dryRun="1")
    assert others() == before
    [(_, entry)] = uploads()
    assert (entry.is_dry_run, entry.status, entry.processed) == (True, answer["status"], answer["processed"])
    assert stream() == []
    if answer["unprocessed"]:
        assert entry.outcomes[0].code == 509


def test_a_refused_record_is_in_the_error_stream(caller, clock, stream):
    """With its number, code, reason and its beginning. (2.5, 4; documented that there is a stream)"""
    caller.upload(ADA, {**NAMELESS, "evtData": {"a": "x" * 5000}})
    [(_, entry)] = stream()
    assert (entry.at, entry.number, entry.kind, entry.code) == (clock.milliseconds(), 2, "record refused", 509)
    assert entry.text.endswith("Skipped record number : 2")
    assert entry.record.startswith('{"type":"event"')
    assert len(entry.record) == 2000


@pytest.mark.parametrize(
    ("record", "kind", "part"),
    [
        pytest.param(profile(Plan="é" * 300), "value cut", "Plan", id="a text of more than 512 bytes"),
        pytest.param(profile(**{"a.b": 1}), "characters removed", "ab", id="a prohibited character"),
        pytest.param(profile(**{"x" * 121: 1}), "name cut", "xxx", id="a name that is too long"),
        pytest.param(profile(Nested={"a": 1}), "nested object", "Nested", id="a nested object"),
        pytest.param(profile(DOB="soon"), "date unreadable", "DOB", id="a date that is none"),
        pytest.param(profile(Tags=[str(n) for n in range(101)]), "values dropped", "Tags", id="101 values"),
        pytest.param(profile(Name={"$incr": 1}), "operation skipped", "Name", id="an operation on a system property"),
        pytest.param(profile(Plan={"$incr": "x"}), "operation skipped", "Plan", id="an operation that makes no sense"),
        pytest.param(event(ts=1793611800 + 121), "ts in the future", "121 s", id="dated ahead"),
        pytest.param(event(evtData={"a": "x" * 513}), "value cut", "a", id="a long text of an event"),
    ],
)
def test_what_was_changed_in_a_record_is_in_the_error_stream(caller, stream, record, kind, part):
    """The record counts all the same. (2.5; documented for the stream, each remark assumed)"""
    assert caller.upload(ADA, record)["status"] == "success"
    [(_, entry)] = stream()
    assert (entry.number, entry.kind, entry.code, entry.record) == (2, kind, None, None)
    assert part in entry.text


def test_an_account_has_512_event_types(caller, stream):
    """The 513th is dropped with a remark, its record is processed; known ones go on. (2.5; documented)"""
    names = [f"Did {number:03}" for number in range(512)]
    assert caller.upload(*map(event, names))["status"] == "success"
    answer = caller.upload(event("A new one"), event(names[0]), {**event("A new one"), "identity": "p-8"})
    assert (answer["status"], answer["processed"]) == ("success", 3)
    assert [(entry.number, entry.kind) for _, entry in reversed(stream())] == [
        (1, "Maximum event limit exceeded"),
        (3, "Maximum event limit exceeded"),
    ]
    events = caller.profile(identity="p-7")["events"]
    assert (len(events), events[names[0]]["count"]) == (512, 2)
    assert caller.profile(identity="p-8")["events"] == {}
    question = {"event_name": "A new one", "from": 20261101, "to": 20261103}
    assert caller.records("/1/events.json", question) == []


def test_the_first_event_types_to_come_are_kept(caller, clevertap, stream):
    """In the order of the records; once the alphabet decided. (2.5; documented for the limit)"""
    clevertap.change_settings(caller.account_id, {"event_types": 2})
    caller.upload(event("c"), event("b"), event("a"))
    assert set(caller.profile(identity="p-7")["events"]) == {"c", "b"}
    assert [entry.number for _, entry in stream()] == [3]


def test_a_limit_below_what_is_there_takes_nothing_away(caller, clevertap):
    """A smaller limit is one for new names. (Assumed)"""
    caller.upload(event("a"), event("b"), profile(x=1, y=2))
    clevertap.change_settings(caller.account_id, {"event_types": 1, "profile_properties": 1})
    caller.upload(event("a"), event("b"), event("c"), profile(x=3, y=4, z=5))
    record = caller.profile(identity="p-7")
    assert {name: count["count"] for name, count in record["events"].items()} == {"a": 2, "b": 2}
    assert record["profileData"] == {"x": 3, "y": 4}


def test_an_account_has_256_custom_properties(caller, stream):
    """More are left out with a remark; system properties do not count, known ones go on. (2.5; documented)"""
    caller.upload(profile(**{f"p{number:03}": number for number in range(255)}, Name="Ada", Email="a@b.de"))
    answer = caller.upload({**profile(first=1, second=2, p000="new", Phone="+14155550100"), "identity": "p-8"})
    assert answer["status"] == "success"
    assert caller.profile(identity="p-8")["profileData"] == {"first": 1, "p000": "new"}
    assert caller.profile(identity="p-8")["phone"] == "+14155550100"
    [(_, entry)] = stream()
    assert (entry.number, entry.kind) == (1, "property dropped")
    assert entry.text.startswith("second: ")


def test_limits_are_each_accounts_own(caller, newcomer, clevertap):
    """Names of another account take no place. (Design D14)"""
    clevertap.change_settings(newcomer.account_id, {"event_types": 1, "profile_properties": 1})
    caller.upload(event("a"), profile(x=1))
    newcomer.upload(event("b"), event("c"), profile(y=1, z=2))
    record = newcomer.profile(identity="p-7")
    assert (set(record["events"]), set(record["profileData"])) == ({"b"}, {"y"})


def test_the_upload_log_is_bounded(caller, uploads):
    """The newest are kept; pages go back from an id. (Ours)"""
    for number in range(MOST_UPLOADS + 5):
        caller.upload({**ADA, "identity": f"u-{number}"})
    found = uploads()
    assert len(found) == MOST_UPLOADS
    ids = [id for id, _ in found]
    assert ids == sorted(ids, reverse=True)
    assert uploads(limit=7) == found[:7]
    assert uploads(before=ids[6], limit=7) == found[7:14]


def test_the_outcomes_of_an_upload_are_bounded(caller, uploads):
    """Of a large upload the first hundred records. (Ours)"""
    caller.upload(*(ADA if number % 2 else NAMELESS for number in range(1000)))
    [(_, entry)] = uploads()
    assert [outcome.number for outcome in entry.outcomes] == list(range(1, MOST_OUTCOMES + 1))
    assert (entry.processed, entry.unprocessed) == (500, 500)


def test_the_error_stream_is_bounded(caller, stream):
    """The newest are kept; pages go back from an id. (Ours)"""
    for records in ([NAMELESS] * 600, [NAMELESS] * 500, [profile(**{f"a.{n}": n for n in range(20)})] * 60):
        caller.upload(*records)
    found = stream()
    assert len(found) == MOST_ERRORS
    assert {entry.kind for _, entry in found} == {"characters removed"}, "twelve hundred remarks of one upload"
    assert stream(before=found[4][0], limit=3) == found[5:8]


def test_debug_events_are_bounded(caller, clevertap, clock):
    """Of each profile the newest are kept, oldest first. (Ours)"""
    caller.upload(*(profile(identity=f"alias-{number}") for number in range(MOST_DEBUG_EVENTS + 5)))
    found = clevertap.reader.find_profile(clevertap.account(caller.account_id), identity="p-7")
    noted = clevertap.reader.debug_events(found.profile)
    assert len(noted) == MOST_DEBUG_EVENTS
    newest = f"identity alias-{MOST_DEBUG_EVENTS + 4}"
    assert noted[-1] == DebugEvent("Identity Set", newest, clock.milliseconds())
    assert len(caller.profile(identity="p-7")["all_identities"]) == MOST_DEBUG_EVENTS + 6, (
        "the identities are all there"
    )


def test_accounts_do_not_see_each_others_logs(caller, newcomer, uploads, stream):
    """Everything belongs to one account. (Design D14)"""
    newcomer.upload(NAMELESS)
    assert (uploads(), stream()) == ([], [])


def test_what_the_logs_keep_of_one_record_is_bounded(caller):
    """A type, a name or a record of a megabyte leaves only its beginning. (Ours)"""
    long = "%" * 1_000_000
    caller.upload({"type": long}, {"type": "profile", "identity": "p-7", "profileData": {long: 1}})
    kept = [caller.control("GET", f"/_rig/accounts/{caller.account_id}/{log}")[1] for log in ("uploads", "errors")]
    assert all(len(msgspec.json.encode(each)) < 10_000 for each in kept)


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        pytest.param({"profileData": {"identity": {"q": 1}}}, "identifier dropped", id="an identifier that is none"),
        pytest.param({"profileData": {"a.": 1, "a": 2}}, "property dropped", id="two names that become one"),
        pytest.param({"profileData": {"a": {"$set": {"b": 1}}}}, "nested object", id="an object that is set"),
        pytest.param({"profileData": {"a": {"$add": [{"b": 1}]}}}, "nested object", id="an object that is added"),
        pytest.param({"type": "event", "evtName": "E", "evtData": {" ": 1}}, "property dropped", id="a blank name"),
        pytest.param({"type": "event", "evtName": "E", "evtData": {"a.": 1, "a": 2}}, "property dropped", id="twins"),
    ],
)
def test_nothing_is_dropped_without_a_word(caller, record, kind):
    """What a client sent and nobody kept is in the error stream. (2.5 and 2.7: documented for some; else assumed)"""
    assert caller.upload({"type": "profile", "identity": "p-7", **record})["processed"] == 1
    entries = caller.control("GET", f"/_rig/accounts/{caller.account_id}/errors")[1]["data"]
    assert kind in {entry["kind"] for entry in entries}


@pytest.mark.parametrize("name", ["identity", "email", "ts"])
def test_some_properties_may_not_be_nested(caller, name):
    """`identity`, `email` and `ts` stay flat, also where an account has nested objects. (2.7; documented)"""
    assert caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", {"nested_objects": True})[0] == 200
    caller.upload({"type": "event", "identity": "p-7", "evtName": "E", "evtData": {name: {"a": 1}}})
    [entry] = caller.control("GET", f"/_rig/accounts/{caller.account_id}/errors")[1]["data"]
    assert entry["kind"] == "must be flat"


def test_an_email_that_would_have_to_be_cut_is_refused(caller):
    """Cut, it would identify nobody. (Assumed)"""
    record = {"type": "profile", "identity": "p-7", "profileData": {"Email": "a" * 600 + "@example.com"}}
    assert [entry["code"] for entry in caller.upload(record)["unprocessed"]] == [515]
