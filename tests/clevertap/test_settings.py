"""What can be set for one account, and what is said about a wish that cannot be?"""

import pytest

from mock_servers.clevertap import settings
from mock_servers.clevertap.settings import DEFAULT, Settings, WrongSettingError


def test_the_defaults_are_the_documented_ones():
    """15 and 3 calls at once, 100 properties, 512 events, 256 names. (facts 2.5 and 8; documented)"""
    assert (DEFAULT.upload_concurrency, DEFAULT.other_concurrency) == (15, 3)
    assert (DEFAULT.event_properties, DEFAULT.event_types, DEFAULT.profile_properties) == (100, 512, 256)
    assert (DEFAULT.webhook_timeout_seconds, DEFAULT.webhook_retries) == (5, 2)


def test_an_account_is_strict_unless_told_otherwise():
    """Identity and e-mail identify; no beta, nothing lenient, nothing discarded. (facts 2.9; documented in parts)"""
    assert DEFAULT.identity_fields == ("identity", "email")
    assert not DEFAULT.lenient
    assert not DEFAULT.nested_objects
    assert not DEFAULT.enforce_limits
    assert DEFAULT.discarded_events == ()


@pytest.mark.parametrize(
    "wishes",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"lenient": True, "nested_objects": True}, id="two switches"),
        pytest.param({"identity_fields": ["phone"]}, id="another identity field"),
        pytest.param({"identity_fields": ["identity", "email", "phone"]}, id="all identity fields"),
        pytest.param({"event_properties": 256, "event_types": 1}, id="the ends of what is allowed"),
        pytest.param({"discarded_events": ["Seen", "Won"]}, id="discarded events"),
        pytest.param({"time_zone": "Europe/Berlin"}, id="a time zone"),
        pytest.param({"webhook_timeout_seconds": 3}, id="whole seconds"),
        pytest.param({"webhook_timeout_seconds": 0.5, "webhook_retries": 0}, id="half a second, no retries"),
    ],
)
def test_wishes_are_granted_and_the_rest_stays(wishes):
    """Some settings change, the others are as before; the old settings too. (Ours)"""
    before = Settings(counts_ready_after=3)
    after = settings.changed(before, wishes)
    for name in Settings.__struct_fields__:
        expected = wishes.get(name, getattr(before, name))
        assert getattr(after, name) == (tuple(expected) if isinstance(expected, list) else expected)
    assert before == Settings(counts_ready_after=3)


@pytest.mark.parametrize(
    ("wishes", "path", "message"),
    [
        pytest.param({"lenient": 1}, "lenient", "Expected `bool`", id="a number for a switch"),
        pytest.param({"lenient": None}, "lenient", "Expected `bool`", id="null"),
        pytest.param({"nested_objects": "yes"}, "nested_objects", "Expected `bool`", id="a text for a switch"),
        pytest.param({"enforce_limits": []}, "enforce_limits", "Expected `bool`", id="a list for a switch"),
        pytest.param({"upload_concurrency": 0}, "upload_concurrency", ">= 1", id="no calls at all"),
        pytest.param({"upload_concurrency": "3"}, "upload_concurrency", "Expected `int`", id="a text for a number"),
        pytest.param({"other_concurrency": True}, "other_concurrency", "Expected `int`", id="a boolean for a number"),
        pytest.param({"event_properties": 0}, "event_properties", ">= 1", id="no properties"),
        pytest.param({"event_properties": 257}, "event_properties", "<= 256", id="too many properties"),
        pytest.param({"event_types": 513}, "event_types", "<= 512", id="too many events"),
        pytest.param({"event_types": 1.5}, "event_types", "Expected `int`", id="half an event"),
        pytest.param({"profile_properties": 257}, "profile_properties", "<= 256", id="too many names"),
        pytest.param({"identity_fields": []}, "identity_fields", "length >= 1", id="nothing identifies"),
        pytest.param({"identity_fields": ["name"]}, "identity_fields", "'name'", id="an unknown field"),
        pytest.param({"identity_fields": "email"}, "identity_fields", "Expected `array`", id="no list of fields"),
        pytest.param({"discarded_events": ["a", 5]}, "discarded_events", "Expected `str`", id="a number as event"),
        pytest.param({"discarded_events": ["a"] * 513}, "discarded_events", "<= 512", id="too many discarded events"),
        pytest.param({"counts_ready_after": -1}, "counts_ready_after", ">= 0", id="ready before it was asked"),
        pytest.param({"webhook_timeout_seconds": 0}, "webhook_timeout_seconds", "> 0", id="no time"),
        pytest.param({"webhook_timeout_seconds": 61}, "webhook_timeout_seconds", "<= 60", id="too much time"),
        pytest.param({"webhook_retries": 11}, "webhook_retries", "<= 10", id="too many retries"),
        pytest.param({"time_zone": 5}, "time_zone", "Expected `str`", id="a number as time zone"),
        pytest.param({"time_zone": "Mars/Base"}, "time_zone", "such as Europe/Berlin", id="a zone nobody knows"),
        pytest.param({"time_zone": ""}, "time_zone", "such as Europe/Berlin", id="no zone"),
        pytest.param({"time_zone": "Europe"}, "time_zone", "such as Europe/Berlin", id="half a zone"),
        pytest.param({"time_zone": "../etc/passwd"}, "time_zone", "such as Europe/Berlin", id="a path"),
        pytest.param({"time_zone": "a\0b"}, "time_zone", "such as Europe/Berlin", id="a zero byte"),
        pytest.param({"nestedObjects": True}, "nestedObjects", "nested_objects", id="another spelling"),
        pytest.param({"": True}, "", "There is no such setting", id="a setting without a name"),
    ],
)
def test_a_wrong_wish_names_its_path(wishes, path, message):
    """The error says which wish it was and what would be right. (Ours)"""
    with pytest.raises(WrongSettingError) as raised:
        settings.changed(DEFAULT, wishes)
    assert raised.value.path == path
    assert message in str(raised.value)


def test_one_wrong_wish_grants_none():
    """Settings change as a whole or not at all. (Ours)"""
    with pytest.raises(WrongSettingError) as raised:
        settings.changed(DEFAULT, {"lenient": True, "webhook_retries": -1})
    assert raised.value.path == "webhook_retries"
    assert not DEFAULT.lenient


def test_discarded_events_are_kept_as_their_names_are_stored():
    """`Seen.` is stored as `Seen`, so that is what is discarded. (Assumed)"""
    assert settings.changed(DEFAULT, {"discarded_events": ["Seen.", "Seen", " Won "]}).discarded_events == (
        "Seen",
        "Won",
    )
