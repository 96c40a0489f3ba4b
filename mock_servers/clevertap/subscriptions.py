"""Who may be written to: addresses that were unsubscribed, for every profile that has them.

Source: developer.clevertap.com/docs/subscribe-api; documented, unless a rule says otherwise.
"""

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .problems import CHANNEL_TYPE, EMAIL, PHONE, SUBSCRIPTION_STATUS, Problem
from .properties import age_on, is_email, is_phone, plain_phone

if TYPE_CHECKING:
    from .profiles import Found, Profile

EMAIL_CHANNEL, PHONE_CHANNEL, WHATSAPP_CHANNEL = "email", "phone", "whatsapp"
CHANNELS = (EMAIL_CHANNEL, PHONE_CHANNEL, WHATSAPP_CHANNEL)
UNSUBSCRIBE, RESUBSCRIBE = "Unsubscribe", "Resubscribe"

MOST = 1000
"""Entries of one call."""

DO_NOT_DISTURB = {EMAIL_CHANNEL: "MSG-dndEmail", PHONE_CHANNEL: "MSG-dndSMS", WHATSAPP_CHANNEL: "MSG-dndWhatsApp"}
"""The property that says it of a profile. Source: docs.clevertap.com/docs/imports-via-sftp (do not disturb, for the
address itself); documented. That a profile shows it after such a call: assumed."""


_SWITCHES = {
    "MSG-dndEmail": EMAIL_CHANNEL,
    "MSG-dndSMS": PHONE_CHANNEL,
    "MSG-dndPhone": PHONE_CHANNEL,
    "MSG-dndWhatsApp": WHATSAPP_CHANNEL,
}
ADDRESS_SWITCHES = frozenset(_SWITCHES)
"""Properties that are about an address and not about one user."""


class Address(NamedTuple):
    """Where somebody can be written to, e.g. `Address("email", "ada@example.com")`."""

    channel: str
    value: str


def addresses_of(profile: "Profile") -> tuple[Address, ...]:
    """Where a user can be written to; a phone has two channels."""
    found = []
    if profile.email is not None:
        found.append(Address(EMAIL_CHANNEL, profile.email.lower()))
    if profile.phone is not None:
        found += [Address(PHONE_CHANNEL, profile.phone), Address(WHATSAPP_CHANNEL, profile.phone)]
    return tuple(found)


def settle(properties: Mapping[str, Any]) -> tuple[list[Address], list[Address], dict[str, Any]]:
    """What do-not-disturb switches say of addresses: those to block, those to unblock, and the properties that stay.

    A switch without its address stays, until there is one, if it is on. Source: as `DO_NOT_DISTURB`; documented for the
    address. That an upload and `/1/subscribe` say the same: assumed.
    """
    blocked: list[Address] = []
    unblocked: list[Address] = []
    kept = dict(properties)
    for name, channel in _SWITCHES.items():
        value = properties.get("Email" if channel == EMAIL_CHANNEL else "Phone")
        if isinstance(properties.get(name), bool) and isinstance(value, str):
            address = Address(channel, value.lower() if channel == EMAIL_CHANNEL else value)
            (blocked if kept.pop(name) else unblocked).append(address)
        elif properties.get(name) is False:
            del kept[name]  # said of no address, it would later be taken for a word about one
    return blocked, unblocked, kept


def told(user: "Found", now: int) -> dict[str, Any]:
    """The properties of a user as they are told, and as filters see them: with what follows from others.

    The age from the date of birth (`now` in epoch seconds), and whose address was unsubscribed. Source: Age is computed
    from DOB; documented. The rest is assumed.
    """
    shown = dict(user.profile.properties)
    age = age_on(shown.get("DOB"), now)
    if age is not None:
        shown["Age"] = age
    return shown | dict.fromkeys((DO_NOT_DISTURB[channel] for channel in user.blocked), True)


WISHES = {EMAIL_CHANNEL: "MSG-email", PHONE_CHANNEL: "MSG-sms", WHATSAPP_CHANNEL: "MSG-whatsapp"}
"""The property by which one user wishes to be left alone. Source: developer.clevertap.com; documented."""


def is_off(channel: str, properties: Mapping[str, Any], blocked: Container[str]) -> bool:
    """Is a channel of a user unsubscribed: by the user's `MSG-…`, or for the address itself?

    Source: docs.clevertap.com/docs/imports-via-sftp; documented.
    """
    return (
        channel in blocked
        or properties.get(WISHES[channel]) is False
        or properties.get(DO_NOT_DISTURB[channel]) is True
    )


def is_unsubscribed(profile: "Profile", blocked: Container[str]) -> bool:
    """Has a user addresses, and may none of them be written to? Assumed."""
    addresses = addresses_of(profile)
    return bool(addresses) and all(is_off(address.channel, profile.properties, blocked) for address in addresses)


def find_problem(record: object) -> Problem | None:
    """Why is an entry of `d` not processed? The first of: type, address, status.

    Source: the answer is that of an upload; documented. Which code each has: assumed.
    """
    if not isinstance(record, Mapping) or record.get("type") not in CHANNELS:
        return CHANNEL_TYPE
    value = record.get("value")
    if not isinstance(value, str) or not value.strip():
        return EMAIL if record["type"] == EMAIL_CHANNEL else PHONE
    if record["type"] == EMAIL_CHANNEL and not is_email(value):
        return EMAIL
    if record["type"] != EMAIL_CHANNEL and not is_phone(value):
        return PHONE
    return None if record.get("status") in (UNSUBSCRIBE, RESUBSCRIBE) else SUBSCRIPTION_STATUS


def read_address(record: Mapping[str, Any]) -> Address:
    """The address of an entry without problems."""
    value = record["value"]
    is_phone_number = record["type"] != EMAIL_CHANNEL
    return Address(record["type"], plain_phone(value) if is_phone_number else value.strip().lower())
