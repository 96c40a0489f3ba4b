"""Account id, passcode and region: what is accepted, and that no value can do harm."""

from dataclasses import replace

import pytest

from connector import REGIONS, Credentials, InputError
from connector.credentials import base_url


@pytest.mark.parametrize("region", [*REGIONS, "sk1"])
def test_every_known_region_has_its_own_host(region):
    """The region is the first label of the API host. (docs/common-api-components; documented)"""
    assert base_url(region) == f"https://{region}.api.clevertap.com"


def test_six_regions_are_offered():
    """The public table has six; sk1 is accepted without being offered."""
    assert sorted(REGIONS) == ["aps3", "eu1", "in1", "mec1", "sg1", "us1"]


def test_a_served_rig_has_the_region_in_its_path():
    """The template decides where the region stands. (design D18)"""
    assert base_url("in1", "http://127.0.0.1:5002/{region}/") == "http://127.0.0.1:5002/in1"


def test_a_region_may_be_typed_with_capitals_and_spaces():
    """What a person pastes is read kindly."""
    assert base_url(" EU1 ") == "https://eu1.api.clevertap.com"


@pytest.mark.parametrize(
    "region",
    [
        pytest.param("", id="blank"),
        pytest.param("eu2", id="not in the list"),
        pytest.param("evil.example/", id="a host of its own"),
        pytest.param("eu1@evil.example/#", id="credentials trick"),
        pytest.param("{region}", id="the placeholder itself"),
        pytest.param("eu1\nHost: evil.example", id="a header"),
    ],
)
def test_any_other_region_is_refused(region):
    """No region value can rewrite the host; the message lists the valid ones."""
    with pytest.raises(InputError) as caught:
        base_url(region)
    assert caught.value.field == "region"
    assert "valid are eu1, in1, sg1, us1, aps3, mec1, sk1" in str(caught.value)


def test_credentials_are_trimmed(credentials, passcode):
    """A space or line break pasted along is no part of the value."""
    pasted = Credentials(account_id=" ABC-123-4567\n", passcode=f"\t{passcode} ", region=" In1")
    assert pasted == credentials


def test_headers_are_the_documented_two(credentials, passcode):
    """Every call carries account id and passcode. (docs/authentication; documented)"""
    assert credentials.headers() == {"X-CleverTap-Account-Id": "ABC-123-4567", "X-CleverTap-Passcode": passcode}


@pytest.mark.parametrize("field", ["account_id", "passcode"])
@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("abc\r\nX-Evil: 1", id="line break"),
        pytest.param("abc\x00def", id="null character"),
        pytest.param("abc\x7fdef", id="delete character"),
        pytest.param("abc\u2013def", id="a dash outside Latin-1"),
        pytest.param("abc\ud800def", id="half of a character pair"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused_without_being_printed(credentials, field, bad):
    """The message tells the position, never the value, which may be the passcode."""
    with pytest.raises(InputError, match="character 4 of") as caught:
        replace(credentials, **{field: bad})
    assert caught.value.field == field
    assert "abc" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("field", ["account_id", "passcode"])
def test_a_blank_value_is_refused(credentials, field):
    """The message says where the value is found."""
    with pytest.raises(InputError, match="Settings > Project") as caught:
        replace(credentials, **{field: "  "})
    assert caught.value.field == field


@pytest.mark.parametrize("field", ["account_id", "passcode", "region"])
@pytest.mark.parametrize("value", [None, 5391, True, ["s3cret"], b"s3cret"])
def test_a_value_that_is_no_text_is_refused_without_being_printed(credentials, field, value):
    """An unset environment variable is None; the message names the field and the kind, where an AttributeError did not.

    It never shows the value, which may be the passcode.
    """
    with pytest.raises(InputError, match=f"must be text, not {type(value).__name__}") as caught:
        replace(credentials, **{field: value})
    assert caught.value.field == field
    assert "s3cret" not in str(caught.value) + repr(caught.value)
    assert "5391" not in str(caught.value) + repr(caught.value)


def test_an_address_for_a_region_that_is_no_text_is_refused():
    """As in credentials."""
    with pytest.raises(InputError, match="must be text, not NoneType"):
        base_url(None)


def test_the_passcode_is_in_no_repr(credentials, passcode, make_bundle):
    """A log line or a traceback may print these objects."""
    assert passcode not in repr(credentials) + str(credentials)
    assert passcode not in repr(make_bundle(identity="42")) + str(make_bundle())
