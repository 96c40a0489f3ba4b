"""What is a profile, and what becomes of it when new data meets it?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from . import operators
from .events import EventCount
from .identity import IDENTITY_KIND, OBJECT_ID_KIND, Key
from .problems import Remark
from .properties import SYSTEM
from .tokens import Token

_MORE_THAN_SCALARS = frozenset({list, dict})
SHOWN_APART = frozenset({"Name", "Email", "Phone"})
"""System properties that are members of the profile itself."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A user of one account, as it is stored; times in milliseconds since the epoch."""

    id: int
    keys: tuple[Key, ...]
    """All identifiers, in the order in which they came."""
    properties: dict[str, Any]
    """System and custom ones, by the vendor's names."""
    created_at: int
    updated_at: int
    last_ts: int | None = None
    """The latest `ts` of its profile records, in seconds; None if none had one."""
    tokens: dict[str, Token] = {}
    """The device tokens by object id."""

    @property
    def object_ids(self) -> tuple[str, ...]:
        """The CleverTap IDs, one per device."""
        return tuple(key.value for key in self.keys if key.kind == OBJECT_ID_KIND)

    @property
    def identity(self) -> str | None:
        """The customer's own id for this user, the first one given."""
        return next((key.value for key in self.keys if key.kind == IDENTITY_KIND), None)

    @property
    def is_identified(self) -> bool:
        """Is anything but devices known of this user? Else the profile is anonymous."""
        return any(key.kind != OBJECT_ID_KIND for key in self.keys)

    @property
    def all_identities(self) -> tuple[str, ...]:
        """Every value by which this user is known, the e-mail last. Source: the webhook sample; documented there."""
        known = [key.value for key in self.keys if key.kind != OBJECT_ID_KIND]
        if self.email is not None and self.email.lower() not in {value.lower() for value in known}:
            known.append(self.email)
        return tuple(dict.fromkeys(known))

    @property
    def name(self) -> str | None:
        """The property `Name`."""
        return self.properties.get("Name")

    @property
    def email(self) -> str | None:
        """The property `Email`."""
        return self.properties.get("Email")

    @property
    def phone(self) -> str | None:
        """The property `Phone`, `+` and digits."""
        return self.properties.get("Phone")

    @property
    def custom_properties(self) -> dict[str, Any]:
        """What the customer invented."""
        return {name: value for name, value in self.properties.items() if name not in SYSTEM}

    @property
    def system_properties(self) -> dict[str, Any]:
        """What CleverTap knows by name, apart from name, e-mail and phone."""
        return {name: value for name, value in self.properties.items() if name in SYSTEM and name not in SHOWN_APART}


class Found(NamedTuple):
    """A profile with what is told of it beside its own data."""

    profile: Profile
    counts: list[EventCount]
    """How often it did what."""
    blocked: tuple[str, ...] = ()
    """The channels whose address of this user was unsubscribed: `email`, `phone`, `whatsapp`."""


def merge(properties: Mapping[str, Any], data: Mapping[str, Any], remarks: list[Remark]) -> dict[str, Any]:
    """Properties after clean data has been laid over them: new ones; the old ones stay as they were.

    Property by property; what is not mentioned stays. Source: developer.clevertap.com/docs/upload-user-profiles-api;
    documented.
    """
    merged = {**properties, **data}
    if _MORE_THAN_SCALARS.isdisjoint(map(type, data.values())):
        return merged
    for name, value in data.items():
        if value == []:
            del merged[name]  # a multi-value property without values does not exist
        elif isinstance(value, dict) and operators.is_operation(value):
            if name in properties:
                merged[name] = properties[name]
            else:
                del merged[name]
            operators.operate(merged, name, value, remarks)
    return merged


def absorb(profile: Profile, anonymous: Profile) -> Profile:
    """One profile of two, when an anonymous one turns out to be the same user: what is known of the user wins.

    Source: the same identity on two devices is one user; documented. Who wins, and that nothing is lost: assumed.
    """
    return msgspec.structs.replace(
        profile,
        keys=tuple(dict.fromkeys((*profile.keys, *anonymous.keys))),
        properties={**anonymous.properties, **profile.properties},
        created_at=min(profile.created_at, anonymous.created_at),
        updated_at=max(profile.updated_at, anonymous.updated_at),
        last_ts=max((ts for ts in (profile.last_ts, anonymous.last_ts) if ts is not None), default=None),
        tokens={**anonymous.tokens, **profile.tokens},
    )
