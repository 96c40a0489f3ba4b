"""The records of one upload, read together: the same as each on its own, whichever way they are read."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_servers.clevertap import batches, identity, records
from mock_servers.clevertap.batches import Batch, MalformedUploadError, Refused, TooManyRecordsError
from mock_servers.clevertap.problems import RECORD_TYPE
from mock_servers.clevertap.records import EventRecord, ProfileRecord, TokenRecord
from mock_servers.clevertap.settings import DEFAULT, Settings
from tests.clevertap.any_records import NOW, all_nearly_good_records, any_record, any_settings, body_of, uploads

CODES = {509, *range(512, 521), 522, 523, 524, 525, 526, 528, *range(530, 536), 555}


def judged_alone(body, settings):
    """What the rules say of each record of a body."""
    accepted, refused, remarks = [], [], []
    for number, record in enumerate(json.loads(body)["d"], start=1):
        problem = records.find_problem(record, settings)
        if problem is not None:
            accepted.append(None)
            refused.append(Refused(number, record, problem))
            continue
        said, more = records.read(record, settings, NOW)
        accepted.append(said)
        remarks += [(number, remark) for remark in more]
    return Batch(accepted, refused, remarks)


@given(uploads, any_settings, st.booleans())
@settings(max_examples=400, deadline=None)
def test_an_upload_says_what_each_of_its_records_says(sent, account_settings, is_ascii):
    """Two ways of reading, one result: same records in normal form, same problems and numbers, same remarks. (Ours)"""
    body = body_of(sent, is_ascii=is_ascii)
    together = batches.read_batch(body, account_settings, NOW)
    alone = judged_alone(body, account_settings)
    assert together == alone
    assert repr(together) == repr(alone)  # 1, 1.0 and True are equal, and not the same


@pytest.mark.parametrize(
    "account_settings",
    [
        pytest.param(DEFAULT, id="strict"),
        pytest.param(Settings(lenient=True), id="lenient"),
        pytest.param(Settings(nested_objects=True), id="nested objects"),
        pytest.param(Settings(event_properties=1, discarded_events=("Won",)), id="little allowed"),
    ],
)
def test_a_record_that_is_nearly_good_is_read_as_the_rules_say(account_settings):
    """The same, for every single thing in which a record can differ from one in normal form. (Ours)"""
    for record in all_nearly_good_records():
        body = body_of([record])
        assert repr(batches.read_batch(body, account_settings, NOW)) == repr(judged_alone(body, account_settings))


@given(st.lists(any_record, max_size=4), any_settings)
@settings(deadline=None)
def test_whatever_is_sent_is_good_or_has_a_documented_code(sent, account_settings):
    """No value of any type breaks the judge, and judging changes nothing."""
    for record in json.loads(body_of(sent))["d"]:
        before = json.dumps(record)
        problem = records.find_problem(record, account_settings)
        assert problem is None or problem.code in CODES
        if problem is None:
            records.read(record, account_settings, NOW)
        assert json.dumps(record) == before


def on_the_wire(record):
    """A record that says what a record in normal form says."""
    if isinstance(record, TokenRecord):
        token = {"id": record.token.id, "type": record.token.type, "keys": record.token.keys}
        return {"type": "token", "objectId": record.object_id, "ts": record.ts, "tokenData": token}
    sent = {"type": record.kind, "identity": record.identity, "objectId": record.object_id, "ts": record.ts}
    if isinstance(record, EventRecord):
        sent |= {"evtName": record.name, "evtData": record.data, "$source": record.source}
    others, further = record.links or ((), ())
    sent |= dict(others)
    if isinstance(record, ProfileRecord):
        names = list(identity.FURTHER.items())
        aliases = {}
        for key in further:
            aliases[next(name for name, kind in names if kind == key.kind and name not in aliases)] = key.value
        sent["profileData"] = {**record.data, **aliases}
    return sent


@given(uploads, any_settings.filter(lambda each: not each.nested_objects))
@settings(deadline=None)
def test_reading_what_was_read_changes_nothing(sent, account_settings):
    """A record in normal form is read as itself, with no remark but those on dates. (Ours)"""
    accepted = [each for each in batches.read_batch(body_of(sent), account_settings, NOW).records if each is not None]
    again = batches.read_batch(body_of(list(map(on_the_wire, accepted))), account_settings, NOW)
    assert again.records == accepted
    assert repr(again.records) == repr(accepted)
    assert {remark.kind for _, remark in again.remarks} <= {"ts in the future", "date unreadable"}


GOOD = {"type": "event", "identity": "u-1", "evtName": "Seen", "evtData": {"a": 1}}
CUT = {**GOOD, "evtName": "Se.en"}
REFUSED = {**GOOD, "evtName": "Stayed"}


@pytest.mark.parametrize("place", [0, 1, 499, 500, 998, 999])
def test_one_odd_record_among_a_thousand_keeps_its_number(place):
    """Numbers count from 1, wherever the record stands. (Recorded traffic; observed)"""
    for odd, refused, remarks in ((REFUSED, [place + 1], []), (CUT, [], [place + 1])):
        sent = [GOOD] * 1000
        sent[place] = odd
        batch = batches.read_batch(body_of(sent), DEFAULT, NOW)
        assert [each.number for each in batch.refused] == refused
        assert [number for number, _ in batch.remarks] == remarks
        assert [number for number, each in enumerate(batch.records, start=1) if each is None] == refused


@pytest.mark.parametrize(
    ("sent", "processed", "status"),
    [
        pytest.param([], 0, "success", id="nothing"),
        pytest.param([GOOD, CUT], 2, "success", id="all good"),
        pytest.param([GOOD, REFUSED, GOOD], 2, "partial", id="some good"),
        pytest.param([REFUSED, None], 0, "fail", id="none good"),
    ],
)
def test_how_an_upload_went(sent, processed, status):
    """`success`, `partial` or `fail`. (Recorded traffic; observed. An empty upload: assumed)"""
    batch = batches.read_batch(body_of(sent), DEFAULT, NOW)
    assert (batch.processed, batch.status) == (processed, status)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"d":[],"more":1}', id="a member beside d"),
        pytest.param(b' {\n"d" : [ ] } \n', id="white space"),
        pytest.param(b'{"d":5,"d":[]}', id="d twice, the last one a list"),
        pytest.param(b'{"\\u0064":[]}', id="d as an escape"),
    ],
)
def test_bodies_of_no_records(body):
    """Only the list `d` counts. (Assumed)"""
    assert batches.read_batch(body, DEFAULT, NOW) == Batch([], [], [])


def nested(levels):
    """An event whose data makes the list `d` so many levels deep."""
    return body_of([{**GOOD, "evtData": json.loads("[" * (levels - 2) + "]" * (levels - 2))}])


MALFORMED = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"{", id="half an object"),
    pytest.param(b"null", id="null"),
    pytest.param(b"5", id="a number"),
    pytest.param(b'"d"', id="a text"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"{}", id="no d"),
    pytest.param(b'{"D":[]}', id="another spelling of d"),
    pytest.param(b'{"d":null}', id="d null"),
    pytest.param(b'{"d":{}}', id="d an object"),
    pytest.param(b'{"d":"[]"}', id="d a text"),
    pytest.param(b'{"d":[],"d":5}', id="d twice, the last one no list"),
    pytest.param(b'{"d":[]} {}', id="something after it"),
    pytest.param(b'{"d":[,]}', id="a comma too many"),
    pytest.param(b"{'d':[]}", id="other quotes"),
    pytest.param(b'{"d":[/* none */]}', id="a comment"),
    pytest.param(b'{"d":[NaN]}', id="no number"),
    pytest.param(b'{"d":[1e400]}', id="a number that no float can hold"),
    pytest.param(b'{"d":[' + b"1" * 5000 + b"]}", id="a number of 5000 digits"),
    pytest.param(b'{"d":["\\ud800"]}', id="half a character as an escape"),
    pytest.param(b'{"d":["\xff"]}', id="no UTF-8 in a text"),
    pytest.param(b'{"d":[{"type":"event","identity":"u-1","evtName":"\xff"}]}', id="no UTF-8 in a good record"),
    pytest.param('{"d":[]}'.encode("utf-16"), id="UTF-16"),
    pytest.param(b'\xef\xbb\xbf{"d":[]}', id="a byte order mark"),
    pytest.param(nested(65), id="65 levels"),
    pytest.param(b'{"d":' + b"[" * 100_000, id="lists without end"),
    pytest.param(b'{"d":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="lists with an end, far away"),
    pytest.param(b'{"d":[' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}", id="objects, too"),
]


@pytest.mark.parametrize("body", MALFORMED)
def test_a_body_that_is_no_list_of_records_is_malformed(body):
    """No JSON, not `{"d": [...]}`, or nested without end. (CleverTap's bulk upload tool for the first; observed)"""
    with pytest.raises(MalformedUploadError):
        batches.read_batch(body, DEFAULT, NOW)
    with pytest.raises(MalformedUploadError):
        batches.read_entries(body, lambda entry: None)


def test_records_may_be_nested_64_levels():
    """Deep enough for everything that is stored. (Ours; the vendor publishes no limit)"""
    batch = batches.read_batch(nested(64), DEFAULT, NOW)
    assert [each.problem.code for each in batch.refused] == [512]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(GOOD, id="good ones"),
        pytest.param(CUT, id="odd ones"),
        pytest.param(REFUSED, id="wrong ones"),
        pytest.param(None, id="nulls"),
    ],
)
def test_an_upload_has_at_most_a_thousand_records(record):
    """1,000 of the newest page; 100 of old ones. (docs/upload-events-api, 2026-06-30; documented)"""
    assert len(batches.read_batch(body_of([record] * 1000), DEFAULT, NOW).records) == 1000
    with pytest.raises(TooManyRecordsError):
        batches.read_batch(body_of([record] * 1001), DEFAULT, NOW)
    with pytest.raises(TooManyRecordsError):
        batches.read_entries(body_of([record] * 1001), lambda entry: None)


@given(st.binary(max_size=60) | st.lists(any_record, max_size=2).map(body_of), st.data())
@settings(deadline=None)
def test_no_body_raises_anything_else(body, data):
    """A body cut short or with one byte spoiled is malformed, or it is an upload after all. (Ours)"""
    place = data.draw(st.integers(0, len(body)))
    body = body[:place] + data.draw(st.binary(max_size=1)) + body[place + data.draw(st.integers(0, 1)) :]
    try:
        batch = batches.read_batch(body, DEFAULT, NOW)
    except MalformedUploadError:
        return
    assert batch.processed + len(batch.refused) == len(batch.records)


def test_entries_of_another_call_are_judged_one_by_one():
    """Such a call answers like an upload, with the entries as they were sent. (docs/subscribe-api; documented)"""
    batch = batches.read_entries(
        body_of([1, "x", None, 2]), lambda entry: None if isinstance(entry, int) else RECORD_TYPE
    )
    assert batch == Batch([1, None, None, 2], [Refused(2, "x", RECORD_TYPE), Refused(3, None, RECORD_TYPE)], [])
    assert (batch.processed, batch.status) == (2, "partial")


@pytest.mark.parametrize(
    ("depth", "expected"),
    [pytest.param(64, False, id="64 levels"), pytest.param(65, True, id="65 levels")],
)
def test_depth_is_counted_in_levels(depth, expected):
    """A body may be nested so deep and no deeper. (Ours; the vendor publishes no limit)"""
    body: object = 1
    for number in range(depth):
        body = [body] if number % 2 else {"a": body}
    assert batches.is_too_deep(body) is expected
