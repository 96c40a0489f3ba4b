"""Rules of persons and organizations."""

from datetime import UTC, datetime, timedelta

import pytest

from mock_servers.pipedrive import organizations, persons
from mock_servers.pipedrive.persons import Contact

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)
LENA = persons.new_person({"name": "Lena Ortiz"}, id=301, owner_id=5010, now=NOW)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        pytest.param("Lena Ortiz", ("Lena", "Ortiz"), id="two words"),
        pytest.param("Lena", ("Lena", None), id="one word"),
        pytest.param("Lena Maria Ortiz", ("Lena", "Maria Ortiz"), id="three words"),
        pytest.param("  Lena   Ortiz ", ("Lena", "Ortiz"), id="blanks around"),
    ],
)
def test_a_name_is_split_at_its_first_word(name, parts):
    """First word, and the rest or null. (facts 4.5 assumed, null observed in 3.3)"""
    assert persons.split_name(name) == parts


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"first_name": "Ada"}, ("Ada Ortiz", "Ada", "Ortiz"), id="a new first name"),
        pytest.param({"last_name": "Weber"}, ("Lena Weber", "Lena", "Weber"), id="a new last name"),
        pytest.param({"last_name": None}, ("Lena", "Lena", None), id="no last name"),
        pytest.param({"first_name": "", "last_name": "Weber"}, ("Weber", "", "Weber"), id="no first name"),
        pytest.param({"name": "Ada Moreau", "first_name": "Eva"}, ("Ada Moreau", "Ada", "Moreau"), id="the name wins"),
    ],
)
def test_the_parts_make_the_name(fields, expected):
    """Both parts given are joined with a blank; one part keeps the other. (facts 4.5)"""
    after = persons.changed_person(LENA, fields, NOW)
    assert (after.name, after.first_name, after.last_name) == expected


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        pytest.param({"name": "Lena"}, [], id="a name"),
        pytest.param({"first_name": "Lena", "last_name": ""}, [], id="both parts, one empty"),
        pytest.param({"first_name": "Lena"}, ["Parameter 'name' is required"], id="only one part"),
        pytest.param({}, ["Parameter 'name' is required"], id="nothing"),
        pytest.param({"name": ""}, ["must not be empty"], id="an empty name"),
        pytest.param({"name": "x", "emails": "a@b.example"}, ["Expected 'array'"], id="e-mails as text"),
        pytest.param({"name": "x", "emails": [{"label": "work"}]}, ["Parameter 'value' is required"], id="no value"),
        pytest.param(
            {"name": "x", "phones": [{"value": "1", "primary": True}, {"value": "2", "primary": True}]},
            ["only one can be primary"],
            id="two primaries",
        ),
        pytest.param(
            {"name": "x", "email": "a@b.example"},
            ["Parameter 'email' is not allowed for this request"],
            id="v1's name of a key",
        ),
    ],
)
def test_what_a_new_person_needs_in_v2(body, reasons):
    """A name or both of its parts; e-mails and phones as lists of objects. (facts 4.5)"""
    assert [fault.reason for fault in persons.read_fields(body, "v2", is_new=True)[1]] == reasons


@pytest.mark.parametrize(
    ("email", "contacts"),
    [
        pytest.param("a@b.example", (Contact("a@b.example", "work", True),), id="a text"),
        pytest.param(["a@b.example"], (Contact("a@b.example", "work", True),), id="a list of texts"),
        pytest.param(
            [{"value": "a@b.example"}, {"value": "c@d.example", "primary": "1", "label": "home"}],
            (Contact("a@b.example", "work", False), Contact("c@d.example", "home", True)),
            id="a list of objects",
        ),
        pytest.param([{"value": "", "primary": True}], (), id="v1's own empty entry"),
        pytest.param(None, (), id="null clears"),
    ],
)
def test_v1_takes_an_email_in_many_forms(email, contacts):
    """A string is accepted in v1 only. (facts 4.5)"""
    fields, faults = persons.read_fields({"name": "x", "email": email}, "v1", is_new=True)
    assert faults == []
    assert fields["emails"] == contacts


def test_somebody_is_primary():
    """None primary: the first is. (facts 4.5, assumed)"""
    found = persons.with_one_primary((Contact("a"), Contact("b")))
    assert [contact.primary for contact in found] == [True, False]


def test_a_patch_replaces_all_emails():
    """A patch replaces the whole array. (facts 4.5)"""
    first = persons.changed_person(LENA, {"emails": (Contact("a"), Contact("b"))}, NOW)
    assert persons.changed_person(first, {"emails": (Contact("c"),)}, NOW).emails == (Contact("c"),)


def test_a_new_person_was_never_updated():
    """`update_time` is null until the first change, which sets it. (facts 3.3, 4.4)"""
    assert LENA.update_time is None
    later = NOW + timedelta(hours=1)
    assert persons.changed_person(LENA, {"org_id": 401}, later).update_time == later
    assert persons.changed_person(LENA, {"name": "Lena Ortiz"}, later) is LENA


@pytest.mark.parametrize(
    ("version", "body", "reasons"),
    [
        pytest.param("v2", {"name": "Birch"}, [], id="a name"),
        pytest.param("v2", {}, ["Parameter 'name' is required"], id="no name"),
        pytest.param("v1", {}, ["Organization name must be given."], id="no name in v1"),
        pytest.param("v1", {"name": ""}, ["Organization name must be given."], id="an empty name in v1"),
        pytest.param(
            "v2", {"name": "x", "address": {"country": "France"}}, ["Parameter 'value' is required"], id="no value"
        ),
        pytest.param("v2", {"name": "x", "address": "4 rue du Bac"}, ["Expected 'object'"], id="an address as text"),
        pytest.param("v1", {"name": "x", "address": "4 rue du Bac"}, [], id="an address as text in v1"),
    ],
)
def test_what_a_new_organization_needs(version, body, reasons):
    """An organization needs a name, an address its value. (facts 4.5, 4.6)"""
    assert [fault.reason for fault in organizations.read_fields(body, version, is_new=True)[1]] == reasons


def test_missing_parts_of_an_address_are_null():
    """A written address has all its parts. (facts 3.8)"""
    fields, _ = organizations.read_fields({"address": {"value": "4 rue du Bac"}}, "v2", is_new=False)
    assert set(fields["address"]) == set(organizations.ADDRESS_PARTS)
    assert fields["address"]["country"] is None
