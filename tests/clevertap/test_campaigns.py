"""When does an event start a campaign, if not, why not, and what is sent?"""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_servers.clevertap import campaigns
from mock_servers.clevertap.campaigns import Campaign, CampaignWishes, UnreadableCampaignError
from mock_servers.clevertap.queries import Filter

NOW = 1_700_000_000
LEAST = {"name": "Negotiation", "event_name": "Deal Stage Changed", "url": "http://127.0.0.1:9000/hook"}


def campaign(**wishes):
    return campaigns.read_campaign({**LEAST, **wishes}).numbered(7)


def why_not(
    campaign,
    event_name="Deal Stage Changed",
    properties=None,
    profile=None,
    *,
    age=0,
    reached=False,
    unsubscribed=False,
):
    return campaigns.why_not(
        campaign,
        event_name,
        properties or {},
        NOW - age,
        profile or {},
        NOW,
        was_reached=reached,
        is_unsubscribed=unsubscribed,
    )


def test_the_least_a_campaign_says():
    """A name, an event and an address; all else has a default."""
    assert campaigns.read_campaign(LEAST) == CampaignWishes(**LEAST)


def test_a_campaign_with_everything():
    """Filters are those of the query language; null is as good as absent."""
    wanted = [{"name": "Stage", "value": "Negotiation"}]
    read = campaign(
        where=wanted,
        profile_where=[{"name": "Plan", "operator": "exists"}],
        delay_seconds=2_592_000,
        once_per_user=True,
        is_enabled=False,
        method="PUT",
        basic_auth_user="ada",
        basic_auth_password="secret:1",
        key_values={"team": "sales"},
        is_broadcast=False,
        body="Hello",
        channel=None,
    )
    assert read == Campaign(
        id=7,
        **LEAST,
        where=(Filter("Stage", "equals", "Negotiation"),),
        profile_where=(Filter("Plan", "exists"),),
        delay_seconds=2_592_000,
        once_per_user=True,
        is_enabled=False,
        method="PUT",
        basic_auth_user="ada",
        basic_auth_password="secret:1",
        key_values={"team": "sales"},
        is_broadcast=False,
        body="Hello",
    )
    assert msgspec.json.decode(msgspec.json.encode(read), type=Campaign) == read


def test_the_log_needs_no_address():
    """Only a webhook is sent somewhere."""
    assert campaign(channel="log", url=None).url is None


@pytest.mark.parametrize(
    ("wishes", "path"),
    [
        pytest.param({"name": None}, "name", id="no name"),
        pytest.param({"event_name": "  "}, "event_name", id="blank event"),
        pytest.param({"is_enabled": 1}, "is_enabled", id="a switch that is a number"),
        pytest.param({"where": {}}, "where", id="filters are no list"),
        pytest.param({"where": [{"name": "a", "operator": "is", "value": 1}]}, "where[0].operator", id="operator"),
        pytest.param({"where": [{"name": "a", "value": 1, "or": 2}]}, "where[0].or", id="unknown in a filter"),
        pytest.param({"profile_where": [{"value": 1}]}, "profile_where[0].name", id="a filter without name"),
        pytest.param({"delay_seconds": -1}, "delay_seconds", id="back in time"),
        pytest.param({"delay_seconds": 2_592_001}, "delay_seconds", id="more than 30 days"),
        pytest.param({"delay_seconds": 10**5000}, "delay_seconds", id="for ever"),
        pytest.param({"delay_seconds": True}, "delay_seconds", id="a delay that is a boolean"),
        pytest.param({"channel": "email"}, "channel", id="another channel"),
        pytest.param({"method": "PATCH"}, "method", id="another method"),
        pytest.param({"method": []}, "method", id="a method that is a list"),
        pytest.param({"url": None}, "url", id="a webhook without address"),
        pytest.param({"url": "ftp://example.com"}, "url", id="another scheme"),
        pytest.param({"url": "http://"}, "url", id="no host"),
        pytest.param({"url": "http://[::1"}, "url", id="half a host"),
        pytest.param({"url": "http://example.com:99999/"}, "url", id="no such port"),
        pytest.param({"url": "http://example.com/a b"}, "url", id="a space"),
        pytest.param({"url": "http://ada:secret@example.com/"}, "url", id="credentials in the address"),
        pytest.param({"basic_auth_user": "ada"}, "basic_auth_password", id="no password"),
        pytest.param({"basic_auth_password": "secret"}, "basic_auth_user", id="no user"),
        pytest.param(
            {"basic_auth_user": "a:b", "basic_auth_password": "secret"}, "basic_auth_user", id="a colon in the user"
        ),
        pytest.param({"key_values": {"a": 1}}, "key_values", id="a number as text"),
        pytest.param({"key_values": []}, "key_values", id="key values are no object"),
        pytest.param({"body": {"a": 1}}, "body", id="an own text that is an object"),
        pytest.param({"body": "\ud800"}, "body", id="an own text nothing can store"),
        pytest.param({"enabled": True}, "enabled", id="a member nobody knows"),
        pytest.param({"id": 7}, "id", id="an own id"),
        pytest.param({"\ud800": 1}, r"'\ud800'", id="a member nothing can store"),
    ],
)
def test_what_is_wrong_is_named(wishes, path):
    """Each fault says where it is."""
    with pytest.raises(UnreadableCampaignError) as refused:
        campaign(**wishes)
    assert [problem["path"] for problem in refused.value.problems] == [path]


def test_all_faults_are_reported_together():
    """Whoever wishes need not ask once per fault."""
    with pytest.raises(UnreadableCampaignError) as refused:
        campaigns.read_campaign({"name": "n", "channel": "sms", "delay": 5})
    assert [problem["path"] for problem in refused.value.problems] == ["event_name", "channel", "delay"]
    assert refused.value.problems[1]["message"] == "must be one of webhook, log, not 'sms'"


def test_the_password_is_in_no_message_and_no_repr():
    """No secret in messages and reprs."""
    shown = repr(campaign(basic_auth_user="ada", basic_auth_password="s3cr3t", url="http://example.com/?key=s3cr3t"))
    assert "s3cr3t" not in shown
    assert "ada" not in shown
    with pytest.raises(UnreadableCampaignError) as refused:
        campaign(basic_auth_user="ada", basic_auth_password="s3cr3t\n", url="http://ada:s3cr3t@example.com/")
    assert "s3cr3t" not in str(refused.value)


def test_a_campaign_concerns_events_of_one_name():
    """Letter by letter. (assumed)"""
    assert campaigns.concerns(campaign(), "Deal Stage Changed")
    assert not campaigns.concerns(campaign(), "deal stage changed")


NEGOTIATION = {"where": [{"name": "Stage", "value": "Negotiation"}]}


@pytest.mark.parametrize(
    ("wishes", "happened", "expected"),
    [
        pytest.param({}, {}, None, id="an event now"),
        pytest.param({}, {"age": 7_200}, None, id="exactly two hours old"),
        pytest.param(
            {},
            {"age": 7_260},
            "event is 7,260 s old; only events of the last 2 hours start campaigns",
            id="older",
        ),
        pytest.param({}, {"age": -120}, None, id="exactly two minutes ahead"),
        pytest.param(
            {},
            {"age": -121},
            "event is 121 s ahead of now; only events up to 2 minutes ahead start campaigns",
            id="further ahead",
        ),
        pytest.param(NEGOTIATION, {"properties": {"Stage": "Negotiation"}}, None, id="the property that is wanted"),
        pytest.param(
            NEGOTIATION,
            {"properties": {"Stage": "Won"}},
            "Stage is 'Won', wanted equals 'Negotiation'",
            id="another value",
        ),
        pytest.param(NEGOTIATION, {}, "Stage is absent, wanted equals 'Negotiation'", id="no value"),
        pytest.param(
            {"where": [{"name": "Tags", "value": ["a", 1]}]},
            {"properties": {"Tags": ["b", "c"]}},
            "Tags is ['b', 'c'], wanted equals any of ['a', 1]",
            id="lists",
        ),
        pytest.param(
            {"profile_where": [{"name": "Plan", "operator": "does_not_exist"}]},
            {"profile": {"Plan": "Pro"}},
            "the user's Plan is 'Pro', wanted does_not_exist",
            id="another user",
        ),
        pytest.param({"is_enabled": False}, {}, "the campaign is switched off", id="switched off"),
        pytest.param(
            {}, {"event_name": "Seen"}, "event is 'Seen', wanted 'Deal Stage Changed'", id="an event of another name"
        ),
        pytest.param({}, {"unsubscribed": True}, "this user is unsubscribed", id="unsubscribed"),
        pytest.param({}, {"reached": True}, None, id="reached again"),
        pytest.param(
            {"once_per_user": True}, {"reached": True}, "this user was already reached", id="reached once and for all"
        ),
    ],
)
def test_an_event_starts_a_campaign_or_there_is_a_reason(wishes, happened, expected):
    """At most two hours old and two minutes ahead, the right event, the right user. (docs.clevertap.com, live
    campaigns; documented. The words are ours)
    """
    assert why_not(campaign(**wishes), **happened) == expected


def test_all_reasons_are_told():
    """Who looks for the reason sees every one."""
    reason = why_not(campaign(**NEGOTIATION, once_per_user=True), age=10_000, reached=True)
    assert reason == (
        "event is 10,000 s old; only events of the last 2 hours start campaigns; "
        "Stage is absent, wanted equals 'Negotiation'; this user was already reached"
    )


def body(wishes=None, **known):
    return campaigns.webhook_body(
        campaign(**wishes or {}),
        **{
            "object_id": "0a1b",
            "identity": "u-1",
            "all_identities": ("u-1", "ada@example.com"),
            "email": "ada@example.com",
            "phone": "+14155550100",
            "name": "Ada",
            "system_properties": {},
            "custom_properties": {"Plan Name": "pro"},
            "event_properties": {"Stage": "Won", "date": "$D_1700000000"},
            "source": "API",
            **known,
        },
    )


def test_the_full_sample_of_a_webhook():
    """Member names and their order; custom properties in lower case. (docs/create-message-webhook; documented)"""
    expected = {
        "targetId": 7,
        "key_values": {"k": "v"},
        "profiles": [
            {
                "key_values": {"k": "v"},
                "email": "ada@example.com",
                "identity": "u-1",
                "all_identities": ["u-1", "ada@example.com"],
                "objectId": "0a1b",
                "phone": "+14155550100",
                "name": "Ada",
                "systemProfileData": {
                    "emailSubscription": "Subscribed",
                    "smsSubscription": "Subscribed",
                    "mobilePushSubscription": "Unsubscribed",
                    "webPushSubscription": "Unsubscribed",
                    "whatsappSubscription": "Subscribed",
                    "timezone": "Unknown",
                    "country": "Unknown",
                    "region": "Unknown",
                    "city": "Unknown",
                    "latitude": 0.0,
                    "longitude": 0.0,
                    "age": "31 years 2 months",
                },
                "profileData": {"plan name": "pro"},
                "event_properties": {"Stage": "Won", "date": "$D_1700000000", "CT Source": "API"},
                "session_props": {},
            }
        ],
    }
    sent = body({"key_values": {"k": "v"}}, age="31 years 2 months")
    assert json.dumps(sent) == json.dumps(expected)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param({"DOB": "$D_500000000", "Age": 7}, "40 years 11 months", id="the date of birth decides"),
        pytest.param({"Age": 31}, "31 years", id="an age alone"),
        pytest.param({"DOB": "1985-11-05"}, None, id="a date in no known form"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_an_age_in_words(properties, expected):
    """Years and months since the date of birth, e.g. 31 years 2 months. (docs/create-message-webhook; documented)"""
    assert campaigns.age_in_words(properties, 1_793_000_000) == expected


def test_one_profile_alone_if_it_is_no_broadcast():
    """`profiles` is a list only in a broadcast. (docs/create-message-webhook; documented)"""
    assert body({"is_broadcast": False})["profiles"] == body()["profiles"][0]


def test_what_is_not_known_of_a_user():
    """Members of the sample are null; age and push token are not there. (assumed)"""
    profile = body(identity=None, email=None, phone=None, name=None)["profiles"][0]
    assert [name for name, value in profile.items() if value is None] == ["email", "identity", "phone", "name"]
    assert "push_token" not in profile
    assert "age" not in profile["systemProfileData"]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(
            {"system_properties": {"MSG-email": False}}, {"emailSubscription": "Unsubscribed"}, id="no e-mail"
        ),
        pytest.param({"system_properties": {"MSG-sms": False}}, {"smsSubscription": "Unsubscribed"}, id="no sms"),
        pytest.param(
            {"system_properties": {"MSG-whatsapp": False}}, {"whatsappSubscription": "Unsubscribed"}, id="no WhatsApp"
        ),
        pytest.param({"system_properties": {"MSG-email": True}}, {}, id="asked for e-mail"),
        pytest.param({"push_token": "fcm:abc"}, {"mobilePushSubscription": "Subscribed"}, id="a phone"),
        pytest.param({"push_token": "chrome:abc"}, {"webPushSubscription": "Subscribed"}, id="a browser"),
        pytest.param({"push_token": "fcm:abc", "system_properties": {"MSG-push": False}}, {}, id="a silent phone"),
        pytest.param({"system_properties": {"Tz": "Europe/Paris"}}, {"timezone": "Europe/Paris"}, id="a time zone"),
    ],
)
def test_what_a_user_is_subscribed_to(known, expected):
    """`MSG-<channel>` false ends a subscription; push needs a token. (assumed)"""
    plain = body()["profiles"][0]["systemProfileData"]
    profile = body(**known)["profiles"][0]
    assert profile["systemProfileData"] == {**plain, **expected}
    assert profile.get("push_token") == known.get("push_token")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
bodies = st.fixed_dictionaries({}, optional=dict.fromkeys(CampaignWishes.__struct_fields__, anything)).map(
    lambda wishes: {**LEAST, **wishes}
)


@given(anything | bodies, st.dictionaries(st.text(max_size=3), anything))
@example({**LEAST, "delay_seconds": 10**5000, "where": [[[[]]]], "url": "http://\ud800", "key_values": {"a": None}}, {})
@example({**LEAST, 10**5000: 1}, {})
def test_a_campaign_is_read_or_refused_and_can_be_stored(body, properties):
    """Whatever comes, there is a campaign that JSON can carry or problems that can be written, and no other error."""
    try:
        wishes = campaigns.read_campaign(body)
    except UnreadableCampaignError as refused:
        assert msgspec.json.encode(refused.problems) != b"[]"  # noqa: PT017 - there may also be none
        return
    stored = wishes.numbered(7)
    assert msgspec.json.decode(msgspec.json.encode(stored), type=Campaign) == stored
    reason = why_not(stored, wishes.event_name, properties, properties)
    assert reason is None or reason.encode()
