"""By what can a device be sent a push message?"""

import pytest

from mock_servers.clevertap import tokens
from mock_servers.clevertap.tokens import Token

OBJECT_ID_OF = {"Android": "__a1b2", "iOS": "-a1b2", "Windows": "~a1b2", "Web": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"}


def token(id="tok", type="fcm", **more):
    return {"type": "token", "objectId": "__a1b2", "tokenData": {"id": id, "type": type, **more}}


def code_of(record, object_id="__a1b2"):
    problem = tokens.find_problem(record, object_id)
    return None if problem is None else problem.code


@pytest.mark.parametrize(
    ("object_id", "platform"),
    [
        pytest.param("__0a1b", "Android", id="two underscores"),
        pytest.param("_0a1b", "Web", id="one underscore"),
        pytest.param("-0a1b", "iOS", id="a dash"),
        pytest.param("--0a1b", "iOS", id="two dashes"),
        pytest.param("~0a1b", "Windows", id="a tilde"),
        pytest.param("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "Web", id="32 characters"),
        pytest.param("3f0e4f4e-7b1a-4c7e-9d43-0f2a7c4f2a11", "Web", id="a UUID"),
    ],
)
def test_an_object_id_shows_its_platform(object_id, platform):
    """By its beginning. (Samples of the documentation; documented)"""
    assert tokens.platform_of(object_id) == platform


@pytest.mark.parametrize(
    ("type", "platforms"),
    [
        pytest.param("apns", {"iOS"}, id="apns"),
        pytest.param("gcm", {"Android"}, id="gcm"),
        pytest.param("fcm", {"Android", "iOS", "Web"}, id="fcm"),
        pytest.param("wns", {"Windows"}, id="wns"),
        pytest.param("mpns", {"Windows"}, id="mpns"),
        pytest.param("chrome", {"Web"}, id="chrome"),
        pytest.param("FCM", set(), id="another spelling"),
        pytest.param("apn", set(), id="an unknown type"),
    ],
)
def test_a_type_of_token_is_for_some_platforms(type, platforms):
    """The six types are documented, 534 for a platform mismatch too; which type is for which is assumed."""
    assert {
        platform for platform, object_id in OBJECT_ID_OF.items() if code_of(token(type=type), object_id) is None
    } == platforms
    assert {code_of(token(type=type), object_id) for object_id in OBJECT_ID_OF.values()} <= {None, 534}


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param({}, 531, id="no tokenData"),
        pytest.param({"tokenData": None}, 531, id="null"),
        pytest.param({"tokenData": "tok"}, 531, id="a text"),
        pytest.param({"tokenData": [token()]}, 531, id="a list"),
        pytest.param({"tokenData": {}}, 532, id="empty tokenData"),
        pytest.param(token(id=None), 532, id="no id"),
        pytest.param(token(id=" "), 532, id="a blank id"),
        pytest.param(token(id=5), 532, id="a number as id"),
        pytest.param(token(type=None), 533, id="no type"),
        pytest.param(token(type=""), 533, id="a blank type"),
        pytest.param(token(type=["fcm"]), 533, id="a list as type"),
        pytest.param(token(type="apns"), 534, id="a type of another platform"),
        pytest.param(token(type="pigeon"), 534, id="an unknown type"),
        pytest.param(token(keys="k"), 535, id="a text as keys"),
        pytest.param(token(keys=["k"]), 535, id="a list as keys"),
        pytest.param(token(keys={"auth": 5}), 535, id="a number as key"),
        pytest.param(token(keys={"auth": None}), 535, id="null as key"),
    ],
)
def test_a_wrong_token_gets_its_code(record, code):
    """Every member has a code of its own. (docs/api-errors; documented. Shapes assumed)"""
    assert code_of(record) == code


def test_the_first_thing_wrong_with_a_token_decides():
    """Object id, data, id, type, platform, keys. (facts, section 9; assumed)"""
    record = {"tokenData": 5}
    assert code_of(record, None) == 530
    assert code_of(record) == 531
    record["tokenData"] = data = {"id": "", "type": "", "keys": 5}
    assert code_of(record) == 532
    data["id"] = "tok"
    assert code_of(record) == 533
    data["type"] = "apns"
    assert code_of(record) == 534
    data["type"] = "fcm"
    assert code_of(record) == 535
    data["keys"] = {}
    assert code_of(record) is None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(token(), Token("tok", "fcm"), id="a plain token"),
        pytest.param(token(id=" tok ", type=" fcm "), Token("tok", "fcm"), id="space around"),
        pytest.param(token(keys=None), Token("tok", "fcm"), id="no keys"),
        pytest.param(token(keys={"auth": "a"}), Token("tok", "fcm", {"auth": "a"}), id="one of the two keys"),
        pytest.param(
            token(keys={"p256dh": "p", "auth": "a", "more": "m"}),
            Token("tok", "fcm", {"p256dh": "p", "auth": "a", "more": "m"}),
            id="a key nobody knows",
        ),
        pytest.param(token(more=5), Token("tok", "fcm"), id="a member nobody knows"),
    ],
)
def test_what_is_kept_of_a_token(record, expected):
    """Clients send only one of the keys, or others. (Client code; observed)"""
    assert code_of(record) is None
    assert tokens.read_token(record) == expected


def test_how_a_profile_shows_its_token():
    """Type and id. (A recorded answer in smpladmin/apperture; observed)"""
    assert tokens.push_token(Token("abc", "fcm", {"auth": "a"})) == "fcm:abc"
