"""Who may be written to, and which phones are taken away from their users?"""

import pytest

from mock_servers.clevertap import phones, subscriptions
from mock_servers.clevertap.profiles import Profile
from mock_servers.clevertap.subscriptions import Address


def entry(type="email", value="ada@example.com", status="Unsubscribe"):
    return {"type": type, "value": value, "status": status}


def code_of(problem):
    return None if problem is None else problem.code


@pytest.mark.parametrize(
    ("record", "address"),
    [
        pytest.param(entry(), Address("email", "ada@example.com"), id="an e-mail"),
        pytest.param(entry(value=" Ada@Example.com "), Address("email", "ada@example.com"), id="in another spelling"),
        pytest.param(entry("phone", "+14155550100"), Address("phone", "+14155550100"), id="a phone"),
        pytest.param(entry("phone", "+1 (415) 555-0100"), Address("phone", "+14155550100"), id="with decoration"),
        pytest.param(entry("whatsapp", "+14155550100"), Address("whatsapp", "+14155550100"), id="WhatsApp"),
        pytest.param(entry(status="Resubscribe"), Address("email", "ada@example.com"), id="subscribed again"),
        pytest.param({**entry(), "more": [1]}, Address("email", "ada@example.com"), id="a member nobody knows"),
    ],
)
def test_an_address_that_can_be_unsubscribed(record, address):
    """E-mail, phone and WhatsApp, each on its own. (docs/subscribe-api; documented. Normal forms: assumed)"""
    assert subscriptions.find_problem(record) is None
    assert subscriptions.read_address(record) == address


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param(None, 524, id="null"),
        pytest.param([entry()], 524, id="a list"),
        pytest.param({}, 524, id="nothing"),
        pytest.param(entry("fax"), 524, id="another channel"),
        pytest.param(entry("Email"), 524, id="another spelling of a channel"),
        pytest.param(entry(["email"]), 524, id="a list as channel"),
        pytest.param(entry(value=None), 515, id="no e-mail"),
        pytest.param(entry(value=" "), 515, id="a blank e-mail"),
        pytest.param(entry(value="nope"), 515, id="no e-mail address"),
        pytest.param(entry(value="+14155550100"), 515, id="a phone as e-mail"),
        pytest.param(entry("phone", None), 516, id="no phone"),
        pytest.param(entry("phone", ""), 516, id="a blank phone"),
        pytest.param(entry("phone", 14155550100), 516, id="a number as phone"),
        pytest.param(entry("phone", "4155550100"), 516, id="a phone without +"),
        pytest.param(entry("whatsapp", "ada@example.com"), 516, id="an e-mail as WhatsApp"),
        pytest.param(entry(status=None), 555, id="no status"),
        pytest.param(entry(status="unsubscribe"), 555, id="another spelling of the status"),
        pytest.param(entry(status=["Unsubscribe"]), 555, id="a list as status"),
        pytest.param(entry("fax", "nope", "x"), 524, id="channel before address"),
        pytest.param(entry("email", "nope", "x"), 515, id="address before status"),
    ],
)
def test_a_wrong_entry_gets_a_code(record, code):
    """The first of channel, address, status. (The answer is an upload's; documented. Which code: assumed)"""
    assert code_of(subscriptions.find_problem(record)) == code


@pytest.mark.parametrize(
    ("properties", "addresses"),
    [
        pytest.param({}, [], id="nothing known"),
        pytest.param({"Email": "Ada@example.com"}, [Address("email", "ada@example.com")], id="an e-mail"),
        pytest.param(
            {"Phone": "+14155550100"},
            [Address("phone", "+14155550100"), Address("whatsapp", "+14155550100")],
            id="a phone, which has two channels",
        ),
    ],
)
def test_where_a_user_can_be_written_to(properties, addresses):
    """All profiles with an address are meant, by e-mail in any case. (docs/subscribe-api; documented. Case: assumed)"""
    user = Profile(id=1, keys=(), properties=properties, created_at=1, updated_at=1)
    assert list(subscriptions.addresses_of(user)) == addresses


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param({"type": "phone", "value": "+14155550100"}, None, id="a phone"),
        pytest.param({"type": "phone", "value": " +1 (415) 555-0100"}, None, id="a phone with decoration"),
        pytest.param({"type": "phone", "value": "4155550100"}, 516, id="a phone without +"),
        pytest.param({"type": "phone", "value": ""}, 516, id="a blank phone"),
        pytest.param({"type": "phone", "value": 5}, 516, id="a number"),
        pytest.param({"type": "phone"}, 516, id="no phone"),
        pytest.param({"type": "email", "value": "+14155550100"}, 524, id="another type"),
        pytest.param({"value": "+14155550100"}, 524, id="no type"),
        pytest.param({"type": {}, "value": "+14155550100"}, 524, id="an object as type"),
        pytest.param("+14155550100", 524, id="a text"),
        pytest.param(None, 524, id="null"),
    ],
)
def test_which_phones_can_be_taken_away(record, code):
    """Only phones are disassociated. (docs/disassociate-api; documented. The codes: assumed)"""
    assert code_of(phones.find_problem(record)) == code
    if code is None:
        assert phones.read_phone(record) == "+14155550100"
