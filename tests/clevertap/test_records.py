"""Is a record acceptable, which code and text does it get if not, and what does it say if so?"""

import pytest

from mock_servers.clevertap import records
from mock_servers.clevertap.identity import Key
from mock_servers.clevertap.problems import Problem
from mock_servers.clevertap.records import EventRecord, Links, ProfileRecord, TokenRecord
from mock_servers.clevertap.settings import Settings
from mock_servers.clevertap.tokens import Token

NOW = 1_700_000_000
LENIENT = Settings(lenient=True)


def profile(**members):
    return {"type": "profile", "identity": "u-1", "profileData": {}, **members}


def event(**members):
    return {"type": "event", "identity": "u-1", "evtName": "Seen", "evtData": {}, **members}


def with_data(**properties):
    return profile(profileData=properties)


def token(**members):
    return {"type": "token", "objectId": "__a", "tokenData": {"id": "tok", "type": "fcm"}, **members}


def code_of(record, settings=Settings()):  # noqa: B008 - it is frozen
    problem = records.find_problem(record, settings)
    return None if problem is None else problem.code


def read(record, settings=Settings()):  # noqa: B008 - it is frozen
    """What a good record says, and the kinds of the remarks."""
    assert code_of(record, settings) is None
    said, remarks = records.read(record, settings, NOW)
    return said, [remark.kind for remark in remarks]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(profile(), id="a profile"),
        pytest.param(event(), id="an event"),
        pytest.param(token(), id="a device token"),
        pytest.param(token(ts=NOW, identity="u-1", source="x"), id="a device token with more"),
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
        pytest.param(token(objectId=None), 530, id="a device token without objectId"),
        pytest.param(token(objectId="a b"), 530, id="a device token with white space in the objectId"),
        pytest.param(token(objectId=None, identity="u-1"), 530, id="a device token for an identity"),
        pytest.param(token(tokenData=None), 531, id="no token data"),
        pytest.param(token(tokenData={}), 532, id="token data without id"),
        pytest.param(token(tokenData={"id": "tok"}), 533, id="token data without type"),
        pytest.param(token(tokenData={"id": "tok", "type": "apns"}), 534, id="a token of another platform"),
        pytest.param(token(tokenData={"id": "tok", "type": "fcm", "keys": []}), 535, id="a list as keys of a token"),
        pytest.param(token(ts=0), 525, id="a device token with ts 0"),
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
        pytest.param(profile(ts=1700000000.0), 525, id="ts with a point"),
        pytest.param(profile(ts="1" * 5000), 525, id="ts of 5000 digits"),
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


def codes_while_repairing(record, *repairs):
    """The codes of a record that is wrong in every way, each after one more repair."""
    codes = [code_of(record, DISCARDING)]
    for repair in repairs:
        record.update(repair)
        codes.append(code_of(record, DISCARDING))
    return codes


DISCARDING = Settings(discarded_events=("Off",))
MANY = {str(number): number for number in range(101)}
WRONG = {"objectId": 5, "ts": 0, "evtName": "", "evtData": [], "profileData": [], "tokenData": []}


@pytest.mark.parametrize("record", [None, [], "event", WRONG, {**WRONG, "type": "user"}])
def test_section_9_7a_an_object_of_a_known_type_comes_before_everything(record):
    """524 for what is no object or of no known type, whatever else is wrong. (facts, section 9; assumed)"""
    assert code_of(record) == 524


@pytest.mark.parametrize("type", ["profile", "event"])
def test_section_9_7b_an_identifier_and_the_shape_of_the_object_id_come_before_ts(type):
    """523, then 526, then 525. (facts, section 9; assumed)"""
    record = {**WRONG, "type": type, "objectId": ""}
    assert codes_while_repairing(record, {"identity": "u-1"}, {"objectId": "o"}) == [523, 526, 525]


def test_section_9_7c_ts_comes_before_the_event_name():
    """525, then 509. (facts, section 9; assumed)"""
    assert codes_while_repairing({**WRONG, "type": "event", "objectId": "o"}, {"ts": NOW}) == [525, 509]


def test_section_9_7c_ts_comes_before_profile_data():
    """525, then 555. (facts, section 9; recorded for e-mail and phone, which are not yet looked at: observed)"""
    assert codes_while_repairing({**WRONG, "type": "profile", "objectId": "o"}, {"ts": NOW}) == [525, 555]


def test_section_9_7c_ts_comes_before_the_token():
    """525, then 530; the token's members were once looked at first. (facts, section 9; assumed)"""
    assert codes_while_repairing({**WRONG, "type": "token"}, {"ts": NOW}) == [525, 530]


def test_section_9_7d_the_order_within_an_event():
    """509 name, 513 reserved, 528 discarded, 512 structure, 522 number. (facts, section 9; assumed)"""
    record = event(evtName=" ", evtData={"a": [], **MANY})
    repairs = [{"evtName": "Stayed"}, {"evtName": "Off"}, {"evtName": "Seen"}, {"evtData": MANY}, {"evtData": {}}]
    assert codes_while_repairing(record, *repairs) == [509, 513, 528, 512, 522, None]


def test_section_9_7d_only_charged_may_have_items():
    """Flat, or Charged. (docs/events; documented)"""
    record = event(evtData={"Items": [{"a": 1}]})
    assert codes_while_repairing(record, {"evtName": "Charged"}) == [512, None]


def test_section_9_7e_the_order_within_a_profile():
    """555 no object, then Email, Phone, Gender, Employed, Education, Married, Age. (Recorded traffic; observed)"""
    wrong = dict.fromkeys(["Age", "Married", "Education", "Employed", "Gender", "Phone", "Email"], "x")
    record = profile(profileData="x")
    repairs = []
    for name in [None, "Email", "Phone", "Gender", "Employed", "Education", "Married", "Age"]:
        wrong.pop(name, None)
        repairs.append({"profileData": dict(wrong)})
    codes = codes_while_repairing(record, *repairs)
    assert codes == [555, 515, 516, 514, 517, 518, 519, 520, None]


def test_section_9_7f_the_order_within_a_token():
    """530 objectId, 531 data, 532 id, 533 type, 534 platform, 535 keys. (facts, section 9; assumed)"""
    wrong = {"id": "", "type": "", "keys": 5}
    repairs = [
        {"objectId": "__a"},
        {"tokenData": wrong},
        {"tokenData": {**wrong, "id": "tok"}},
        {"tokenData": {**wrong, "id": "tok", "type": "apns"}},
        {"tokenData": {**wrong, "id": "tok", "type": "fcm"}},
        {"tokenData": {"id": "tok", "type": "fcm"}},
    ]
    record = token(objectId=" ", tokenData=[])
    assert codes_while_repairing(record, *repairs) == [530, 531, 532, 533, 534, 535, None]


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
            event(evtName=""), "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. ", id="509, a space"
        ),
        pytest.param(
            event(evtName="Web Page Viewed"),
            "Event Name is incorrect. ErrorCode: 513 - Trying to raise a restricted system event. ",
            id="513, a space",
        ),
        pytest.param(with_data(Email="1234"), "Profile data is incorrect. Email is not valid.", id="515, no space"),
        pytest.param(
            with_data(Phone="223"), "Profile data is incorrect. Phone number is not valid.", id="516, no space"
        ),
        pytest.param(
            with_data(Employed="yes"), "Profile data is incorrect. Employed needs to be Y/N.", id="517, no space"
        ),
        pytest.param(
            with_data(Education="Science"),
            "Profile data is incorrect. Education needs to be School/College/Graduate..",
            id="518, two dots",
        ),
        pytest.param(
            with_data(Married="no"), "Profile data is incorrect. Married needs to be Y/N.", id="519, no space"
        ),
        pytest.param(with_data(Age="aa"), "Profile data is incorrect. Age is invalid.", id="520, no space"),
        pytest.param(profile(ts=0), "Timestamp should be present in the Unix Epoch format. ", id="525, a space"),
    ],
)
def test_the_texts_are_the_recorded_ones(record, text):
    """The vendor's sentences, spacing and all. (tradeo/clevertap-ruby, RudderStack's tests; observed)"""
    problem = records.find_problem(record)
    assert isinstance(problem, Problem)
    assert problem.message(3) == f"{text}Skipped record number : 3"


@pytest.mark.parametrize(
    ("ts", "seconds"),
    [
        pytest.param(1_700_000_000_123, 1_700_000_000, id="milliseconds"),
        pytest.param("1700000000123", 1_700_000_000, id="milliseconds as text"),
        pytest.param(9_999_999_999_000, 9_999_999_999, id="the last of them"),
        pytest.param(9_999_999_999_001, None, id="later than the last"),
        pytest.param(0, None, id="0 as ever"),
        pytest.param(1_700_000_000, 1_700_000_000, id="seconds as ever"),
    ],
)
def test_a_lenient_account_takes_milliseconds(ts, seconds):
    """A lenient mode accepts and flags them. (facts 2.2; assumed)"""
    assert code_of(profile(ts=ts), LENIENT) == (525 if seconds is None else None)
    if seconds is not None:
        kinds = [] if ts == seconds else ["ts in milliseconds"]
        assert read(profile(ts=ts), LENIENT) == (ProfileRecord(identity="u-1", ts=seconds), kinds)


@pytest.mark.parametrize(
    ("ts", "kinds"),
    [
        pytest.param(NOW + 120, [], id="two minutes ahead"),
        pytest.param(NOW + 121, ["ts in the future"], id="a second more"),
        pytest.param(NOW + 86_400 * 365, ["ts in the future"], id="a year ahead"),
        pytest.param(1, [], id="long ago"),
        pytest.param(None, [], id="not said"),
    ],
)
def test_what_is_dated_ahead_is_stored_with_a_remark(ts, kinds):
    """Live campaigns look two minutes ahead. (Page on event APIs; documented. The remark: assumed)"""
    assert read(event(ts=ts)) == (EventRecord(identity="u-1", name="Seen", ts=ts), kinds)


@pytest.mark.parametrize(
    ("record", "said", "kinds"),
    [
        pytest.param(
            profile(identity=" 12 ", ts=str(NOW), profileData={"Plan": "Pro", "x": None}),
            ProfileRecord(identity="12", ts=NOW, data={"Plan": "Pro"}),
            [],
            id="a profile",
        ),
        pytest.param(profile(identity=12.0), ProfileRecord(identity="12"), [], id="a number as identity"),
        pytest.param(profile(profileData=None), ProfileRecord(identity="u-1"), [], id="a profile without data"),
        pytest.param(
            profile(identity=None, objectId="o", FBID=7, GPID=" g ", profileData={"identity": "alias", "FBID": "f"}),
            ProfileRecord(
                object_id="o",
                links=Links(
                    others=(Key("FBID", "7"), Key("GPID", "g")), further=(Key("identity", "alias"), Key("FBID", "f"))
                ),
            ),
            [],
            id="a profile with every identifier",
        ),
        pytest.param(
            event(evtName=" Se.en ", evtData={"a": "x" * 513}, source="Segment"),
            EventRecord(identity="u-1", name="Seen", data={"a": "x" * 512}, source="Segment"),
            ["characters removed", "value cut"],
            id="an event",
        ),
        pytest.param(
            event(profileData={"identity": "alias"}, tokenData=5),
            EventRecord(identity="u-1", name="Seen"),
            [],
            id="an event with members of other types",
        ),
        pytest.param(
            token(ts=NOW, identity="u-1"),
            TokenRecord(object_id="__a", token=Token("tok", "fcm"), ts=NOW),
            [],
            id="a token, which only its device identifies",
        ),
    ],
)
def test_what_a_record_says_in_normal_form(record, said, kinds):
    """Whatever the spelling, the same is stored. (Documented for the members; normal forms assumed)"""
    assert read(record) == (said, kinds)


@pytest.mark.parametrize(
    ("record", "keys"),
    [
        pytest.param(profile(), [Key("identity", "u-1")], id="identity alone"),
        pytest.param(event(objectId="o"), [Key("objectId", "o"), Key("identity", "u-1")], id="object id first"),
        pytest.param(
            event(GPID="g", FBID="f"),
            [Key("identity", "u-1"), Key("FBID", "f"), Key("GPID", "g")],
            id="the others at the end",
        ),
        pytest.param(
            profile(profileData={"identity": "alias"}), [Key("identity", "u-1")], id="an alias is none of them"
        ),
        pytest.param(token(identity="u-1"), [Key("objectId", "__a")], id="a token's device"),
    ],
)
def test_the_keys_of_a_record_in_the_order_in_which_they_are_tried(record, keys):
    """objectId, identity, FBID, GPID. (facts 2.2; assumed)"""
    assert list(read(record)[0].keys) == keys
