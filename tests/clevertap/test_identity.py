"""Whose record is it?"""

import pytest

from mock_servers.clevertap import identity
from mock_servers.clevertap.identity import Key


def resolve(record, holders=None, data=None):
    return identity.resolve(identity.read_keys(record), identity.read_further_keys(data or {}), holders or {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("u-1", "u-1", id="a text"),
        pytest.param("  u-1 ", "u-1", id="a text with space around"),
        pytest.param(12, "12", id="a number"),
        pytest.param(12.0, "12", id="a whole number written with a point"),
        pytest.param(12.5, "12.5", id="a number with a fraction"),
        pytest.param(1e-7, "0.0000001", id="a small number"),
        pytest.param(1e20, "100000000000000000000", id="a large number"),
        pytest.param(2**70, str(2**70), id="a larger number"),
        pytest.param(10**1023, None, id="a number of 1024 digits"),
        pytest.param("x" * 1023, "x" * 1023, id="1023 characters"),
        pytest.param("x" * 1024, None, id="1024 characters"),
        pytest.param("", None, id="nothing"),
        pytest.param(True, None, id="a boolean"),
        pytest.param(None, None, id="null"),
        pytest.param([], None, id="a list"),
    ],
)
def test_the_text_of_an_identifier(value, expected):
    """A number is its decimal text, so 12 and "12" are one user. (Recorded inside profileData; else assumed)"""
    assert identity.read_text(value) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param({"identity": "42"}, [Key("identity", "42")], id="identity alone"),
        pytest.param({"objectId": "abc"}, [Key("objectId", "abc")], id="object id alone"),
        pytest.param({"FBID": "f"}, [Key("FBID", "f")], id="FBID alone"),
        pytest.param({"GPID": 5}, [Key("GPID", "5")], id="GPID alone"),
        pytest.param({"identity": " ", "objectId": "abc"}, [Key("objectId", "abc")], id="a blank identity"),
        pytest.param({"identity": "42", "objectId": None}, [Key("identity", "42")], id="a null object id"),
    ],
)
def test_one_key_is_enough(record, expected):
    """Identity may be blank if there is an Object ID, and the other way round. (Guide, step 5; documented)"""
    assert identity.find_problem(record) is None
    assert list(identity.read_keys(record)) == expected


@pytest.mark.parametrize(
    "object_id",
    ["0a1b2c3d4e5f60718293a4b5c6d7e8f9", "3f0e4f4e-7b1a-4c7e-9d43-0f2a7c4f2a11", "-ios", "__android", "~windows"],
)
def test_object_ids_of_every_platform(object_id):
    """Each platform has its own shape. (Samples of the documentation; documented)"""
    assert identity.find_problem({"objectId": object_id}) is None


HOLDERS = {
    Key("objectId", "obj-1"): 1,
    Key("identity", "u-1"): 1,
    Key("identity", "u-2"): 2,
    Key("FBID", "f-3"): 3,
    Key("email", "ada@example.com"): 4,
}


@pytest.mark.parametrize(
    ("record", "found", "free", "taken"),
    [
        pytest.param({"identity": "u-1"}, 1, [], [], id="a known identity"),
        pytest.param({"identity": "U-1"}, None, [Key("identity", "U-1")], [], id="another spelling is another user"),
        pytest.param({"identity": "u-9"}, None, [Key("identity", "u-9")], [], id="an unknown identity"),
        pytest.param({"identity": "u-2", "objectId": "obj-1"}, 1, [], [Key("identity", "u-2")], id="object id first"),
        pytest.param({"identity": "u-1", "objectId": "obj-9"}, 1, [Key("objectId", "obj-9")], [], id="a second device"),
        pytest.param({"identity": "u-9", "FBID": "f-3"}, 3, [Key("identity", "u-9")], [], id="by FBID"),
        pytest.param({"identity": "Ada@Example.com"}, 4, [], [], id="an identity that is somebody's e-mail"),
    ],
)
def test_where_a_record_belongs(record, found, free, taken):
    """The first known key decides, free ones are attached, taken ones stay. (Documented; order and e-mail assumed)"""
    resolution = resolve(record, HOLDERS)
    assert (resolution.profile_id, list(resolution.free), list(resolution.taken)) == (found, free, taken)


@pytest.mark.parametrize(
    ("data", "free", "taken"),
    [
        pytest.param({"identity": "alias"}, [Key("identity", "alias")], [], id="a free alias"),
        pytest.param({"Identity": 7}, [Key("identity", "7")], [], id="a number as alias"),
        pytest.param({"identity": "u-1"}, [], [], id="its own identity"),
        pytest.param({"identity": "u-2"}, [], [Key("identity", "u-2")], id="an alias of another profile"),
        pytest.param({"identity": "ADA@example.com"}, [], [Key("identity", "ADA@example.com")], id="another's e-mail"),
        pytest.param({"identity": [], "FBID": {}, "GPID": ""}, [], [], id="nonsense"),
        pytest.param({"FBID": "f"}, [Key("FBID", "f")], [], id="an FBID"),
    ],
)
def test_profile_data_adds_identifiers_but_never_chooses(data, free, taken):
    """An identity in profileData links another user id to the profile. (Client code; observed)"""
    resolution = resolve({"identity": "u-1"}, HOLDERS, data)
    assert (resolution.profile_id, list(resolution.free), list(resolution.taken)) == (1, free, taken)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param({"identity": "u-1"}, "found by identity u-1", id="identity"),
        pytest.param({"identity": "ada@example.com"}, "found by e-mail ada@example.com", id="e-mail"),
        pytest.param({"identity": "u-9"}, "new: nobody had these identifiers", id="new"),
    ],
)
def test_the_reason_is_said_in_words(record, reason):
    """A person can read why a record went where it went. (Ours)"""
    assert resolve(record, HOLDERS).reason == reason


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"object_id": "o", "identity": "i", "email": "e"}, Key("objectId", "o"), id="object id first"),
        pytest.param({"object_id": "", "identity": "i", "email": "e"}, Key("identity", "i"), id="then identity"),
        pytest.param({"object_id": "", "identity": " ", "email": "E@x.de"}, Key("email", "e@x.de"), id="then e-mail"),
        pytest.param({"object_id": "", "identity": "", "email": ""}, None, id="nothing"),
    ],
)
def test_what_a_look_up_goes_by(given, expected):
    """The first given one decides. (docs/get-user-profiles-api asks for exactly one: documented; the order assumed)"""
    assert identity.search_key(**given) == expected
