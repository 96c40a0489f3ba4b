"""What may an event be, and what is kept of it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .problems import (
    EVENT_NAME_MISSING,
    EVENT_PROPERTIES,
    EVENT_RESTRICTED,
    EVENT_STRUCTURE,
    Problem,
)

CHARGED = "Charged"
"""A purchase: the one system event that may be uploaded. Source: docs.clevertap.com/docs/events; documented."""

MOST_PROPERTIES = 100
"""Properties of one event. Source: developer.clevertap.com/docs/upload-events-api, 2026-06-30; documented."""

DEFAULT_SOURCE = "API"
"""The CT Source of an uploaded event. Source: docs.clevertap.com/docs/events; documented."""

RESERVED = frozenset(
    name.lower()
    for name in (
        # developer.clevertap.com/docs/upload-events-api; documented
        "Notification Sent",
        "Notification Viewed",
        "Notification Clicked",
        "Notification Delivered",
        "Notification Replied",
        "UTM Visited",
        "App Launched",
        "App Uninstalled",
        "App Version Changed",
        "Stayed",
        "Reply Sent",
        "Experiment Rendered",
        "Reachable By",
        "Identity Reset",
        "Identity Set",
        "Identity Error",
        # a real answer quoted in a test of rudder-server; observed
        "Web Page Viewed",
        # the lists in CleverTap's Android and Web SDKs; observed
        "Notification Bounced",
        "wzrk_d",
        "Geocluster Entered",
        "Geocluster Exited",
        # system events of the documentation that no list names; assumed
        "App Installed",
        "Session Concluded",
        "Push Impressions",
        "State Transitioned",
        "Channel Unsubscribed",
    )
)
"""Names only CleverTap itself may raise, in lower case."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something a profile did. `ts` in epoch seconds, `received_at` in milliseconds."""

    id: int
    profile_id: int
    name: str
    properties: Mapping[str, Any]
    ts: int
    source: str
    received_at: int


@dataclass(frozen=True, slots=True)
class EventCount:
    """How often a profile did something; the first and the last time in epoch seconds, by the events' own `ts`."""

    name: str
    count: int
    first_seen: int
    last_seen: int


def find_problem(record: Mapping[str, Any]) -> Problem | None:
    """What is wrong with an event record? The first of: name, reserved name, structure, number of properties.

    Source: developer.clevertap.com/docs/api-errors for the codes; documented. The order is assumed.
    """
    name = record.get("evtName")
    if not isinstance(name, str) or not name.strip():
        return EVENT_NAME_MISSING
    if is_reserved(name):
        return EVENT_RESTRICTED
    data = record.get("evtData")
    if data is None:
        return None
    if not isinstance(data, Mapping) or not _is_flat(data, may_have_items=read_name(record) == CHARGED):
        return EVENT_STRUCTURE
    if len(read_properties(record)) > MOST_PROPERTIES:
        return EVENT_PROPERTIES
    return None


def is_reserved(name: str) -> bool:
    """May only CleverTap raise an event of this name? Upper and lower case are the same.

    Source: CleverTap's Android SDK compares so; observed.
    """
    return name.strip().lower() in RESERVED


def _is_flat(data: Mapping[str, Any], *, may_have_items: bool) -> bool:
    return all(
        _is_item_list(value) if may_have_items and name == "Items" else not isinstance(value, dict | list)
        for name, value in data.items()
        if value is not None
    )


def _is_item_list(value: object) -> bool:
    """The `Items` of a Charged event: a list of flat objects. Source: docs.clevertap.com/docs/events; documented.

    That all else is refused, texts and numbers too, and that null says nothing as in every property: assumed.
    """
    return isinstance(value, list) and all(
        isinstance(item, dict) and _is_flat(item, may_have_items=False) for item in value
    )


def read_name(record: Mapping[str, Any]) -> str:
    """The event's name, trimmed."""
    return str(record["evtName"]).strip()


def read_properties(record: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that are kept: null says nothing and is dropped, absent evtData is `{}`. Assumed."""
    return _without_nulls(record.get("evtData") or {})


def _without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [_without_nulls(item) for item in value] if isinstance(value, list) else value
        for name, value in data.items()
        if value is not None and name.strip()
    }


def read_source(record: Mapping[str, Any]) -> str:
    """Where the event says it comes from: `$source` or `source`, which clients add.

    Source: Pipedream's and Segment's code; observed. That it becomes the CT Source is assumed.
    """
    for member in ("$source", "source"):
        source = record.get(member)
        if isinstance(source, str) and source.strip():
            return source.strip()
    return DEFAULT_SOURCE
