"""`MSG-dndEmail` and its like are about an address: they say the same as `/1/subscribe`, whatever becomes of users."""

import msgspec
import pytest

EMAIL = {"Email": "m@example.com"}


def profile(who, **data):
    return {"type": "profile", **who, "profileData": data}


def call(caller, status):
    body = msgspec.json.encode({"d": [{"type": "email", "value": "m@example.com", "status": status}]})
    assert caller.ask("POST", "/1/subscribe", body=body).status == 200


def shown(caller, identity="m"):
    return caller.profile(identity=identity)["systemProfileData"]


@pytest.mark.parametrize("kind", ["profile", "event"])
def test_a_switch_that_comes_with_another_profile_is_lifted_too(caller, kind):
    """Whatever record makes two profiles one, the address is blocked, and a call lifts it. (2.6; assumed)"""
    caller.upload(profile({"identity": "m"}, **EMAIL), profile({"objectId": "dev1"}, **{"MSG-dndEmail": True}))
    caller.upload({"type": kind, "objectId": "dev1", "identity": "m", "evtName": "Did"})
    assert shown(caller) == {"MSG-dndEmail": True}
    call(caller, "Resubscribe")
    assert shown(caller) == {}


def test_an_old_no_says_nothing_about_a_later_address(caller):
    """A switch that is off without an address would later have subscribed somebody again. (Assumed)"""
    caller.upload(profile({"identity": "p"}, **{"MSG-dndEmail": False}))
    call(caller, "Unsubscribe")
    caller.upload(profile({"identity": "m"}, **EMAIL), profile({"identity": "p"}, **EMAIL))
    assert shown(caller) == shown(caller, "p") == {"MSG-dndEmail": True}


def test_to_delete_the_switch_is_to_switch_it_off(caller):
    """`$delete` removes a property, and this one is the address's. (Assumed)"""
    caller.upload(profile({"identity": "m"}, **EMAIL, **{"MSG-dndEmail": True}))
    caller.upload(profile({"identity": "m"}, **{"MSG-dndEmail": {"$delete": 1}}))
    assert shown(caller) == {}
