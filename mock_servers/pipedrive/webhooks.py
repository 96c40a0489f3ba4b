"""Webhooks: who may subscribe to what, who wants to hear of a change, what they are told, when it is tried again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from . import checks
from .changes import Change
from .checks import Fault, Input
from .companies import Caller

ACTIONS = ("create", "change", "delete", "*")
OBJECTS = ("deal", "person", "organization", "pipeline", "stage", "*")
OBJECTS_TO_COME = (
    "activity", "lead", "note", "product", "user", "deal_product", "deal_installment", "board", "phase", "project",
    "task",
)  # fmt: skip
"""The vendor has these too; a subscription to them is taken and never hears anything, for nothing here has them.

Source: facts/pipedrive.md 5.1 (documented; the names of the field definitions are not known).
"""
MOST_PER_USER = 40
"""Webhooks that one user may have, and through one app. Source: facts/pipedrive.md 5.1 (documented)."""
TIMEOUT_SECONDS = 10
"""Within which a receiver must answer. Source: facts/pipedrive.md 5.5 (documented)."""
WAITS = (timedelta(seconds=3), timedelta(seconds=30), timedelta(seconds=150))
"""Before the second, third and fourth attempt. Source: facts/pipedrive.md 5.5 (documented)."""
UNREACHABLE = "invalid or non-reachable URL"
"""Source: facts/pipedrive.md 5.1 (documented)."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook. `subscription_url` is an address of our own as a name, any other as it came.

    `client_id` is the OAuth app that made it, None for a general one. Source: facts/pipedrive.md 5.1 (documented).
    """

    id: int
    owner_id: int
    user_id: int
    event_action: str
    event_object: str
    subscription_url: str
    add_time: datetime
    version: str = "2.0"
    name: str | None = None
    client_id: str | None = None
    http_auth_user: str | None = None
    http_auth_password: str | None = None
    last_delivery_time: datetime | None = None
    last_http_status: int | None = None

    @property
    def type(self) -> str:
        """`application` if an OAuth app made it, else `general`."""
        return "general" if self.client_id is None else "application"


INPUTS = {
    "subscription_url": Input("subscription_url", checks.loose_text),
    "event_action": Input("event_action", checks.loose_text),
    "event_object": Input("event_object", checks.loose_text),
    "name": Input("name", checks.loose_text),
    "version": Input("version", checks.loose_text),
    "user_id": Input("user_id", checks.loosely(checks.identifier)),
    "http_auth_user": Input("http_auth_user", checks.loose_text),
    "http_auth_password": Input("http_auth_password", checks.loose_text),
}


def read_fields(body: Mapping[str, object]) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a new subscription, and everything that is wrong with them.

    The name may be missing, for popular clients omit it; the version is 2.0 unless said otherwise.
    Source: facts/pipedrive.md 5.1 (documented keys; texts and v1 action names with 2.0 assumed).
    """
    fields, faults = checks.read(body, INPUTS, is_strict=False)
    fields = {key: value for key, value in fields.items() if value is not None}
    fields.setdefault("version", "2.0")
    said = {fault.path for fault in faults}
    faults += [
        Fault(key, "is required")
        for key in ("subscription_url", "event_action", "event_object")
        if key not in fields and key not in said
    ]
    if "subscription_url" in fields:
        faults += [Fault("subscription_url", text) for text in find_address_faults(fields["subscription_url"])]
    if len(fields.get("name", "")) > checks.LONGEST_NAME:
        faults.append(Fault("name", f"must be at most {checks.LONGEST_NAME} characters long"))
    if fields["version"] != "2.0":
        known = "1.0 is not imitated yet" if fields["version"] == "1.0" else "must be 1.0 or 2.0"
        faults.append(Fault("version", known))
    for key, choices in (("event_action", ACTIONS), ("event_object", OBJECTS + OBJECTS_TO_COME)):
        if key in fields and fields[key] not in choices:
            faults.append(Fault(key, f"must be one of {', '.join(choices)}"))
    return fields, faults


def find_address_faults(url: str) -> list[str]:
    """Could this be called at all? If not, the vendor's word for it, and in a second text why, if we have one.

    http is taken too, else nothing could be tested on one machine (assumed).
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return [UNREACHABLE]
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        return [UNREACHABLE]
    if any(not 0 < len(label) <= 63 for label in parts.hostname.removesuffix(".").split(".")):
        return [UNREACHABLE, f"{parts.hostname} is no host name: each part between dots has 1 to 63 characters."]
    return []


def may_add(others: Iterable[Subscription], owner_id: int, client_id: str | None) -> bool:
    """May this user have one more, made by this app or (None) without one? Source: facts/pipedrive.md 5.1."""
    own = [each for each in others if (each.owner_id, each.client_id) == (owner_id, client_id)]
    return len(own) < MOST_PER_USER


def wanted_by(change: Change, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Who wants to hear of it; `*` wants everything. Source: facts/pipedrive.md 5.6 (documented)."""
    return [
        subscription
        for subscription in subscriptions
        if subscription.event_action in (change.action, "*") and subscription.event_object in (change.entity, "*")
    ]


def previous_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Of a changed record only the fields that changed, with their old values.

    Two changes within one second leave the times equal: they are among the fields all the same.
    Source: facts/pipedrive.md 5.2 (documented; that the times are among the fields is assumed).
    """
    times = {"update_time"}
    if before.get("stage_id") != after.get("stage_id"):
        times.add("stage_change_time")
    return {key: value for key, value in before.items() if value != after[key] or key in times}


@dataclass(frozen=True, slots=True)
class Event:
    """One change as it is told: by whom, when, and under which ids."""

    change: Change
    by: Caller
    id: str
    correlation_id: str
    at: datetime
    permitted_user_ids: tuple[int, ...]


def body(
    event: Event, subscription: Subscription, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> dict[str, Any]:
    """What a subscription of version 2.0 is sent the first time; a retry differs in `meta.attempt` only.

    `before` and `after` are the record as webhooks show it. On a create there is no previous state, on a change it
    holds the changed fields, on a delete the complete last state while `data` is null.
    Source: facts/pipedrive.md 5.2 (documented; one event id for all subscriptions and retries assumed).
    """
    action = event.change.action
    previous: Mapping[str, Any] | None = None
    if before is not None:
        previous = previous_of(before, after) if action == "change" else before
    return {
        "meta": {
            "action": action,
            "entity": event.change.entity,
            "company_id": str(event.by.company.id),
            "correlation_id": event.correlation_id,
            "entity_id": str(event.change.after.id),
            "id": event.id,
            "is_bulk_edit": False,
            "timestamp": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "type": subscription.type,
            "user_id": str(event.by.user.id),
            "version": subscription.version,
            "webhook_id": str(subscription.id),
            "webhook_owner_id": str(subscription.owner_id),
            "change_source": event.by.change_source,
            "attempt": 1,
            "host": event.by.company.host,
            "permitted_user_ids": [str(user_id) for user_id in event.permitted_user_ids],
        },
        "data": None if action == "delete" else after,
        "previous": previous,
    }


def is_success(status: int | None) -> bool:
    """Only a 2xx is a success; None means that no answer came. Source: facts/pipedrive.md 5.5 (documented)."""
    return status is not None and 200 <= status < 300


def wait_after(attempt: int) -> timedelta | None:
    """How long after the failed attempt (1-based) the next one comes, or None if it was the last.

    Source: facts/pipedrive.md 5.5 (documented; that each wait counts from the failure is assumed).
    """
    return WAITS[attempt - 1] if attempt <= len(WAITS) else None
