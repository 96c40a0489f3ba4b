"""What may a profile hold, and what is left when new data meets it?

System properties are known by their exact spelling: `Email` is one, `email` is a custom property. A record whose
system property is wrong is refused whole; anything else odd is left out and the record still counts.

Source: developer.clevertap.com/docs/upload-user-profiles-api, read 2026-11, unless a rule says otherwise.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from . import operators
from .identity import FURTHER, IDENTITY_KIND, OBJECT_ID_KIND, Key
from .problems import AGE, EDUCATION, EMAIL, EMPLOYED, GENDER, MARRIED, MISCELLANEOUS, PHONE, Problem

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_DECORATION = re.compile(r"[ ()-]")
_AGE = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Profile:
    """A user of one account; times in milliseconds since the epoch."""

    id: int
    keys: tuple[Key, ...]
    """All identifiers, in the order in which they came."""
    properties: Mapping[str, Any]
    """System and custom ones, by the vendor's names."""
    created_at: int
    updated_at: int
    last_ts: int | None = None
    """The latest `ts` of its profile records, in seconds; None if none had one."""

    @property
    def object_ids(self) -> tuple[str, ...]:
        """The CleverTap IDs, one per device."""
        return tuple(key.value for key in self.keys if key.kind == OBJECT_ID_KIND)

    @property
    def identity(self) -> str | None:
        """The customer's own id for this user, the first one given."""
        return next((key.value for key in self.keys if key.kind == IDENTITY_KIND), None)

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
        shown_apart = {"Name", "Email", "Phone"}
        return {name: value for name, value in self.properties.items() if name in SYSTEM - shown_apart}


def find_problem(profile_data: object) -> Problem | None:
    """What is wrong with the profileData of a record? The first wrong property decides.

    Absent data is `{}`, anything but an object is 555. Source: docs/api-errors for the codes; documented. Recorded
    traffic for e-mail before phone before the rest, and age last; observed. 555 and the place of gender: assumed.
    """
    if profile_data is None:
        return None
    if not isinstance(profile_data, Mapping):
        return MISCELLANEOUS
    for name, check in _CHECKS.items():
        value = operators.value_to_check(profile_data.get(name))
        if value is not None and not check.is_right(value):
            return check.problem
    return None


def is_email(value: object) -> bool:
    """One `@` and a dotted domain; an empty text is not an e-mail but says nothing, so it passes.

    Source: recorded traffic for what is refused; observed. The empty text is assumed.
    """
    return isinstance(value, str) and (not value.strip() or _EMAIL.fullmatch(value.strip()) is not None)


def is_phone(value: object) -> bool:
    """`+`, country code and number, in E.164; spaces, dashes and brackets do not matter; an empty text passes.

    Source: recorded traffic for what is refused; observed. The exact lengths are assumed.
    """
    return isinstance(value, str) and (not value.strip() or _PHONE.fullmatch(_plain_phone(value)) is not None)


def _plain_phone(value: str) -> str:
    return _PHONE_DECORATION.sub("", value.strip())


def is_age(value: object) -> bool:
    """A whole number of years, or its text.

    Source: recorded traffic (`"18"` is right, `"aa"` is not); observed. Up to three digits: assumed.
    """
    if isinstance(value, str):
        return _AGE.fullmatch(value.strip()) is not None
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 999


def _is_one_of(*choices: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in choices


@dataclass(frozen=True, slots=True)
class _Check:
    is_right: Callable[[object], bool]
    problem: Problem


_CHECKS = {
    "Email": _Check(is_email, EMAIL),
    "Phone": _Check(is_phone, PHONE),
    "Gender": _Check(_is_one_of("M", "F"), GENDER),
    "Employed": _Check(_is_one_of("Y", "N"), EMPLOYED),
    "Education": _Check(_is_one_of("School", "College", "Graduate"), EDUCATION),
    "Married": _Check(_is_one_of("Y", "N"), MARRIED),
    "Age": _Check(is_age, AGE),
}
"""The system properties that can spoil a record, in the order in which they are looked at."""

_TEXTS = frozenset({"Name", "DOB", "Photo", "Tz"})
_SWITCHES = frozenset(
    [f"MSG-{channel}" for channel in ("email", "push", "sms", "whatsapp")]
    + [f"MSG-dnd{address}" for address in ("Email", "SMS", "Phone", "WhatsApp")]
)
_SUBSCRIPTIONS = frozenset({"category-unsubscribe", "category-resubscribe"})

SYSTEM = frozenset(_CHECKS) | _TEXTS | _SWITCHES | _SUBSCRIPTIONS
"""Names that CleverTap gives a meaning."""


def merge(profile: Profile, profile_data: Mapping[str, Any]) -> Profile:
    """The profile after data without problems has been laid over it. A new value; the old one stays as it was.

    Property by property: what is not mentioned stays, null says nothing, identifiers are not properties. Source:
    documented; null: assumed.
    """
    properties = dict(profile.properties)
    for name, value in profile_data.items():
        if value is None or name in FURTHER or not name.strip():
            continue
        if operators.is_operation(value):
            _operate(properties, name, value)
        else:
            _put(properties, name, value)
    return dataclasses.replace(profile, properties=properties)


def _put(properties: dict[str, Any], name: str, value: Any) -> None:
    stored = _read_value(name, value)
    if stored == []:
        properties.pop(name, None)  # a multi-value property without values does not exist
    elif stored is not None:
        properties[name] = stored


def _operate(properties: dict[str, Any], name: str, operation: Mapping[str, Any]) -> None:
    """System properties hold one value, so they know only `$set`, and those that are not checked `$delete`.

    Source: the list in CleverTap's SDKs; observed. What happens instead is assumed: nothing.
    """
    for operator, operand in operation.items():
        if operator == operators.SET:
            if operand is not None:
                _put(properties, name, operand)
        elif name in _CHECKS or (name in SYSTEM and operator != operators.DELETE):
            continue
        else:
            changed = operators.apply(operator, properties.get(name), operand)
            if changed is None:
                properties.pop(name, None)
            else:
                properties[name] = changed


def _read_value(name: str, value: Any) -> Any:
    """What is stored for a value that was sent, or None if it is left out.

    Custom properties: scalars as they are (a date is a text `$D_<epoch seconds>`), a list becomes multi-value, an
    object its JSON text, as nested objects are a beta that an account must switch on. Source: documented for the
    types; the JSON text is assumed.
    """
    if name in _SUBSCRIPTIONS:
        return value if isinstance(value, dict) else None
    if name in _SWITCHES:
        return value if isinstance(value, bool) else None
    if name in SYSTEM:
        return None if isinstance(value, dict | list) else _read_system_value(name, value)
    if isinstance(value, list):
        return operators.multi_value(value)
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return value


def _read_system_value(name: str, value: Any) -> Any:
    if name == "Age":
        return int(value)
    text = operators.as_text(value)
    if name == "Phone":
        return _plain_phone(text) or None
    if name == "Email":
        return text.strip() or None
    return text
