"""What may an event be, and what is kept of it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import nesting
from .problems import (
    EVENT_DISCARDED,
    EVENT_NAME_MISSING,
    EVENT_PROPERTIES,
    EVENT_RESTRICTED,
    EVENT_STRUCTURE,
    Problem,
    Remark,
)
from .settings import DEFAULT, Settings
from .texts import clean_event_name, clean_key, cut_value, is_plain_key, note_twin

CHARGED = "Charged"
"""A purchase: the one system event that may be uploaded. Source: docs.clevertap.com/docs/events; documented."""

ITEMS = "Items"
MOST_ITEMS = 50
"""Items of a purchase. Source: CleverTap's SDKs; observed. A page of 2020 has 256."""

SOURCE_PROPERTY = "CT Source"
"""What every event says of itself. Source: docs.clevertap.com/docs/events; documented. A client's own goes: assumed."""

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

    @property
    def told(self) -> dict[str, Any]:
        """What is told of it, and what filters see: its properties, and where it came from."""
        return {**self.properties, SOURCE_PROPERTY: self.source}


@dataclass(frozen=True, slots=True)
class EventCount:
    """How often a profile did something; the first and the last time in epoch seconds, by the events' own `ts`."""

    name: str
    count: int
    first_seen: int
    last_seen: int


def find_problem(record: Mapping[str, Any], settings: Settings = DEFAULT) -> Problem | None:
    """What is wrong with an event record? The first of: name, reserved, switched off, structure, number of properties.

    Source: developer.clevertap.com/docs/api-errors for the codes; documented. The order is assumed.
    """
    name = record.get("evtName")
    if not isinstance(name, str) or not clean_event_name(name, []):
        return EVENT_NAME_MISSING
    if is_reserved(name):
        return EVENT_RESTRICTED
    if clean_event_name(name, []) in settings.discarded_events:
        return EVENT_DISCARDED
    data = record.get("evtData")
    if data is None:
        return None
    is_purchase = clean_event_name(name, []) == CHARGED
    if not isinstance(data, Mapping) or not _is_right(data, settings, may_have_items=is_purchase):
        return EVENT_STRUCTURE
    if len(_without_nulls(data)) > settings.event_properties:
        return EVENT_PROPERTIES
    return None


def is_reserved(name: str) -> bool:
    """May only CleverTap raise an event of this name? Upper and lower case are the same.

    Source: CleverTap's Android SDK compares so; observed.
    """
    return not {name.strip().lower(), clean_event_name(name, []).lower()}.isdisjoint(RESERVED)


def _is_right(data: Mapping[str, Any], settings: Settings, *, may_have_items: bool) -> bool:
    return all(
        _is_item_list(value)
        if may_have_items and clean_key(name, is_profile=False, remarks=[]) == ITEMS
        else settings.nested_objects or not isinstance(value, dict | list)
        for name, value in data.items()
        if value is not None
    )


def _is_flat(data: Mapping[str, Any]) -> bool:
    return not any(isinstance(value, dict | list) for value in data.values())


def _is_item_list(value: object) -> bool:
    """The `Items` of a Charged event: a list of flat objects. Source: docs.clevertap.com/docs/events; documented.

    That all else is refused, texts and numbers too, and that null says nothing as in every property: assumed.
    """
    return isinstance(value, list) and all(isinstance(item, dict) and _is_flat(item) for item in value)


def clean(record: Mapping[str, Any], settings: Settings = DEFAULT) -> tuple[str, dict[str, Any], list[Remark]]:
    """Name and properties of an event without problems as they are stored, and what had to be changed for it.

    null says nothing and is dropped, absent evtData is `{}`. Assumed.
    """
    remarks: list[Remark] = []
    name = clean_event_name(record["evtName"], remarks)
    data = record.get("evtData") or {}
    properties = _clean_properties(data, remarks, may_have_items=name == CHARGED)
    if settings.nested_objects:
        items = {ITEMS: properties.pop(ITEMS)} if name == CHARGED and ITEMS in properties else {}
        properties = {**nesting.within_limits(properties, remarks, is_profile=False), **items}
    return name, properties, remarks


def _clean_properties(data: Mapping[str, Any], remarks: list[Remark], *, may_have_items: bool) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for sent_name, value in data.items():
        if value is None:
            continue
        name = clean_key(sent_name, is_profile=False, remarks=remarks)
        note_twin(name, kept, remarks)
        if not name:
            remarks.append(Remark("property dropped", f"A property without a usable name was left out: {sent_name!r}."))
        elif name == SOURCE_PROPERTY:
            text = f"{name}: CleverTap itself says where an event comes from; send $source to choose it."
            remarks.append(Remark("property dropped", text))
        elif may_have_items and name == ITEMS and isinstance(value, list):
            if len(value) > MOST_ITEMS:
                remarks.append(Remark("values dropped", f"Items: only the first {MOST_ITEMS} were kept."))
            kept[name] = [_clean_properties(item, remarks, may_have_items=False) for item in value[:MOST_ITEMS]]
        else:
            kept[name] = cut_value(name, value, remarks) if isinstance(value, str) else value
    return kept


def _without_nulls(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None and name.strip()}


def is_normal_name(name: str) -> bool:
    """Does a strict account store an event of this name as it is?"""
    return not is_reserved(name) and clean_event_name(name, []) == name != CHARGED


def are_normal_keys(names: tuple[str, ...]) -> bool:
    """Are these names of event properties stored as they are?"""
    return SOURCE_PROPERTY not in names and all(is_plain_key(name, is_profile=False) for name in names)


def read_source(record: Mapping[str, Any]) -> str:
    """Where the event says it comes from: `$source` or `source`, which clients add.

    Source: Pipedream's and Segment's code; observed. That it becomes the CT Source is assumed.
    """
    for member in ("$source", "source"):
        source = record.get(member)
        if isinstance(source, str) and source.strip():
            return source.strip()
    return DEFAULT_SOURCE
