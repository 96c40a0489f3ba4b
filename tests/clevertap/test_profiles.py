"""What is a profile, and what becomes of it when new data meets it?"""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import profiles, properties
from mock_servers.clevertap.identity import Key
from mock_servers.clevertap.profiles import Profile
from mock_servers.clevertap.tokens import Token


def profile(*keys, **properties):
    return Profile(id=1, keys=keys, properties=properties, created_at=1, updated_at=2)


def merged(data, /, **old):
    """The properties of a profile that had these, after an upload of this data."""
    clean, remarks = properties.clean(data)
    return profiles.merge(old, clean, remarks)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"Plan": "Pro"}, {"Plan": "Pro", "City": "Ulm"}, id="a new property beside the old"),
        pytest.param({"City": "Bonn"}, {"City": "Bonn"}, id="a new value for an old property"),
        pytest.param({"City": None}, {"City": "Ulm"}, id="null says nothing"),
        pytest.param({}, {"City": "Ulm"}, id="no data"),
        pytest.param({"identity": 7, "Identity": "x", "FBID": "f", "GPID": "g"}, {"City": "Ulm"}, id="identifiers"),
        pytest.param({"": 1, "  ": 2}, {"City": "Ulm"}, id="names of nothing"),
        pytest.param({"City": ""}, {"City": ""}, id="an empty text is a value"),
        pytest.param({"n": 1.5, "b": False}, {"City": "Ulm", "n": 1.5, "b": False}, id="numbers and booleans"),
        pytest.param({"Due": "$D_1700000000"}, {"City": "Ulm", "Due": "$D_1700000000"}, id="a date"),
        pytest.param(
            {"a": ["x", 1, 1.5, True, None, "x"]}, {"City": "Ulm", "a": ["x", "1", "1.5", "true"]}, id="a list"
        ),
        pytest.param({"City": []}, {}, id="an empty list is no property"),
        pytest.param({"a": []}, {"City": "Ulm"}, id="an empty list of something new is none either"),
        pytest.param({"a": {"b": [1]}}, {"City": "Ulm", "a": '{"b":[1]}'}, id="an object becomes its JSON text"),
        pytest.param({"a": [{"b": 1}]}, {"City": "Ulm", "a": ['{"b":1}']}, id="an object in a list too"),
        pytest.param({"a": {}}, {"City": "Ulm", "a": "{}"}, id="an empty object"),
        pytest.param({"City": {"$set": "Bonn"}}, {"City": "Bonn"}, id="set"),
        pytest.param({"City": {"$set": None}}, {"City": "Ulm"}, id="set to null"),
        pytest.param({"City": {"$delete": 1}}, {}, id="delete"),
        pytest.param({"a": {"$delete": 1}}, {"City": "Ulm"}, id="delete what is not there"),
        pytest.param({"City": {"$add": "Bonn"}}, {"City": ["Ulm", "Bonn"]}, id="add promotes the scalar"),
        pytest.param({"City": {"$remove": "Ulm"}}, {}, id="remove the only value"),
        pytest.param({"City": {"$unknown": 1}}, {"City": "Ulm"}, id="an operation nobody knows"),
        pytest.param({"City": {"$incr": 1}}, {"City": "Ulm"}, id="increase a text"),
        pytest.param({"City": {"$set": ["a"], "$add": "b"}}, {"City": ["a", "b"]}, id="two operations in their order"),
    ],
)
def test_data_is_laid_over_the_profile(data, expected):
    """Properties change one by one, the others stay. (docs/upload-user-profiles-api; documented, odd values assumed)"""
    assert merged(data, City="Ulm") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"Phone": "+1 (415) 555-0100"}, {"Phone": "+14155550100"}, id="a phone without its decoration"),
        pytest.param({"Email": " ada@example.com "}, {"Email": "ada@example.com"}, id="an e-mail trimmed"),
        pytest.param({"Email": "", "Phone": " "}, {}, id="empty e-mail and phone say nothing"),
        pytest.param({"Email": {"$set": "a@b.de"}}, {"Email": "a@b.de"}, id="an e-mail that is set"),
        pytest.param({"Age": "18"}, {"Age": 18}, id="an age as number"),
        pytest.param({"Name": 5}, {"Name": "5"}, id="a number as name is text"),
        pytest.param({"Name": ["Ada"], "DOB": {}}, {}, id="a system property holds one value"),
        pytest.param({"Name": {"$add": "Ada"}, "Email": {"$delete": 1}}, {}, id="and knows no other operations"),
        pytest.param({"MSG-email": False, "MSG-sms": "no"}, {"MSG-email": False}, id="a switch is a boolean"),
        pytest.param(
            {"category-unsubscribe": {"email": ["Marketing"]}, "category-resubscribe": "x"},
            {"category-unsubscribe": {"email": ["Marketing"]}},
            id="subscriptions stay objects",
        ),
        pytest.param({"category-unsubscribe": {"$x": "y"}}, {}, id="but operations are no subscriptions"),
    ],
)
def test_system_properties_are_stored_in_their_form(data, expected):
    """Phone as `+` and digits, age as number, and so on. (Documented in parts; normal forms assumed)"""
    assert merged(data) == expected


def test_a_system_property_that_is_not_checked_can_be_deleted():
    """`$delete` removes a whole property. (docs/imports-via-sftp; documented)"""
    assert merged({"Name": {"$delete": 1}}, Name="Ada") == {}


def test_a_checked_property_knows_only_set():
    """Other operations on it are skipped. (facts, section 9; assumed)"""
    data = {"Email": {"$delete": 1, "$add": "x"}, "Age": {"$incr": 1}}
    assert merged(data, Email="a@b.de", Age=36) == {"Email": "a@b.de", "Age": 36}


def test_a_list_keeps_the_newest_hundred_values():
    """A multi-value property has at most 100 values, the oldest go. (docs/upload-user-profiles-api; documented)"""
    assert merged({"a": [str(n) for n in range(103)]})["a"] == [str(n) for n in range(3, 103)]


def test_an_operation_that_meets_the_wrong_value_leaves_a_remark():
    """What cannot be done is not done, and the error stream says so. (Assumed)"""
    clean, remarks = properties.clean({"City": {"$incr": 1}})
    assert remarks == []
    profiles.merge({"City": "Ulm"}, clean, remarks)
    assert [remark.kind for remark in remarks] == ["operation skipped"]


_values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text() | st.integers(), max_size=5)
_plain_data = st.dictionaries(st.text(max_size=5), _values, max_size=5).filter(
    lambda data: properties.find_problem(data) is None
)
_operations = st.dictionaries(
    st.sampled_from(["$set", "$add", "$remove", "$delete", "$incr", "$decr", "$x"]), _values | st.floats(0), max_size=3
)


@given(_plain_data, _plain_data)
def test_merging_twice_is_merging_once(old, new):
    """Plain data says what is, not what to do, so saying it again changes nothing; nothing at all changes nothing."""
    start = merged(old)
    kept = copy.deepcopy(start)

    once = merged(new, **start)

    assert merged(new, **once) == once
    assert merged({}, **start) == start == kept


_few_names = st.sampled_from(["a", "b", "Name", "Age", "category-unsubscribe"])


@given(_plain_data, st.dictionaries(_few_names, _values | _operations, max_size=5))
def test_no_property_is_ever_empty(old, new):
    """Whatever is done to a profile: no null and no empty list stays, and the old properties are not touched."""
    if properties.find_problem(new) is not None:
        return
    start = merged(old)
    kept = copy.deepcopy(start)
    result = merged(new, **start)
    assert None not in result.values()
    assert [] not in result.values()
    assert start == kept


def test_all_identities_end_with_the_email():
    """A person is known by every identifier and by the e-mail, each once. (Webhook sample; documented there)"""
    keys = (Key("objectId", "o"), Key("identity", "u-1"), Key("identity", "Ada@Example.com"), Key("FBID", "f"))
    assert profile(*keys).all_identities == ("u-1", "Ada@Example.com", "f")
    assert profile(*keys, Email="ada@example.com").all_identities == ("u-1", "Ada@Example.com", "f")
    assert profile(*keys, Email="b@example.com").all_identities == ("u-1", "Ada@Example.com", "f", "b@example.com")


@pytest.mark.parametrize(
    ("keys", "identity", "object_ids", "is_identified"),
    [
        pytest.param([Key("objectId", "o")], None, ("o",), False, id="a device alone"),
        pytest.param([Key("objectId", "o"), Key("FBID", "f")], None, ("o",), True, id="a device and an FBID"),
        pytest.param([Key("identity", "a"), Key("identity", "b")], "a", (), True, id="two identities"),
        pytest.param([Key("objectId", "o"), Key("objectId", "p")], None, ("o", "p"), False, id="two devices"),
    ],
)
def test_who_a_profile_is(keys, identity, object_ids, is_identified):
    """A user of whom only devices are known is anonymous. (docs.clevertap.com, profile types; documented)"""
    subject = profile(*keys)
    assert (subject.identity, subject.object_ids, subject.is_identified) == (identity, object_ids, is_identified)


def test_system_and_custom_properties_are_told_apart():
    """Name, e-mail and phone stand on their own, other system properties too. (Samples; documented)"""
    subject = profile(Name="Ada", Email="a@b.de", Phone="+1415", Gender="F", email="x", Plan="Pro")
    assert subject.custom_properties == {"email": "x", "Plan": "Pro"}
    assert subject.system_properties == {"Gender": "F"}
    assert (subject.name, subject.email, subject.phone) == ("Ada", "a@b.de", "+1415")


def test_absorbing_an_anonymous_profile_loses_nothing():
    """What is known of the user wins, the rest of the anonymous profile is added. (Assumed)"""
    user = Profile(
        id=1,
        keys=(Key("identity", "u-1"), Key("objectId", "o-1")),
        properties={"City": "Ulm"},
        created_at=20,
        updated_at=30,
        last_ts=5,
        tokens={"o-1": Token("t", "fcm")},
    )
    anonymous = Profile(
        id=2,
        keys=(Key("objectId", "o-2"),),
        properties={"City": "Bonn", "Plan": "Pro"},
        created_at=10,
        updated_at=40,
        tokens={"o-2": Token("s", "apns")},
    )
    assert profiles.absorb(user, anonymous) == Profile(
        id=1,
        keys=(Key("identity", "u-1"), Key("objectId", "o-1"), Key("objectId", "o-2")),
        properties={"City": "Ulm", "Plan": "Pro"},
        created_at=10,
        updated_at=40,
        last_ts=5,
        tokens={"o-1": Token("t", "fcm"), "o-2": Token("s", "apns")},
    )


def test_absorbing_keeps_the_later_ts():
    """Neither, one or both may have had a `ts`. (Assumed)"""
    without, early, late = (
        Profile(id=1, keys=(), properties={}, created_at=1, updated_at=1, last_ts=ts) for ts in (None, 3, 7)
    )
    assert profiles.absorb(early, late).last_ts == profiles.absorb(late, early).last_ts == 7
    assert profiles.absorb(without, early).last_ts == 3
    assert profiles.absorb(without, without).last_ts is None
