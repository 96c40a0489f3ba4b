"""The records of one upload, read together: the same as each on its own, whichever way they are read.

Objects are `Members` here, pairs of name and value, because JSON may have a member twice.
"""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_servers.clevertap import batches, identity, records
from mock_servers.clevertap.batches import Batch, MalformedUploadError, Refused, TooManyRecordsError
from mock_servers.clevertap.problems import RECORD_TYPE
from mock_servers.clevertap.records import EventRecord, ProfileRecord, TokenRecord
from mock_servers.clevertap.settings import DEFAULT, Settings

NOW = 1_700_000_000
CODES = {509, *range(512, 521), 522, 523, 524, 525, 526, 528, *range(530, 536), 555}


class Members(tuple):
    """The members of a JSON object, in their order, perhaps one of them twice."""


def to_json(value, *, is_ascii=True):
    if isinstance(value, Members):
        pairs = (f"{to_json(name, is_ascii=is_ascii)}:{to_json(each, is_ascii=is_ascii)}" for name, each in value)
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(to_json(each, is_ascii=is_ascii) for each in value) + "]"
    return json.dumps(value, ensure_ascii=is_ascii)


def body_of(sent, *, is_ascii=True):
    return f'{{"d":{to_json(sent, is_ascii=is_ascii)}}}'.encode()


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


# What records are made of: good, nearly good and hostile.

TIMES = [
    NOW,
    NOW + 120,
    NOW + 121,
    1,
    0,
    -1,
    9_999_999_999,
    10_000_000_000,
    NOW * 1000,
    float(NOW),
    str(NOW),
    True,
    None,
]
GOOD_IDENTITIES = ["u-1", "u-2", "ada@example.com", "+14155550100", "x" * 1023, "Ä"]
ODD_IDENTITIES = [" u-1", "u-1\n", "\u00a0u-1", "", " ", "x" * 1024, 12, 12.0, 2**70, None, True, [], {}]
EVENT_NAMES = [
    "Seen",
    "Won",
    "x" * 128,
    "Charged",
    "Stayed",
    "App Launched",
    "Se.en",
    " Seen",
    "",
    "x" * 513,
    "€" * 128,
]
GOOD_NAMES = [
    "Plan",
    "City",
    "a b",
    "Name",
    "x" * 120,
    "é" * 60,
    "DOB",
    "Email",
    "Age",
    "Gender",
    "Married",
    "MSG-email",
]
ODD_NAMES = ["", " ", " Plan", "Pl.an", "a#b", "x" * 121, "é" * 61, "€" * 41, "identity", "FBID", " identity", "Email "]
SYSTEM_NAMES = ["Phone", "Employed", "Education", "Photo", "Tz", "category-unsubscribe", "Items", "email", "objectId"]
VALUES = [
    *("ada@example.com", " ada@example.com", "nope", "+14155550100", "+1 415 5550100", "M", "Y", "N", "College", ""),
    *(True, False, 18, "18", 18.0, 1.5, -1, 1000, 0, -0.0, 2**63, 2**70, 1e300, "$D_0", "$D_x"),
    *("x" * 128, "x" * 129, "€" * 128, "€" * 171, "x" * 513, "\0", "\u2028"),
]

short_values = st.sampled_from(VALUES) | st.text(max_size=8) | st.integers() | st.booleans()
json_values = st.recursive(
    st.none() | short_values | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(st.text(max_size=3), inner), max_size=3).map(Members)
    ),
    max_leaves=8,
)
operations = st.lists(
    st.tuples(st.sampled_from(["$set", "$add", "$remove", "$delete", "$incr", "$decr", "$x"]), json_values), max_size=2
).map(Members)


def members(names, values, most=5):
    return st.lists(st.tuples(names, values), max_size=most).map(Members)


good_names = st.sampled_from(GOOD_NAMES)
any_names = st.sampled_from(GOOD_NAMES + ODD_NAMES + SYSTEM_NAMES) | st.text(max_size=4)
right_data = st.lists(
    st.sampled_from(
        [("Plan", "Pro"), ("City", 5), ("a b", 1.5), ("Name", "Ada"), ("Email", "ada@example.com"), ("Age", 36)]
        + [("DOB", "$D_0"), ("Gender", "F"), ("Married", "N"), ("MSG-email", False), ("Phone", "+14155550100")]
    ),
    max_size=5,
).map(Members)
hostile_data = members(any_names, json_values | operations)


def shuffled(required, optional, more=None):
    """Objects with these members in any order, and up to one of `more` at the end: another, or one of them twice."""
    objects = st.fixed_dictionaries(required, optional=optional).flatmap(
        lambda each: st.permutations(list(each.items()))
    )
    tails = st.just([]) if more is None else st.lists(more, max_size=1)
    return st.tuples(objects, tails).map(lambda parts: Members(itertools.chain(*parts)))


def both_types(names, data, optional, more=None):
    profiles = shuffled(
        {"type": st.just("profile"), "identity": st.sampled_from(GOOD_IDENTITIES)},
        {"profileData": data, **optional},
        more,
    )
    events = shuffled(
        {"type": st.just("event"), "identity": st.sampled_from(GOOD_IDENTITIES), "evtName": st.sampled_from(names)},
        {"evtData": data, "$source": st.sampled_from(["Zapier", "API"]), **optional},
        more,
    )
    return profiles | events


good_records = both_types(
    ["Seen", "Won"], right_data, {"ts": st.just(NOW), "objectId": st.sampled_from(["o-1", "__a", "~w"])}
)
nearly_good_records = both_types(
    EVENT_NAMES,
    members(good_names, short_values) | members(any_names, short_values),
    {"ts": st.sampled_from(TIMES), "objectId": st.sampled_from(["o-1", "o 1", "o\u2003", "", None])},
    st.sampled_from(
        [("identity", odd) for odd in ODD_IDENTITIES]
        + [("type", "event"), ("type", "profile"), ("type", "token"), ("ts", NOW), ("", None), ("", [[], []]), ("x", 1)]
        + [
            ("", [[["identity", "u-9"]], []]),
            ("profileData", Members()),
            ("evtData", Members([("a", 1)])),
            ("FBID", "f"),
        ]
        + [
            ("$source", " Zapier"),
            ("$source", ""),
            ("source", "Segment"),
            ("data", 1),
            ("links", None),
            ("kind", "event"),
        ]
    ),
)
token_records = shuffled(
    {"type": st.just("token")},
    {
        "objectId": st.sampled_from(["__a", "-a", "a b", 5]),
        "ts": st.sampled_from(TIMES),
        "tokenData": members(
            st.sampled_from(["id", "type", "keys"]), st.sampled_from(["fcm", "apns", "", {}, {"auth": "a"}])
        )
        | json_values,
    },
)
hostile_records = json_values | shuffled(
    {"type": st.sampled_from(["profile", "event", "token"]) | json_values},
    {
        **{
            name: st.sampled_from(GOOD_IDENTITIES + ODD_IDENTITIES) for name in ("identity", "objectId", "FBID", "GPID")
        },
        "ts": st.sampled_from(TIMES) | json_values,
        "profileData": hostile_data | json_values,
        "evtName": st.sampled_from(EVENT_NAMES) | json_values,
        "evtData": hostile_data | json_values,
        "tokenData": json_values,
    },
    st.tuples(any_names, json_values),
)
any_record = good_records | nearly_good_records | token_records | hostile_records
uploads = (
    st.lists(good_records, max_size=20)
    | st.tuples(st.lists(good_records, max_size=9), nearly_good_records, st.lists(good_records, max_size=9)).map(
        lambda parts: [*parts[0], parts[1], *parts[2]]
    )
    | st.lists(nearly_good_records, max_size=6)
    | st.lists(any_record, max_size=6)
)
any_settings = st.sampled_from([DEFAULT, Settings(lenient=True), Settings(nested_objects=True)]) | st.builds(
    Settings,
    lenient=st.booleans(),
    nested_objects=st.booleans(),
    event_properties=st.sampled_from([1, 3, 100]),
    discarded_events=st.sampled_from([(), ("Seen",), ("Won", "Charged")]),
)


@given(uploads, any_settings, st.booleans())
@settings(max_examples=400, deadline=None)
def test_an_upload_says_what_each_of_its_records_says(sent, account_settings, is_ascii):
    """Two ways of reading, one result: same records in normal form, same problems and numbers, same remarks. (Ours)"""
    body = body_of(sent, is_ascii=is_ascii)
    together = batches.read_batch(body, account_settings, NOW)
    alone = judged_alone(body, account_settings)
    assert together == alone
    assert repr(together) == repr(alone)  # 1, 1.0 and True are equal, and not the same


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
