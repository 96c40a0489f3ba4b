"""When does an event start a campaign, if not, why not, and what does the campaign send?

A campaign here waits for one event ("live behaviour, single action"). Sending, waiting and trying again is the
emulator's.

Source: docs.clevertap.com on live campaigns and docs/create-message-webhook, read 2026-11; documented, unless a rule
says otherwise.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from .events import is_reserved
from .properties import months_since
from .queries import MOST, Fault, Filter, in_one_line, in_words, is_text, passes, read_filters, read_text
from .records import FURTHEST_AHEAD
from .texts import clean_event_name

Channel = Literal["webhook", "log"]
Method = Literal["POST", "GET", "PUT", "DELETE"]

RETRY_AFTER = timedelta(seconds=60)
"""From one try to the next. Assumed."""

OLDEST_SECONDS = 7_200
"""Age of an event that still starts campaigns. Source: docs.clevertap.com on live campaigns; documented."""

LONGEST_DELAY_SECONDS = 30 * 86_400
"""Thirty days. Assumed."""

LONGEST_BODY = 65_536
"""Characters of an own text. Assumed."""


class CampaignWishes(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants a campaign to be; it has no id yet."""

    name: str
    event_name: str
    is_enabled: bool = True
    where: tuple[Filter, ...] = ()
    """What must be true of the event's properties."""
    profile_where: tuple[Filter, ...] = ()
    """What must be true of the user's."""
    delay_seconds: int = 0
    once_per_user: bool = False
    channel: Channel = "webhook"
    """`log` sends nothing and only notes that it would."""
    url: str | None = None
    method: Method = "POST"
    basic_auth_user: str | None = None
    basic_auth_password: str | None = None
    key_values: dict[str, str] = {}
    is_broadcast: bool = True
    """Is the user one of a list in the body, or alone? Source: without personalisation it is a list; documented."""
    body: str | None = None
    """An own text to send instead of the profile variables."""

    def __repr__(self) -> str:
        """Without address, credentials and texts, which may be secret."""
        return f"{type(self).__name__}(name={self.name!r}, event_name={self.event_name!r})"

    def numbered(self, id: int) -> "Campaign":
        """The campaign that these wishes become."""
        return Campaign(id=id, **msgspec.structs.asdict(self))


class Campaign(CampaignWishes, frozen=True, kw_only=True):
    """A campaign, as it is stored."""

    id: int


class UnreadableCampaignError(Exception):
    """The document is no campaign; `problems` names every fault, e.g. `{"path": "url", "message": "…"}`."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__(in_one_line(faults))
        self.problems = [{"path": fault.path, "message": fault.message} for fault in faults]


def read_campaign(body: object) -> CampaignWishes:
    """The campaign in a document with the members of `CampaignWishes`; null is as good as absent.

    Raises `UnreadableCampaignError` with all faults. A member nobody knows is one.
    """
    if not isinstance(body, Mapping):
        raise UnreadableCampaignError([Fault("", f"A campaign is an object, not {in_words(body)}")])
    given = {name: value for name, value in body.items() if value is not None}
    reader = _Reader(given)
    wishes = CampaignWishes(
        name=read_text(given, "name", "", reader.faults),
        event_name=reader.event_name(),
        is_enabled=reader.switch("is_enabled", default=True),
        where=reader.filters("where"),
        profile_where=reader.filters("profile_where"),
        delay_seconds=reader.delay(),
        once_per_user=reader.switch("once_per_user", default=False),
        channel=reader.choice("channel", get_args(Channel)),
        url=reader.address(),
        method=reader.choice("method", get_args(Method)),
        basic_auth_user=reader.credential("basic_auth_user", "basic_auth_password"),
        basic_auth_password=reader.credential("basic_auth_password", "basic_auth_user"),
        key_values=reader.key_values(),
        is_broadcast=reader.switch("is_broadcast", default=True),
        body=reader.own_body(),
    )
    reader.find_unknown(given, "", CampaignWishes.__struct_fields__)
    if reader.faults:
        raise UnreadableCampaignError(reader.faults)
    return wishes


class _Reader:
    """Reads members and notes every fault instead of stopping at the first; what is wrong reads as its default."""

    def __init__(self, given: Mapping[str, Any]):
        self._given = given
        self.faults: list[Fault] = []

    def note(self, path: str, message: str) -> None:
        self.faults.append(Fault(path, message))

    def find_unknown(self, given: Mapping[str, Any], prefix: str, known: Sequence[str]) -> None:
        for name in list(given)[:MOST]:
            if name not in known:
                shown = name if isinstance(name, str) and name.isprintable() and len(name) <= 60 else in_words(name)
                self.note(f"{prefix}{shown}", f"is not known; known are {', '.join(known)}")

    def switch(self, name: str, *, default: bool) -> bool:
        value = self._given.get(name, default)
        if not isinstance(value, bool):
            self.note(name, f"must be true or false, not {in_words(value)}")
        return value is True

    def choice(self, name: str, choices: tuple[Any, ...]) -> Any:
        value = self._given.get(name, choices[0])
        if value not in choices:
            self.note(name, f"must be one of {', '.join(choices)}, not {in_words(value)}")
        return value

    def event_name(self) -> str:
        """The name as it is stored: an uploaded one loses characters that names may not have."""
        name = read_text(self._given, "event_name", "", self.faults)
        stored = clean_event_name(name, [])
        if name and not stored:
            self.note("event_name", "has only characters that names of events may not have")
        if is_reserved(stored):
            self.note("event_name", "is an event of CleverTap's own, which cannot be uploaded")
        return stored

    def filters(self, name: str) -> tuple[Filter, ...]:
        value = self._given.get(name)
        if isinstance(value, list):
            for place, item in enumerate(value[:MOST]):
                if isinstance(item, Mapping):
                    self.find_unknown(item, f"{name}[{place}].", Filter.__struct_fields__)
        return read_filters(value, name, self.faults)

    def delay(self) -> int:
        value = self._given.get("delay_seconds", 0)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST_DELAY_SECONDS:
            return value
        self.note(
            "delay_seconds",
            f"must be a whole number from 0 to {LONGEST_DELAY_SECONDS} (30 days), not {in_words(value)}",
        )
        return 0

    def address(self) -> str | None:
        if "url" not in self._given:
            if self._given.get("channel", "webhook") == "webhook":
                self.note("url", "is needed for the channel webhook; the channel log needs none")
            return None
        url = read_text(self._given, "url", "", self.faults)
        if url and (problem := _find_address_problem(url)):
            self.note("url", problem)
        return url

    def credential(self, name: str, other: str) -> str | None:
        if name not in self._given:
            if other in self._given:
                self.note(name, f"is needed together with {other}")
            return None
        value = self._given[name]
        if not (isinstance(value, str) and value.isprintable() and 0 < len(value) <= 256):
            self.note(name, "must be a text of 1 to 256 letters that can be printed")
        elif name == "basic_auth_user" and ":" in value:
            self.note(name, "must not have a colon, because the password begins after it")
        return value if isinstance(value, str) else None

    def key_values(self) -> dict[str, str]:
        value = self._given.get("key_values", {})
        if not isinstance(value, Mapping) or len(value) > MOST:
            self.note("key_values", f'must be an object with up to {MOST} texts, such as {{"team": "sales"}}')
            return {}
        if not all(is_text(text) for pair in value.items() for text in pair):
            self.note("key_values", "must have texts as values; write a number or a boolean as text")
        return dict(value)

    def own_body(self) -> str | None:
        value = self._given.get("body")
        if value is not None and self._given.get("method") == "GET":
            self.note("body", "is not sent with the method GET; use key_values")
        if value is not None and not is_text(value, LONGEST_BODY):
            self.note("body", f"must be a text of up to {LONGEST_BODY:,} characters, not {in_words(value)}")
        return value


def _find_address_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or not url.isprintable() or " " in url:
        return "must be an http or https address, such as http://127.0.0.1:9000/hook"
    if "@" in parts.netloc:
        return "must not have a user in it; say basic_auth_user and basic_auth_password"
    return None


def completed(wishes: object, current: Campaign) -> object:
    """The wishes for a campaign as it was shown, with its password, which is never shown. Others stay as they are."""
    if not isinstance(wishes, Mapping):
        return wishes
    wanted = {name: value for name, value in wishes.items() if name not in {"id", "has_basic_auth_password"}}
    if "basic_auth_password" not in wanted and wanted.get("basic_auth_user") == current.basic_auth_user:
        wanted["basic_auth_password"] = current.basic_auth_password
    return wanted


def is_json(text: str) -> bool:
    """Is this text JSON?"""
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def concerns(campaign: Campaign, event_name: str) -> bool:
    """Does this campaign wait for events of this name, letter by letter? Source: the page above; documented."""
    return campaign.event_name == event_name


def why_not(
    campaign: Campaign,
    event_name: str,
    event_properties: Mapping[str, Any],
    ts: int,
    profile_properties: Mapping[str, Any],
    now_seconds: int,
    *,
    was_reached: bool,
    is_unsubscribed: bool,
) -> str | None:
    """All reasons for which an event does not start a campaign, in plain words; None if it does.

    `ts` and `now_seconds` in epoch seconds. `was_reached` matters only to a campaign that reaches every user once.

    Source: events of the last two hours and up to two minutes ahead, filters on event and user; documented. That an
    unsubscribed user is left out on this channel too, and all words: assumed.
    """
    reasons = [
        *([] if campaign.is_enabled else ["the campaign is switched off"]),
        *([] if concerns(campaign, event_name) else [f"event is {event_name!r}, wanted {campaign.event_name!r}"]),
        *_why_not_now(now_seconds - ts),
        *_differences(campaign.where, event_properties, ""),
        *_differences(campaign.profile_where, profile_properties, "the user's "),
        *(["this user is unsubscribed"] if is_unsubscribed else []),
        *(["this user was already reached"] if was_reached and campaign.once_per_user else []),
    ]
    return "; ".join(reasons) or None


def _why_not_now(age: int) -> list[str]:
    if age > OLDEST_SECONDS:
        return [f"event is {age:,} s old; only events of the last 2 hours start campaigns"]
    if -age > FURTHEST_AHEAD:
        return [f"event is {-age:,} s ahead of now; only events up to 2 minutes ahead start campaigns"]
    return []


def _differences(filters: Sequence[Filter], properties: Mapping[str, Any], whose: str) -> list[str]:
    return [
        f"{whose}{filter.name} is {_present(properties.get(filter.name))}, wanted {_wanted(filter)}"
        for filter in filters
        if not passes(filter, properties)
    ]


def _present(value: object) -> str:
    return "absent" if value is None else in_words(value)


def _wanted(filter: Filter) -> str:
    if filter.value is None:
        return filter.operator
    any_of = "any of " if isinstance(filter.value, tuple) else ""
    return f"{filter.operator} {any_of}{in_words(filter.value)}"


def webhook_body(
    campaign: Campaign,
    *,
    object_id: str | None,
    identity: str | None,
    all_identities: Sequence[str],
    email: str | None,
    phone: str | None,
    name: str | None,
    system_properties: Mapping[str, Any],
    custom_properties: Mapping[str, Any],
    event_properties: Mapping[str, Any],
    source: str,
    age: str | None = None,
    push_token: str | None = None,
) -> dict[str, Any]:
    """What a webhook is sent in the mode "profile variables": `{"targetId": …, "key_values": {…}, "profiles": …}`.

    `profiles` is a list if the campaign is broadcast, else the user alone. `source` is the event's CT Source,
    `push_token` a token such as `fcm:abc`, `age` is in words. What is not known of a user is null; age and push token
    are left out.

    Source: the full sample of docs/create-message-webhook, where names of custom properties are in lower case;
    documented. That what is not known is null: assumed.
    """
    profile = {
        "key_values": dict(campaign.key_values),
        "email": email,
        "identity": identity,
        "all_identities": list(all_identities),
        "objectId": object_id,
        "phone": phone,
        "name": name,
        "systemProfileData": _system_profile_data(system_properties, push_token or "", age),
        "profileData": {name.lower(): value for name, value in custom_properties.items()},
        "event_properties": {**event_properties, "CT Source": source},
        "session_props": {},
        **({"push_token": push_token} if push_token else {}),
    }
    return {
        "targetId": campaign.id,
        "key_values": dict(campaign.key_values),
        "profiles": [profile] if campaign.is_broadcast else profile,
    }


def _system_profile_data(properties: Mapping[str, Any], push_token: str, age: str | None) -> dict[str, Any]:
    """Subscriptions, place and age of a user.

    Source: the sample; documented. Assumed: a channel is subscribed to until `MSG-<channel>` is false, a push channel
    only with a token, which is a browser's if it begins with `chrome:`; an uploaded user's place is not known; the age
    is that of the property `Age` in whole years, and DOB does not count.
    """

    def subscription(channel: str, *, can_be: bool = True) -> str:
        return "Subscribed" if can_be and properties.get(f"MSG-{channel}") is not False else "Unsubscribed"

    is_browser = push_token.startswith("chrome:")
    return {
        "emailSubscription": subscription("email"),
        "smsSubscription": subscription("sms"),
        "mobilePushSubscription": subscription("push", can_be=bool(push_token) and not is_browser),
        "webPushSubscription": subscription("push", can_be=is_browser),
        "whatsappSubscription": subscription("whatsapp"),
        "timezone": properties.get("Tz", "Unknown"),
        "country": "Unknown",
        "region": "Unknown",
        "city": "Unknown",
        "latitude": 0.0,
        "longitude": 0.0,
        **({} if age is None else {"age": age}),
    }


def age_in_words(properties: Mapping[str, Any], now: int) -> str | None:
    """How old a user is at `now` (epoch seconds), e.g. "31 years 2 months", or None if that is not known.

    Source: the sample; documented. From `Age` alone only the years: assumed.
    """
    months = months_since(properties.get("DOB"), now)
    if months is not None:
        return f"{months // 12} years {months % 12} months"
    return f"{properties['Age']} years" if "Age" in properties else None
