"""How long may names and texts be, and which characters may a name have? What is too much is cut, never refused.

Source of the limits: developer.clevertap.com/docs/upload-user-profiles-api and docs/upload-events-api; documented. What
the API does beyond them is published nowhere; the SDKs cut, and the dashboard's error stream has such entries: assumed.
"""

import functools
import re
from collections.abc import Container

from .problems import Remark

DATE = re.compile(r"\$D_(-?[0-9]{1,11})")
"""A date, its epoch seconds in the group. Source: developer.clevertap.com/docs/upload-user-profiles-api; documented."""

LONGEST_VALUE = 512
"""Bytes of a property's text, in UTF-8."""
LONGEST_KEY = 120
"""Bytes of a profile property's name, characters of an event property's."""
LONGEST_EVENT_NAME = 512
"""Characters. Source: CleverTap's Android SDK; observed."""

PROHIBITED = frozenset("%><!|&.:;$'\"\\")
"""Characters that names of events and properties may not have. Source: a page of 2020; documented."""
PROHIBITED_IN_PROFILES = PROHIBITED | {"#"}
"""The same for profile properties."""


def cut_bytes(text: str, most: int) -> str:
    """The beginning of a text that fits into so many bytes of UTF-8; no character is cut in two."""
    if len(text) * 4 <= most:
        return text
    return text.encode()[:most].decode("utf-8", "ignore")


def cut_value(name: str, text: str, remarks: list[Remark]) -> str:
    """The text of a property as it is stored; adds a remark if that is not all of it."""
    kept = cut_bytes(text, LONGEST_VALUE)
    if len(kept) < len(text):
        remarks.append(Remark("value cut", f"{name}: the value was cut at {LONGEST_VALUE} bytes."))
    return kept


def clean_key(name: str, *, is_profile: bool, remarks: list[Remark]) -> str:
    """The name of a property as it is stored, perhaps empty; adds a remark for everything that was changed.

    Prohibited characters and space around go, what is too long is cut.
    """
    if is_plain_key(name, is_profile=is_profile):
        return name
    kept = _without(PROHIBITED_IN_PROFILES if is_profile else PROHIBITED, name, "property", remarks)
    fitting = cut_bytes(kept, LONGEST_KEY) if is_profile else kept[:LONGEST_KEY]
    if len(fitting) < len(kept):
        unit = "bytes" if is_profile else "characters"
        remarks.append(Remark("name cut", f"{fitting}: the name of the property was cut at {LONGEST_KEY} {unit}."))
    return fitting.strip()


def note_twin(name: str, kept: Container[str], remarks: list[Remark]) -> None:
    """Add a remark if a property of this name is there already: two names became one."""
    if name and name in kept:
        remarks.append(Remark("property dropped", f"{name}: two names became this one; the later value counts."))


def is_plain_key(name: str, *, is_profile: bool) -> bool:
    """Is this the name of a property that is stored as it is?"""
    return 0 < len(name) <= LONGEST_KEY and _is_plain(name, is_profile)


@functools.lru_cache(4096)
def _is_plain(name: str, is_profile: bool) -> bool:
    prohibited = PROHIBITED_IN_PROFILES if is_profile else PROHIBITED
    fits = not is_profile or len(name.encode()) <= LONGEST_KEY
    return fits and name == name.strip() and prohibited.isdisjoint(name)


def clean_event_name(name: str, remarks: list[Remark]) -> str:
    """The name of an event as it is stored, perhaps empty; adds a remark for everything that was changed."""
    kept = _without(PROHIBITED, name, "event", remarks)
    if len(kept) > LONGEST_EVENT_NAME:
        kept = kept[:LONGEST_EVENT_NAME].strip()
        remarks.append(Remark("name cut", f"The name of the event was cut at {LONGEST_EVENT_NAME} characters."))
    return kept


def _without(prohibited: frozenset[str], name: str, what: str, remarks: list[Remark]) -> str:
    if prohibited.isdisjoint(name):
        return name.strip()
    found = [letter for letter in dict.fromkeys(name) if letter in prohibited]
    kept = name.translate({ord(letter): None for letter in found}).strip()
    signs = " ".join(found)
    remarks.append(Remark("characters removed", f"{kept or name}: the name of the {what} may not have {signs} in it."))
    return kept
