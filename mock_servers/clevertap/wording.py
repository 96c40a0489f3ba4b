"""What is kept, as a person reads it on a page: kinds of values, whose profile this is, a campaign's rules, settings.

The words are ours; what they say is told, with its source, where the rule is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .campaigns import OLDEST_SECONDS, Campaign
from .events import CHARGED
from .identity import IDENTITY_KIND
from .profiles import Found, Profile
from .queries import Filter, in_words
from .records import FURTHEST_AHEAD
from .settings import Settings
from .subscriptions import CHANNELS, DO_NOT_DISTURB, EMAIL_CHANNEL, WISHES
from .texts import DATE

_FIRST_SECOND = -62_135_596_800
_NAMED = frozenset({IDENTITY_KIND, "FBID", "GPID"})

MEANINGS: Mapping[str, str] = {
    "lenient": "Take what a strict account refuses: booleans for Employed and Married, ts in milliseconds.",
    "enforce_limits": "Answer 429 to more calls at once than are allowed. They are counted either way.",
    "upload_concurrency": "Uploads at once.",
    "other_concurrency": "Calls at once of each other API.",
    "nested_objects": "Keep objects and lists of objects as they are (the public beta); else they become JSON text.",
    "identity_fields": "By which values a user is found: identity, email, phone.",
    "event_properties": "Properties that one event may have.",
    "event_types": "Names of events that the account may have.",
    "profile_properties": "Custom profile properties that the account may have.",
    "discarded_events": "Events that were switched off: uploading one is refused with 528.",
    "time_zone": "Days and times of exports are in this IANA zone. These pages show UTC.",
    "counts_ready_after": "How many times a count is asked for before it is there; until then it is partial.",
    "webhook_timeout_seconds": "How long the webhook of a campaign may take.",
    "webhook_retries": "How often a failed webhook is tried again.",
}
"""What each setting is for; `settings` has the sources."""


class Property(NamedTuple):
    """One property, or one member of a nested one; `name` is then dot-separated."""

    name: str
    kind: str
    value: Any


def listed(properties: Mapping[str, Any]) -> list[Property]:
    """All properties with the kind of each; what is nested is shown dot-separated.

    Source: docs.clevertap.com/docs/nested-objects; documented.
    """
    return list(_listed(properties, ""))


def _listed(properties: Mapping[str, Any], prefix: str) -> Iterator[Property]:
    for name, value in properties.items():
        if isinstance(value, dict) and value:
            yield from _listed(value, f"{prefix}{name}.")
        else:
            yield Property(prefix + name, kind_of(value), value)


def kind_of(value: object) -> str:
    """Is this a string, number, boolean, date, list or object? A date is a text `$D_<epoch seconds>`."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list):
        return "list"
    if isinstance(value, str):
        return "string" if date_in(value) is None else "date"
    return "null" if value is None else "object"


def date_in(value: object) -> int | None:
    """The epoch seconds of a date, from the year 1 to 5138, as uploaded ones are written; None for what is none."""
    found = DATE.fullmatch(value) if isinstance(value, str) else None
    return None if found is None or int(found[1]) < _FIRST_SECOND else int(found[1])


def profile_type(found: Found) -> str:
    """What CleverTap calls a profile: Customer after a purchase, else Identified, or Anonymous with devices only.

    Source: the user types of docs.clevertap.com on user profiles; documented.
    """
    if any(count.name == CHARGED for count in found.counts):
        return "Customer"
    return "Identified" if found.profile.is_identified else "Anonymous"


class Identifier(NamedTuple):
    """One value by which a user is known, and whether it leads to the profile."""

    kind: str
    value: str
    is_looked_up: bool


def identifiers(profile: Profile, identity_fields: Collection[str]) -> list[Identifier]:
    """The values by which a user is known, devices apart; an address leads to the profile if the settings say so."""
    fields = {"email": profile.email, "phone": profile.phone}
    known = [Identifier(key.kind, key.value, is_looked_up=True) for key in profile.keys if key.kind in _NAMED]
    known += [Identifier(kind, value, kind in identity_fields) for kind, value in fields.items() if value is not None]
    return known


class Silence(NamedTuple):
    """A channel on which a user is left alone, and why."""

    channel: str
    reason: str


def silences(found: Found) -> list[Silence]:
    """The channels that are unsubscribed, each with all its reasons; the rule is `subscriptions.is_off`."""
    properties = found.profile.properties
    told = []
    for channel in CHANNELS:
        reasons = []
        if channel in found.blocked:
            whose = found.profile.email if channel == EMAIL_CHANNEL else found.profile.phone
            reasons.append(f"{whose} was unsubscribed, for every profile that has it")
        if properties.get(WISHES[channel]) is False:
            reasons.append(f"the user's {WISHES[channel]} is false")
        if properties.get(DO_NOT_DISTURB[channel]) is True:
            reasons.append(f"the user's {DO_NOT_DISTURB[channel]} is true")
        if reasons:
            told.append(Silence(channel, "; ".join(reasons)))
    return told


def campaign_rules(campaign: Campaign, url: str | None) -> list[tuple[str, str]]:
    """When a campaign is started and what it does, as pairs of a question and its answer. No password is told."""
    hours, minutes = OLDEST_SECONDS // 3600, FURTHEST_AHEAD // 60
    return [
        ("Starts on", f"{campaign.event_name}, at most {hours} hours old or {minutes} minutes ahead"),
        ("Event properties", _conditions(campaign.where) or "any"),
        ("User properties", _conditions(campaign.profile_where) or "any"),
        ("Waits", duration(campaign.delay_seconds) if campaign.delay_seconds else "not at all"),
        ("How often", "once for each user" if campaign.once_per_user else "at every such event"),
        *_what_is_sent(campaign, url),
    ]


def _what_is_sent(campaign: Campaign, url: str | None) -> Iterator[tuple[str, str]]:
    if campaign.channel == "log":
        yield "Sends", "nothing; it only notes what it would send"
    else:
        yield "Sends", f"{campaign.method} {url}"
        if campaign.basic_auth_user is not None:
            yield "Signs in", f"as {campaign.basic_auth_user}, with a password that is not shown"
    if campaign.channel == "webhook" and campaign.method == "GET":
        yield "Body", "none; the key-values are in the address"
    elif campaign.body is not None:
        yield "Body", f"a text of its own, {len(campaign.body):,} characters"
    else:
        yield "Body", f"the profile variables, {'in a list' if campaign.is_broadcast else 'of the user alone'}"
    if campaign.key_values:
        yield "Key-values", ", ".join(f"{name} = {value}" for name, value in campaign.key_values.items())


def _conditions(filters: Sequence[Filter]) -> str:
    return ", and ".join(map(_condition, filters))


def _condition(filter: Filter) -> str:
    operator = filter.operator.replace("_", " ")
    if filter.value is None:
        return f"{filter.name} {operator}"
    any_of = "any of " if isinstance(filter.value, tuple) else ""
    return f"{filter.name} {operator} {any_of}{in_words(filter.value)}"


def duration(seconds: int) -> str:
    """A number of seconds in the units that people use, e.g. "1 h 30 min"."""
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts) or "0 s"


class Setting(NamedTuple):
    """One setting, what it is for, and whether it is other than in a new account."""

    name: str
    value: Any
    default: Any
    meaning: str

    @property
    def is_changed(self) -> bool:
        """Is it other than in a new account?"""
        return bool(self.value != self.default)


def settings_told(settings: Settings) -> list[Setting]:
    """All settings in their order."""
    default = Settings()
    return [
        Setting(name, getattr(settings, name), getattr(default, name), MEANINGS[name])
        for name in Settings.__struct_fields__
    ]
