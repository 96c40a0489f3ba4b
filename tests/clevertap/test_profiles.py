"""What may a profile hold, and what is left when new data meets it?"""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import profiles
from mock_servers.clevertap.identity import Key
from mock_servers.clevertap.profiles import Profile


def profile(*keys, **properties):
    return Profile(id=1, keys=keys, properties=properties, created_at=1, updated_at=2)


def merged(data, **properties):
    return profiles.merge(profile(**properties), data).properties


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param({"Email": "1234"}, 515, id="an e-mail without @"),
        pytest.param({"Email": "$$$$$"}, 515, id="an e-mail of signs"),
        pytest.param({"Email": "a@b@c.d"}, 515, id="two @"),
        pytest.param({"Email": "ada@example"}, 515, id="no dot in the domain"),
        pytest.param({"Email": "ada@.com"}, 515, id="a domain that begins with a dot"),
        pytest.param({"Email": 5}, 515, id="a number as e-mail"),
        pytest.param({"Email": ["ada@example.com"]}, 515, id="a list of e-mails"),
        pytest.param({"Email": {"a": 1}}, 515, id="an object as e-mail"),
        pytest.param({"Email": {"$set": "nope"}}, 515, id="a wrong e-mail that is set"),
        pytest.param({"Phone": "223"}, 516, id="a short phone"),
        pytest.param({"Phone": "+44+441234"}, 516, id="two +"),
        pytest.param({"Phone": "35922333232"}, 516, id="a phone without +"),
        pytest.param({"Phone": 35922333232}, 516, id="a number as phone"),
        pytest.param({"Phone": "+0123456789"}, 516, id="a country code of 0"),
        pytest.param({"Phone": "+٣٥٩٢٢٣٣٣٢٣٢"}, 516, id="other digits"),
        pytest.param({"Gender": "male"}, 514, id="a gender in words"),
        pytest.param({"Gender": ""}, 514, id="an empty gender"),
        pytest.param({"Gender": ["M"]}, 514, id="a list as gender"),
        pytest.param({"Employed": True}, 517, id="a boolean for employed"),
        pytest.param({"Education": "Science"}, 518, id="another education"),
        pytest.param({"Married": False}, 519, id="a boolean for married"),
        pytest.param({"Age": "aa"}, 520, id="letters as age"),
        pytest.param({"Age": -1}, 520, id="an age below 0"),
        pytest.param({"Age": 1.5}, 520, id="half a year"),
        pytest.param({"Age": True}, 520, id="a boolean as age"),
        pytest.param({"Age": []}, 520, id="a list as age"),
    ],
)
def test_a_wrong_system_property_spoils_the_record(data, code):
    """One wrong system property refuses the whole record. (Recorded codes; observed. 514 and booleans assumed)"""
    problem = profiles.find_problem(data)
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"Email": "ada@example.com"}, id="an e-mail"),
        pytest.param({"Email": "Ada.B+c@mail.example.co.uk"}, id="a long e-mail"),
        pytest.param({"Email": ""}, id="an empty e-mail"),
        pytest.param({"Email": None}, id="a null e-mail"),
        pytest.param({"email": "nope"}, id="a custom property with a similar name"),
        pytest.param({"Phone": "+35922333232"}, id="a phone"),
        pytest.param({"Phone": "+1 (415) 555-0100"}, id="a phone with decoration"),
        pytest.param({"Phone": ""}, id="an empty phone"),
        pytest.param({"Gender": "F"}, id="a gender"),
        pytest.param({"Employed": "Y", "Married": "N", "Education": "College"}, id="yes, no, college"),
        pytest.param({"Age": "18"}, id="an age as text"),
        pytest.param({"Age": 18}, id="an age"),
        pytest.param({"Email": {"$set": "ada@example.com"}}, id="a right e-mail that is set"),
        pytest.param({"Email": {"$add": "nope"}}, id="an operation that e-mail does not know"),
    ],
)
def test_good_system_properties_pass(data):
    """What the API accepts. (Recorded traffic for phone and age; observed. Blank e-mail and phone assumed)"""
    assert profiles.find_problem(data) is None


def test_system_properties_are_looked_at_in_the_vendors_order():
    """E-mail before phone, then gender, employed, education, married, and age last. (Recorded traffic; observed)"""
    wrong = {"Age": "x", "Married": "x", "Education": "x", "Employed": "x", "Gender": "x", "Phone": "x", "Email": "x"}
    codes = []
    for name in ["Email", "Phone", "Gender", "Employed", "Education", "Married", "Age"]:
        problem = profiles.find_problem(wrong)
        codes.append(problem.code)
        del wrong[name]
    assert codes == [515, 516, 514, 517, 518, 519, 520]


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
        pytest.param({"a": {"b": [1]}}, {"City": "Ulm", "a": '{"b":[1]}'}, id="an object becomes its JSON text"),
        pytest.param({"a": [{"b": 1}]}, {"City": "Ulm", "a": ['{"b":1}']}, id="an object in a list too"),
        pytest.param({"a": {}}, {"City": "Ulm", "a": "{}"}, id="an empty object"),
        pytest.param({"City": {"$set": "Bonn"}}, {"City": "Bonn"}, id="set"),
        pytest.param({"City": {"$set": None}}, {"City": "Ulm"}, id="set to null"),
        pytest.param({"City": {"$delete": 1}}, {}, id="delete"),
        pytest.param({"City": {"$add": "Bonn"}}, {"City": ["Ulm", "Bonn"]}, id="add promotes the scalar"),
        pytest.param({"City": {"$unknown": 1}}, {"City": "Ulm"}, id="an operation nobody knows"),
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


_values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text() | st.integers(), max_size=5)
_plain_data = st.dictionaries(st.text(max_size=5), _values, max_size=5)


@given(_plain_data, _plain_data)
def test_merging_twice_is_merging_once(old, new):
    """Plain data says what is, not what to do, so saying it again changes nothing; nothing at all changes nothing."""
    start = profile()
    start = profiles.merge(start, old)
    kept = copy.deepcopy(start)

    once = profiles.merge(start, new)

    assert profiles.merge(once, new) == once
    assert profiles.merge(start, {}) == start == kept


def test_all_identities_end_with_the_email():
    """A person is known by every identifier and by the e-mail, each once. (Webhook sample; documented there)"""
    keys = (Key("objectId", "o"), Key("identity", "u-1"), Key("identity", "Ada@Example.com"), Key("FBID", "f"))
    assert profile(*keys).all_identities == ("u-1", "Ada@Example.com", "f")
    assert profile(*keys, Email="ada@example.com").all_identities == ("u-1", "Ada@Example.com", "f")
    assert profile(*keys, Email="b@example.com").all_identities == ("u-1", "Ada@Example.com", "f", "b@example.com")
