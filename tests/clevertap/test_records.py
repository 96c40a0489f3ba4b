"""Is a record acceptable, and if not, which code and text does it get?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import records
from mock_servers.clevertap.problems import Problem


def profile(**members):
    return {"type": "profile", "identity": "u-1", "profileData": {}, **members}


def event(**members):
    return {"type": "event", "identity": "u-1", "evtName": "Seen", "evtData": {}, **members}


def with_data(**properties):
    return profile(profileData=properties)


def code_of(record):
    problem = records.find_problem(record)
    return None if problem is None else problem.code


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(profile(), id="a profile"),
        pytest.param(event(), id="an event"),
        pytest.param({"type": "profile", "identity": "u-1"}, id="a profile without data"),
        pytest.param({"type": "event", "identity": "u-1", "evtName": "Seen"}, id="an event without data"),
        pytest.param(event(**{"$source": "Pipedream", "source": 5, "anything": [{}]}), id="members nobody knows"),
        pytest.param(profile(ts=None, profileData=None), id="nulls"),
    ],
)
def test_good_records_have_no_problem(record):
    """Optional members may be absent, unknown members are ignored. (Client code: `source`, `$source`; observed)"""
    assert records.find_problem(record) is None


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param(None, 524, id="null"),
        pytest.param(5, 524, id="a number"),
        pytest.param("profile", 524, id="a text"),
        pytest.param([profile()], 524, id="a list"),
        pytest.param({}, 524, id="no type"),
        pytest.param(profile(type="user"), 524, id="an unknown type"),
        pytest.param(profile(type="Profile"), 524, id="another spelling of the type"),
        pytest.param(profile(type=["profile"]), 524, id="a list as type"),
        pytest.param(profile(type={}), 524, id="an object as type"),
        pytest.param({"type": "token", "objectId": "__a", "tokenData": {}}, 555, id="a device token, not imitated yet"),
        pytest.param({"type": "profile"}, 523, id="no identifier"),
        pytest.param(profile(identity=" "), 523, id="a blank identity"),
        pytest.param(profile(identity=None), 523, id="a null identity"),
        pytest.param(profile(identity=True), 523, id="a boolean identity"),
        pytest.param(profile(identity=["u-1"]), 523, id="a list as identity"),
        pytest.param(profile(identity={"a": 1}), 523, id="an object as identity"),
        pytest.param(profile(identity="x" * 1024), 523, id="an identity of 1024 characters"),
        pytest.param(profile(FBID=[]), 523, id="a list as FBID beside a good identity"),
        pytest.param(profile(objectId="a b"), 526, id="white space in the objectId"),
        pytest.param(profile(objectId="x" * 1024), 526, id="an objectId of 1024 characters"),
        pytest.param(profile(objectId=7), 526, id="a number as objectId"),
        pytest.param(profile(objectId={}), 526, id="an object as objectId"),
        pytest.param(profile(objectId=""), 526, id="an empty objectId beside a good identity"),
        pytest.param(profile(ts=0), 525, id="ts 0"),
        pytest.param(profile(ts=-1), 525, id="ts below 0"),
        pytest.param(profile(ts="2024-01-01T00:00:00Z"), 525, id="ts as ISO text"),
        pytest.param(profile(ts=1700000000000), 525, id="ts in milliseconds"),
        pytest.param(profile(ts="1700000000000"), 525, id="ts in milliseconds as text"),
        pytest.param(profile(ts=1700000000.5), 525, id="ts with a fraction"),
        pytest.param(profile(ts=True), 525, id="ts true"),
        pytest.param(profile(ts=""), 525, id="ts empty"),
        pytest.param(profile(ts=[]), 525, id="ts a list"),
        pytest.param(profile(ts="٣"), 525, id="ts in other digits"),
        pytest.param(profile(profileData=[]), 555, id="a list as profileData"),
        pytest.param(profile(profileData="{}"), 555, id="a text as profileData"),
        pytest.param(profile(profileData=0), 555, id="a number as profileData"),
        pytest.param(event(evtName=None), 509, id="no event name"),
        pytest.param(event(evtName="  "), 509, id="a blank event name"),
        pytest.param(event(evtName=5), 509, id="a number as event name"),
        pytest.param(event(evtName="App Launched"), 513, id="a reserved event name"),
        pytest.param(event(evtName=" web page VIEWED "), 513, id="a reserved name in another spelling"),
        pytest.param(event(evtData=[]), 512, id="a list as evtData"),
        pytest.param(event(evtData="{}"), 512, id="a text as evtData"),
        pytest.param(event(evtData=False), 512, id="a boolean as evtData"),
        pytest.param(event(evtData={"a": {}}), 512, id="an object in evtData"),
        pytest.param(event(evtData={"a": [1]}), 512, id="a list in evtData"),
        pytest.param(event(evtData={"Items": [{}]}), 512, id="items of an event that is no purchase"),
        pytest.param(event(evtData={str(n): n for n in range(101)}), 522, id="101 event properties"),
    ],
)
def test_a_wrong_record_gets_its_code(record, code):
    """Every kind of wrong value has a documented code. (docs/api-errors; documented, shapes assumed)"""
    assert code_of(record) == code


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param({"ts": 0, "evtName": None}, 524, id="type before everything"),
        pytest.param({"type": "event", "ts": 0, "evtName": None}, 523, id="identifier before ts"),
        pytest.param(event(objectId=" ", ts=0), 526, id="objectId before ts"),
        pytest.param(event(ts=0, evtName=None), 525, id="ts before the event name"),
        pytest.param(event(evtName="Stayed", evtData=5), 513, id="reserved name before event data"),
        pytest.param(event(evtData={"a": [], **{str(n): n for n in range(101)}}), 512, id="structure before number"),
        pytest.param(profile(ts=0, profileData={"Email": "no"}), 525, id="ts before profile data"),
    ],
)
def test_the_first_thing_wrong_decides(record, code):
    """Only one problem per record is reported. (Recorded traffic; observed for ts first, else assumed)"""
    assert code_of(record) == code


@pytest.mark.parametrize(
    "ts",
    [
        pytest.param(1700000000, id="a number"),
        pytest.param("1700000000", id="a text of digits"),
        pytest.param(1, id="the first second"),
        pytest.param(9_999_999_999, id="the last second that cannot be milliseconds"),
    ],
)
def test_epoch_seconds_are_taken(ts):
    """`ts` is epoch seconds. (docs/upload-events-api; documented, texts of digits assumed)"""
    assert records.find_problem(profile(ts=ts)) is None
    assert records.read_ts(ts) == int(ts)


@pytest.mark.parametrize(
    ("record", "text"),
    [
        pytest.param(
            event(evtName=""),
            "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. Skipped record number : 3",
            id="509",
        ),
        pytest.param(
            event(evtName="Web Page Viewed"),
            "Event Name is incorrect. ErrorCode: 513 - Trying to raise a restricted system event."
            " Skipped record number : 3",
            id="513",
        ),
        pytest.param(
            with_data(Email="1234"),
            "Profile data is incorrect. Email is not valid.Skipped record number : 3",
            id="515, no space",
        ),
        pytest.param(
            with_data(Phone="223"),
            "Profile data is incorrect. Phone number is not valid.Skipped record number : 3",
            id="516, no space",
        ),
        pytest.param(
            with_data(Employed="yes"),
            "Profile data is incorrect. Employed needs to be Y/N.Skipped record number : 3",
            id="517, no space",
        ),
        pytest.param(
            with_data(Education="Science"),
            "Profile data is incorrect. Education needs to be School/College/Graduate..Skipped record number : 3",
            id="518, two dots",
        ),
        pytest.param(
            with_data(Married="no"),
            "Profile data is incorrect. Married needs to be Y/N.Skipped record number : 3",
            id="519, no space",
        ),
        pytest.param(
            with_data(Age="aa"),
            "Profile data is incorrect. Age is invalid.Skipped record number : 3",
            id="520, no space",
        ),
        pytest.param(
            profile(ts=0),
            "Timestamp should be present in the Unix Epoch format. Skipped record number : 3",
            id="525, a space",
        ),
    ],
)
def test_the_texts_are_the_recorded_ones(record, text):
    """The vendor's sentences, spacing and all. (tradeo/clevertap-ruby, RudderStack's tests; observed)"""
    problem = records.find_problem(record)
    assert isinstance(problem, Problem)
    assert problem.message(3) == text


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_members = ["type", "identity", "objectId", "FBID", "GPID", "ts", "profileData", "evtName", "evtData", "tokenData"]
_properties = [
    "Name",
    "Email",
    "Phone",
    "Gender",
    "Employed",
    "Education",
    "Married",
    "Age",
    "DOB",
    "identity",
    "Items",
]
_operations = st.dictionaries(st.sampled_from(["$set", "$add", "$remove", "$delete", "$incr", "$decr", "$x"]), _json)
_data = st.dictionaries(st.sampled_from(_properties) | st.text(), _json | _operations, max_size=5)
any_record = _json | st.fixed_dictionaries(
    {"type": st.sampled_from(["profile", "event", "token"]) | _json},
    optional={
        **dict.fromkeys(_members[1:], _json),
        "identity": st.sampled_from(["u-1", "u-2"]) | _json,
        "profileData": _data | _json,
        "evtName": st.sampled_from(["Charged", "Seen", "Stayed"]) | _json,
        "evtData": _data | _json,
    },
)

CODES = {509, 512, 513, 514, 515, 516, 517, 518, 519, 520, 522, 523, 524, 525, 526, 555}


@given(any_record)
def test_whatever_is_sent_is_good_or_has_a_documented_code(record):
    """No value of any type breaks the judge, and judging changes nothing."""
    before = json.dumps(record)
    assert code_of(record) in CODES | {None}
    assert json.dumps(record) == before


@pytest.mark.parametrize(
    ("depth", "expected"),
    [pytest.param(64, False, id="64 levels"), pytest.param(65, True, id="65 levels")],
)
def test_depth_is_counted_in_levels(depth, expected):
    """A body may be nested so deep and no deeper. (Ours; the vendor publishes no limit)"""
    body: object = 1
    for number in range(depth):
        body = [body] if number % 2 else {"a": body}
    assert records.is_too_deep(body) is expected
