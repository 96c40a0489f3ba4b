"""Who calls, and which CleverTap answers: account id, passcode, region, and the address that a region stands for.

Sources: developer.clevertap.com/docs/authentication and /docs/common-api-components, read 2026-11; documented.
"""

import re
from dataclasses import dataclass, field

from .errors import InputError

DEFAULT_BASE_URL = "https://{region}.api.clevertap.com"
"""The real service. A served rig is `http://127.0.0.1:PORT/{region}`."""

REGIONS = {
    "eu1": "Europe",
    "in1": "India",
    "sg1": "Singapore",
    "us1": "United States",
    "aps3": "Indonesia",
    "mec1": "Middle East",
}
"""The regions that are offered: code to place. Source: common-api-components; documented."""

UNLISTED_REGIONS = frozenset({"sk1"})
"""Accepted, not offered: absent from the public table, but other vendors' CleverTap connectors use it; observed."""

_NO_HEADER_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]|[^\x00-\xff]")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account's id, passcode and region, trimmed and checked; the passcode is kept out of `repr`.

    Raises InputError naming the field that is no text, blank, unknown, or cannot be sent in a header.
    """

    account_id: str
    passcode: str = field(repr=False)
    region: str

    def __post_init__(self) -> None:
        # Setting through `object` is how a frozen dataclass cleans its own values.
        object.__setattr__(self, "account_id", _header_value(self.account_id, "account_id", "Account ID"))
        object.__setattr__(self, "passcode", _header_value(self.passcode, "passcode", "Passcode"))
        object.__setattr__(self, "region", _known_region(self.region))

    def headers(self) -> dict[str, str]:
        """The two headers of every call. Source: docs/authentication; documented."""
        return {"X-CleverTap-Account-Id": self.account_id, "X-CleverTap-Passcode": self.passcode}


def base_url(region: str, template: str = DEFAULT_BASE_URL) -> str:
    """Where does this region's API answer? The address has no slash at its end.

    Only a region of the list is filled in, so that no region value can rewrite the host. Raises InputError.
    """
    return template.replace("{region}", _known_region(region)).rstrip("/")


def _known_region(region: object) -> str:
    if not isinstance(region, str):
        raise InputError("region", f"Region must be text, not {type(region).__name__}")
    code = region.strip().lower()
    if code in REGIONS or code in UNLISTED_REGIONS:
        return code
    valid = ", ".join([*REGIONS, *sorted(UNLISTED_REGIONS)])
    raise InputError("region", f"{region[:40]!r} is not a CleverTap region; valid are {valid}")


def _header_value(value: object, field: str, label: str) -> str:
    """The value as it can stand in a header; the error tells the position and never the value."""
    if not isinstance(value, str):
        raise InputError(field, f"{label} must be text, not {type(value).__name__}")
    trimmed = value.strip()
    if not trimmed:
        raise InputError(field, f"{label} is blank; it stands in CleverTap's dashboard under Settings > Project")
    if found := _NO_HEADER_CHARACTER.search(trimmed):
        where = f"character {found.start() + 1} of {label} cannot be sent in a header"
        raise InputError(field, f"{where}; copy it again from CleverTap's dashboard, Settings > Project")
    return trimmed
