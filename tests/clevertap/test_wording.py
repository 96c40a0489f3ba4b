"""What is kept, in the words of the pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.clevertap import wording
from mock_servers.clevertap.campaigns import Campaign
from mock_servers.clevertap.events import EventCount
from mock_servers.clevertap.identity import Key
from mock_servers.clevertap.profiles import Found, Profile
from mock_servers.clevertap.queries import Filter
from mock_servers.clevertap.settings import Settings
from mock_servers.clevertap.subscriptions import CHANNELS, is_off

DEVICE = Key("objectId", "__a")


def found(*keys, did=(), blocked=(), **properties):
    counts = [EventCount(name, 1, 0, 0) for name in did]
    return Found(
        Profile(id=1, keys=(DEVICE, *keys), properties=properties, created_at=0, updated_at=0), counts, blocked
    )


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param("pro", "string", id="text"),
        pytest.param("", "string", id="empty text"),
        pytest.param(5, "number", id="whole number"),
        pytest.param(5.5, "number", id="number"),
        pytest.param(True, "boolean", id="boolean"),
        pytest.param("$D_1700000000", "date", id="date"),
        pytest.param("$D_-62135596800", "date", id="the first date"),
        pytest.param("$D_-62135596801", "string", id="before every date"),
        pytest.param("$D_99999999999", "date", id="the last date"),
        pytest.param("$D_soon", "string", id="no date"),
        pytest.param(["a"], "list", id="list"),
        pytest.param({}, "object", id="empty object"),
        pytest.param(None, "null", id="null"),
    ],
)
def test_kinds_of_values(value, kind):
    """String, number, boolean, date, list. (2.5; documented)"""
    assert wording.kind_of(value) == kind


def test_nested_properties_are_dot_separated():
    """An object is shown by its members, at every depth; a list stays one. (docs on nested objects; documented)"""
    listed = wording.listed({"a": 1, "b": {"c": "x", "d": {"e": True}, "f": [{"g": 1}]}, "h": {}})
    assert [(each.name, each.kind) for each in listed] == [
        ("a", "number"), ("b.c", "string"), ("b.d.e", "boolean"), ("b.f", "list"), ("h", "object")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "type"),
    [
        pytest.param(found(), "Anonymous", id="a device"),
        pytest.param(found(Key("identity", "u")), "Identified", id="an identity"),
        pytest.param(found(Key("identity", "u"), did=["Seen"]), "Identified", id="an event"),
        pytest.param(found(Key("identity", "u"), did=["Charged"]), "Customer", id="a purchase"),
    ],
)
def test_types_of_profiles(known, type):
    """A customer has a Charged event. (docs.clevertap.com on user profiles; documented)"""
    assert wording.profile_type(known) == type


@pytest.mark.parametrize("channel", CHANNELS)
@given(
    wish=st.sampled_from([None, True, False]),
    silence=st.sampled_from([None, True, False]),
    is_blocked=st.booleans(),
)
def test_a_channel_has_a_reason_exactly_if_it_is_off(channel, wish, silence, is_blocked):
    """The words agree with the rule that campaigns ask, whatever is known of a user."""
    properties = {wording.WISHES[channel]: wish, wording.DO_NOT_DISTURB[channel]: silence}
    blocked = (channel,) if is_blocked else ()
    user = found(blocked=blocked, **properties)
    assert (channel in dict(wording.silences(user))) is is_off(channel, properties, blocked)


def told(**wishes):
    """The rules of a campaign, by what they are about."""
    campaign = Campaign(id=1, **{"name": "N", "event_name": "Moved", "url": "zapier:/hook", **wishes})
    return dict(wording.campaign_rules(campaign, "http://127.0.0.1:1/hook"))


def test_the_simplest_campaign():
    """What was not asked for is said too: nothing is waited for, no property matters."""
    assert told() == {
        "Starts on": "Moved, at most 2 hours old or 2 minutes ahead",
        "Event properties": "any",
        "User properties": "any",
        "Waits": "not at all",
        "How often": "at every such event",
        "Sends": "POST http://127.0.0.1:1/hook",
        "Body": "the profile variables, in a list",
    }


@pytest.mark.parametrize(
    ("wishes", "about", "words"),
    [
        pytest.param({"where": (Filter("A", "exists"),)}, "Event properties", "A exists", id="a filter without value"),
        pytest.param(
            {"profile_where": (Filter("A", "not_equals", ("x", 2)), Filter("B", value=True))},
            "User properties",
            "A not equals any of ['x', 2], and B equals true",
            id="several filters and values",
        ),
        pytest.param({"delay_seconds": 90_061}, "Waits", "1 d 1 h 1 min 1 s", id="a delay"),
        pytest.param({"once_per_user": True}, "How often", "once for each user", id="once"),
        pytest.param({"channel": "log"}, "Sends", "nothing; it only notes what it would send", id="the channel log"),
        pytest.param({"method": "GET"}, "Body", "none; the key-values are in the address", id="GET"),
        pytest.param({"body": "x" * 1200}, "Body", "a text of its own, 1,200 characters", id="an own text"),
        pytest.param({"is_broadcast": False}, "Body", "the profile variables, of the user alone", id="one user"),
        pytest.param({"key_values": {"a": "1", "b": "2"}}, "Key-values", "a = 1, b = 2", id="key-values"),
        pytest.param(
            {"basic_auth_user": "ada", "basic_auth_password": "pw"},
            "Signs in",
            "as ada, with a password that is not shown",
            id="a password",
        ),
    ],
)
def test_a_wish_changes_one_rule(wishes, about, words):
    """Each differs from the simplest campaign in one thing."""
    assert told(**wishes)[about] == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (60, "1 min"), (5400, "1 h 30 min"), (86_400, "1 d")])
def test_durations(seconds, words):
    """In the units that people use."""
    assert wording.duration(seconds) == words


def test_every_setting_has_a_meaning():
    """A new setting needs a sentence, and a removed one has none left."""
    assert set(wording.MEANINGS) == set(Settings.__struct_fields__)


def test_a_setting_that_was_changed_is_told():
    """Beside what it is in a new account."""
    changed = [each for each in wording.settings_told(Settings(lenient=True)) if each.is_changed]
    assert [(each.name, each.value, each.default) for each in changed] == [("lenient", True, False)]
