"""Form values before they are a record."""

import pytest

from connector import InputError
from connector.values import clean_identity, clean_object_id, parse_properties, property_values


@pytest.mark.parametrize(
    ("value", "identity"),
    [
        pytest.param("42", "42", id="text"),
        pytest.param(42, "42", id="number"),
        pytest.param(42.0, "42", id="whole number with a point"),
        pytest.param(1e22, "10000000000000000000000", id="big number without exponent"),
        pytest.param(0.0000001, "0.0000001", id="small number without exponent"),
        pytest.param(0, "0", id="zero is an identity"),
        pytest.param("  ada@example.com\n", "ada@example.com", id="trimmed"),
        pytest.param("007", "007", id="leading zeros stay"),
        pytest.param("  ", None, id="blank"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_an_identity_is_text(value, identity):
    """`12` and `"12"` are one user. (recorded traffic of tradeo/clevertap-ruby; observed)"""
    assert clean_identity(value) == identity
    assert clean_identity(identity) == identity


@pytest.mark.parametrize("value", [True, [1], {"a": 1}, float("nan"), "a\ud800"])
def test_what_names_nobody_is_refused(value):
    """The message names the field."""
    with pytest.raises(InputError) as caught:
        clean_identity(value, "object_id")
    assert caught.value.field == "object_id"


@pytest.mark.parametrize(
    ("value", "properties"),
    [
        pytest.param('{"Name": "Ada"}', {"Name": "Ada"}, id="JSON text"),
        pytest.param({"Name": "Ada"}, {"Name": "Ada"}, id="an object already"),
        pytest.param("{}", {}, id="an empty object"),
        pytest.param("", {}, id="empty"),
        pytest.param(" \n", {}, id="blank"),
        pytest.param(None, {}, id="absent"),
    ],
)
def test_properties_come_as_text_or_as_an_object(value, properties):
    """A person types JSON; a mapped value may be parsed already."""
    assert parse_properties(value, "event_properties") == properties


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Ada", id="no JSON"),
        pytest.param(["Ada"], id="a list"),
        pytest.param(5, id="a number"),
        pytest.param({"Score": float("inf")}, id="Infinity"),
        pytest.param('{"Score": 1e999}', id="a number beyond all numbers"),
        pytest.param('{"Name": "\\ud800"}', id="half of a character pair"),
        pytest.param('{"\\ud800": 1}', id="half of a character pair in a name"),
    ],
)
def test_what_cannot_be_properties_is_refused(value):
    """Before anything is sent, and by the field's key."""
    with pytest.raises(InputError) as caught:
        parse_properties(value, "event_properties")
    assert caught.value.field == "event_properties"


def test_given_properties_are_not_changed():
    """Arguments are left as they were."""
    given = {"Name": "Ada", "Gone": None, "Tags": ["a"]}
    property_values(parse_properties(given, "f"), keep=lambda name, value: False)
    assert given == {"Name": "Ada", "Gone": None, "Tags": ["a"]}


def test_null_is_left_out_and_nesting_becomes_text():
    """CleverTap drops null, and nested values are no valid structure. (observed in other vendors' connectors)"""
    given = {"Gone": None, "Zero": 0, "No": False, "Empty": "", "Object": {"a": "é"}, "List": [1, "x"]}
    assert property_values(given, keep=lambda name, value: False) == {
        "Zero": 0,
        "No": False,
        "Empty": "",
        "Object": '{"a":"é"}',
        "List": '[1,"x"]',
    }


def test_what_is_to_be_kept_stays():
    """The action decides by name and value."""
    given = {"Items": [{"a": 1}], "Other": [{"a": 1}]}
    kept = property_values(given, keep=lambda name, value: name == "Items")
    assert kept == {"Items": [{"a": 1}], "Other": '[{"a":1}]'}


def test_an_identifier_that_is_too_long_is_refused_before_it_is_sent():
    """CleverTap takes fewer than 1,024 characters. (docs/imports-via-sftp)"""
    assert clean_identity("x" * 1023) == "x" * 1023
    with pytest.raises(InputError, match="identity: has 1,024 characters; at most 1,023 are allowed"):
        clean_identity("x" * 1024)


@pytest.mark.parametrize("value", ["a b", "a\tb", "a\u00a0b"])
def test_an_object_id_has_no_blanks_inside(value):
    """Found by the connector's contract: such an id was sent, though CleverTap's ids have none."""
    assert clean_object_id(" 0a1b2c ") == "0a1b2c"
    with pytest.raises(InputError, match="object_id: must be a CleverTap ID, which has no blanks"):
        clean_object_id(value)
