"""Which profile data spoils a record, and in which form is the rest kept?"""

import copy
import json
from calendar import timegm

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import properties
from mock_servers.clevertap.settings import Settings

LENIENT = Settings(lenient=True)
NESTED = Settings(nested_objects=True)


def cleaned(data, settings=Settings()):  # noqa: B008 - it is frozen
    """The kept data, and the kinds of the remarks."""
    kept, remarks = properties.clean(data, settings)
    return kept, [remark.kind for remark in remarks]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param({"Email": "1234"}, 515, id="an e-mail without @"),
        pytest.param({"Email": "$$$$$"}, 515, id="an e-mail of signs"),
        pytest.param({"Email": "a@b@c.d"}, 515, id="two @"),
        pytest.param({"Email": "ada@example"}, 515, id="no dot in the domain"),
        pytest.param({"Email": "ada@.com"}, 515, id="a domain that begins with a dot"),
        pytest.param({"Email": "ada@example.com."}, 515, id="a domain that ends in a dot"),
        pytest.param({"Email": "ada lovelace@example.com"}, 515, id="a space within an e-mail"),
        pytest.param({"Email": 5}, 515, id="a number as e-mail"),
        pytest.param({"Email": False}, 515, id="a boolean as e-mail"),
        pytest.param({"Email": ["ada@example.com"]}, 515, id="a list of e-mails"),
        pytest.param({"Email": {"a": 1}}, 515, id="an object as e-mail"),
        pytest.param({"Email": {}}, 515, id="an empty object as e-mail"),
        pytest.param({"Email": {"$set": "nope"}}, 515, id="a wrong e-mail that is set"),
        pytest.param({"Email": {"$set": ["ada@example.com"]}}, 515, id="a list of e-mails that is set"),
        pytest.param({"Phone": "223"}, 516, id="a short phone"),
        pytest.param({"Phone": "+123456"}, 516, id="a phone of six digits"),
        pytest.param({"Phone": "+1234567890123456"}, 516, id="a phone of sixteen digits"),
        pytest.param({"Phone": "+44+441234"}, 516, id="two +"),
        pytest.param({"Phone": "35922333232"}, 516, id="a phone without +"),
        pytest.param({"Phone": 35922333232}, 516, id="a number as phone"),
        pytest.param({"Phone": "+0123456789"}, 516, id="a country code of 0"),
        pytest.param({"Phone": "+٣٥٩٢٢٣٣٣٢٣٢"}, 516, id="other digits"),
        pytest.param({"Phone": "( )"}, 516, id="nothing but decoration"),
        pytest.param({"Gender": "male"}, 514, id="a gender in words"),
        pytest.param({"Gender": "m"}, 514, id="a small letter as gender"),
        pytest.param({"Gender": ""}, 514, id="an empty gender"),
        pytest.param({"Gender": ["M"]}, 514, id="a list as gender"),
        pytest.param({"Employed": True}, 517, id="a boolean for employed"),
        pytest.param({"Employed": {"$set": True}}, 517, id="a boolean for employed that is set"),
        pytest.param({"Education": "Science"}, 518, id="another education"),
        pytest.param({"Education": "college"}, 518, id="education in small letters"),
        pytest.param({"Married": False}, 519, id="a boolean for married"),
        pytest.param({"Age": "aa"}, 520, id="letters as age"),
        pytest.param({"Age": ""}, 520, id="an empty age"),
        pytest.param({"Age": "-1"}, 520, id="the text of an age below 0"),
        pytest.param({"Age": -1}, 520, id="an age below 0"),
        pytest.param({"Age": 1000}, 520, id="an age of four digits"),
        pytest.param({"Age": 1.5}, 520, id="half a year"),
        pytest.param({"Age": True}, 520, id="a boolean as age"),
        pytest.param({"Age": []}, 520, id="a list as age"),
        pytest.param({"Age ": "aa"}, 520, id="space around the name, which is not part of it"),
        pytest.param({"Email:": "nope"}, 515, id="a sign in the name that names may not have"),
        pytest.param({"Email": "ada@example.com", " Email": "nope"}, 515, id="a wrong e-mail beside a right one"),
        pytest.param([], 555, id="a list instead of data"),
        pytest.param("", 555, id="a text instead of data"),
    ],
)
def test_a_wrong_system_property_spoils_the_record(data, code):
    """One wrong system property refuses the whole record. (Recorded codes; observed. 514, 555 and booleans assumed)

    A name that was a system property's only after cleaning was once stored unchecked, and broke on an age in letters.
    """
    problem = properties.find_problem(data)
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="no data"),
        pytest.param({}, id="empty data"),
        pytest.param({"Email": "ada@example.com"}, id="an e-mail"),
        pytest.param({"Email": "Ada.B+c@mail.example.co.uk"}, id="a long e-mail"),
        pytest.param({"Email": ""}, id="an empty e-mail"),
        pytest.param({"Email": None}, id="a null e-mail"),
        pytest.param({"email": "nope"}, id="a custom property with a similar name"),
        pytest.param({"Phone": "+35922333232"}, id="a phone"),
        pytest.param({"Phone": "+1234567"}, id="a phone of seven digits"),
        pytest.param({"Phone": "+123456789012345"}, id="a phone of fifteen digits"),
        pytest.param({"Phone": "+1 (415) 555-0100"}, id="a phone with decoration"),
        pytest.param({"Phone": ""}, id="an empty phone"),
        pytest.param({"Gender": "F"}, id="a gender"),
        pytest.param({"Employed": "Y", "Married": "N", "Education": "College"}, id="yes, no, college"),
        pytest.param({"Age": "18"}, id="an age as text"),
        pytest.param({"Age": 18}, id="an age"),
        pytest.param({"Age": {"$set": "18"}}, id="an age that is set"),
        pytest.param({"Email": {"$set": "ada@example.com"}}, id="a right e-mail that is set"),
        pytest.param({"Email": {"$set": None}}, id="an e-mail set to null"),
        pytest.param({"Email": {"$add": "nope"}}, id="an operation that e-mail does not know"),
        pytest.param({"DOB": "yesterday", "Name": [], "MSG-email": "no"}, id="properties that are never refused"),
    ],
)
def test_good_system_properties_pass(data):
    """What the API accepts. (Recorded traffic for phone and age; observed. Blank e-mail and phone assumed)"""
    assert properties.find_problem(data) is None


def test_system_properties_are_looked_at_in_the_vendors_order():
    """E-mail before phone, then gender, employed, education, married, and age last. (Recorded traffic; observed)"""
    wrong = {"Age": "x", "Married": "x", "Education": "x", "Employed": "x", "Gender": "x", "Phone": "x", "Email": "x"}
    codes = []
    for name in ["Email", "Phone", "Gender", "Employed", "Education", "Married", "Age"]:
        problem = properties.find_problem(wrong)
        codes.append(problem.code)
        del wrong[name]
    assert codes == [515, 516, 514, 517, 518, 519, 520]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        pytest.param({"Employed": True, "Married": False}, {"Employed": "Y", "Married": "N"}, id="booleans"),
        pytest.param({"Employed": {"$set": False}}, {"Employed": "N"}, id="a boolean that is set"),
        pytest.param({"Employed": "Y"}, {"Employed": "Y"}, id="what a strict account takes, too"),
    ],
)
def test_a_lenient_account_takes_booleans_for_yes_and_no(data, kept):
    """RudderStack sends booleans; a strict account answers 517 and 519. (Client code; observed. Answers assumed)"""
    assert properties.find_problem(data, LENIENT) is None
    assert cleaned(data, LENIENT) == (kept, [])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param({"Employed": "yes"}, 517, id="words"),
        pytest.param({"Married": 1}, 519, id="a number"),
        pytest.param({"Gender": True}, 514, id="a boolean as gender"),
        pytest.param({"Age": True}, 520, id="a boolean as age"),
    ],
)
def test_a_lenient_account_takes_nothing_else(data, code):
    """Only booleans, and only for Employed and Married. (Ours)"""
    problem = properties.find_problem(data, LENIENT)
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    ("data", "kept", "kinds"),
    [
        pytest.param({"Plan": "Pro"}, {"Plan": "Pro"}, [], id="a custom property"),
        pytest.param({"a": None}, {}, [], id="null"),
        pytest.param(
            {"identity": 7, "Identity": "x", "FBID": "f", "GPID": "g", " identity ": 8}, {}, [], id="identifiers"
        ),
        pytest.param({"fbid": "f", "IDENTITY": 1}, {"fbid": "f", "IDENTITY": 1}, [], id="similar names"),
        pytest.param({"": 1, "  ": 2}, {}, ["property dropped"] * 2, id="names of nothing"),
        pytest.param({" Plan ": "Pro"}, {"Plan": "Pro"}, [], id="space around a name"),
        pytest.param({"Pl.an": "Pro"}, {"Plan": "Pro"}, ["characters removed"], id="a sign in a name"),
        pytest.param({"#": 1}, {}, ["characters removed", "property dropped"], id="a name of signs alone"),
        pytest.param({"x" * 121: 1}, {"x" * 120: 1}, ["name cut"], id="a long name"),
        pytest.param({"a": "x" * 513}, {"a": "x" * 512}, ["value cut"], id="a long text"),
        pytest.param({"a": "x" * 512}, {"a": "x" * 512}, [], id="the longest text"),
        pytest.param({"a": ["x" * 513]}, {"a": ["x" * 512]}, ["value cut"], id="a long text in a list"),
        pytest.param({"Name": "x" * 513}, {"Name": "x" * 512}, ["value cut"], id="a long name of a person"),
        pytest.param({"a": {"$set": "x" * 513}}, {"a": {"$set": "x" * 512}}, ["value cut"], id="a long text set"),
        pytest.param({"a": {"$add": "x"}}, {"a": {"$add": ["x"]}}, [], id="an operation"),
        pytest.param({"a": {"$more": 1}}, {}, ["operation skipped"], id="an operation nobody knows"),
        pytest.param({"a": 2**70, "b": -0.5, "c": True}, {"a": 2**70, "b": -0.5, "c": True}, [], id="scalars"),
        pytest.param({"a": [2**70, 1.5, None, False]}, {"a": [str(2**70), "1.5", "false"]}, [], id="a list of scalars"),
        pytest.param({"a": {"b": [1]}}, {"a": '{"b":[1]}'}, ["nested object"], id="an object"),
        pytest.param({"a": {"$set": 1, "b": 2}}, {"a": '{"$set":1,"b":2}'}, ["nested object"], id="half an operation"),
        pytest.param({"a": [[1], 2]}, {"a": ["[1]", "2"]}, ["nested object"], id="a list in a list"),
        pytest.param(
            {"a": {"b": "x" * 600}}, {"a": '{"b":"' + "x" * 506}, ["nested object", "value cut"], id="a large object"
        ),
        pytest.param({"Name": ["Ada"]}, {}, ["property dropped"], id="a list as name"),
        pytest.param({"DOB": "$D_0"}, {"DOB": "$D_0"}, [], id="a date of birth"),
        pytest.param({"DOB": "1990"}, {"DOB": "1990"}, ["date unreadable"], id="a date of birth in another form"),
        pytest.param({"MSG-email": "no"}, {}, ["property dropped"], id="a switch that is no boolean"),
        pytest.param({"Email": {"$delete": 1}}, {}, ["operation skipped"], id="deleting a checked property"),
        pytest.param({"Email": {"$set": "a@b.de", "$add": 1}}, {"Email": "a@b.de"}, ["operation skipped"], id="both"),
        pytest.param({"Photo": {"$delete": True}}, {"Photo": {"$delete": 1}}, [], id="deleting another"),
        pytest.param({"category-unsubscribe": {"$x": "y"}}, {}, ["operation skipped"], id="nonsense as subscription"),
        pytest.param(
            {"category-unsubscribe": {"$set": {"email": ["Ads"]}}},
            {"category-unsubscribe": {"email": ["Ads"]}},
            [],
            id="a subscription that is set",
        ),
    ],
)
def test_the_form_in_which_data_is_kept(data, kept, kinds):
    """Cut, changed or left out with a remark; the record still counts. (Types and limits documented, the rest assumed)

    `{"$x": …}` as a subscription was once kept, and broke the profile it was laid over.
    """
    assert cleaned(data) == (kept, kinds)


def test_two_names_that_become_one_are_one_property():
    """The later value counts, as with a member that JSON has twice. (Assumed)"""
    assert cleaned({"Plan": "Free", "Plan!": "Pro"}) == (
        {"Plan": "Pro"},
        ["characters removed", "property dropped"],
    )


@pytest.mark.parametrize(
    ("data", "kept", "kinds"),
    [
        pytest.param({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 1}}}, [], id="objects stay objects"),
        pytest.param({"a": [{"b": 1}]}, {"a": [{"b": 1}]}, [], id="a list of objects, too"),
        pytest.param({"a": ["x", 1]}, {"a": ["x", "1"]}, [], id="a plain list is multi-value as ever"),
        pytest.param({"a": {}}, {}, [], id="an empty object goes"),
        pytest.param({"a": {"$add": ["x"]}}, {"a": {"$add": ["x"]}}, [], id="an operation stays one"),
        pytest.param({"Name": {"a": 1}}, {}, ["property dropped"], id="a system property holds one value as ever"),
    ],
)
def test_an_account_with_nested_objects_keeps_them(data, kept, kinds):
    """The public beta, if the account has it. (docs.clevertap.com/docs/nested-objects; documented)"""
    assert cleaned(data, NESTED) == (kept, kinds)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_operations = st.dictionaries(st.sampled_from(["$set", "$add", "$remove", "$delete", "$incr", "$decr", "$x"]), _json)
_names = st.sampled_from([*sorted(properties.SYSTEM), "identity", "Age ", "Plan", "Pl#an"]) | st.text()
_any_data = st.dictionaries(_names, _json | _operations, max_size=6)
_any_settings = st.builds(Settings, lenient=st.booleans(), nested_objects=st.booleans())


@given(_any_data, _any_settings)
def test_cleaning_what_is_clean_changes_nothing(data, settings):
    """Whatever has no problem can be cleaned; what was sent stays as it was; cleaning twice is cleaning once.

    Not quite with nested objects: a list can lose its last object, and is then a multi-value property of texts.
    """
    if properties.find_problem(data, settings) is not None:
        return
    sent = copy.deepcopy(data)
    kept, _ = properties.clean(data, settings)
    again, remarks = properties.clean(kept, settings)
    json.dumps(kept)
    assert data == sent
    if not settings.nested_objects:
        assert again == kept
        assert {remark.kind for remark in remarks} <= {"date unreadable"}


BORN = f"$D_{timegm((1990, 5, 17, 0, 0, 0))}"


@pytest.mark.parametrize(
    ("date_of_birth", "today", "age"),
    [
        pytest.param(BORN, (2026, 5, 16, 23, 59, 59), 35, id="the day before the birthday"),
        pytest.param(BORN, (2026, 5, 17, 0, 0, 0), 36, id="on the birthday"),
        pytest.param(BORN, (1990, 5, 17, 0, 0, 0), 0, id="just born"),
        pytest.param(BORN, (1990, 5, 16, 0, 0, 0), None, id="not yet born"),
        pytest.param(f"$D_{timegm((2004, 2, 29, 0, 0, 0))}", (2026, 2, 28, 0, 0, 0), 21, id="a leap day, not yet"),
        pytest.param(f"$D_{timegm((2004, 2, 29, 0, 0, 0))}", (2026, 3, 1, 0, 0, 0), 22, id="a leap day, over"),
        pytest.param("$D_-2208988800", (2026, 1, 1, 0, 0, 0), 126, id="born in 1900"),
        pytest.param("$D_-99999999999", (2026, 1, 1, 0, 0, 0), None, id="before the first year"),
        pytest.param("1990-05-17", (2026, 5, 17, 0, 0, 0), None, id="another form"),
        pytest.param("$D_", (2026, 5, 17, 0, 0, 0), None, id="no seconds"),
        pytest.param("$D_٣", (2026, 5, 17, 0, 0, 0), None, id="other digits"),
        pytest.param(643000000, (2026, 5, 17, 0, 0, 0), None, id="a number"),
        pytest.param(None, (2026, 5, 17, 0, 0, 0), None, id="no date"),
    ],
)
def test_age_follows_from_the_date_of_birth(date_of_birth, today, age):
    """Age is computed from DOB if that is known. (docs/upload-user-profiles-api; documented. In UTC: assumed)"""
    assert properties.age_on(date_of_birth, timegm(today)) == age


def test_months_are_counted_full():
    """A webhook says "31 years 2 months". (Its sample; documented)"""
    assert properties.months_since(BORN, timegm((1990, 6, 16, 0, 0, 0))) == 0
    assert properties.months_since(BORN, timegm((1990, 6, 17, 0, 0, 0))) == 1
    assert properties.months_since(BORN, timegm((1992, 7, 17, 0, 0, 0))) == 26
