"""A deal: what a body may hold, and what a write makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from . import checks
from .checks import Fault, Input, Version
from .companies import Caller
from .pipelines import Stage

KEPT_AFTER_DELETION = timedelta(days=30)
"""How long a deleted deal can still be read. Source: facts/pipedrive.md 3.1 (documented for the list)."""

DEFAULT_VISIBILITY = 3
"""The entire company. Source: facts/pipedrive.md 2.5 (observed)."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as it is kept. `value` is in major units of `currency`; times are whole seconds.

    `update_time` and `stage_change_time` are None until the first change and the first move.
    Source: facts/pipedrive.md 3.1 (observed).
    """

    ENTITY: ClassVar = "deal"

    id: int
    title: str
    value: float
    currency: str
    creator_user_id: int
    owner_id: int
    person_id: int | None
    org_id: int | None
    stage_id: int
    pipeline_id: int
    add_time: datetime
    update_time: datetime | None = None
    stage_change_time: datetime | None = None
    status: str = "open"
    probability: float | None = None
    lost_reason: str | None = None
    visible_to: int = DEFAULT_VISIBILITY
    close_time: datetime | None = None
    won_time: datetime | None = None
    first_won_time: datetime | None = None
    lost_time: datetime | None = None
    expected_close_date: date | None = None
    label_ids: tuple[int, ...] = ()
    origin: str = "API"
    origin_id: str | None = None
    channel: int | None = None
    channel_id: str | None = None
    is_archived: bool = False
    archive_time: datetime | None = None

    @property
    def is_deleted(self) -> bool:
        """Was it deleted? The row is kept for 30 days."""
        return self.status == "deleted"


_PERCENT = checks.number(0, 100)

V2_INPUTS = {
    "title": Input("title", checks.name),
    "value": Input("value", checks.number()),
    "currency": Input("currency", checks.currency),
    "owner_id": Input("owner_id", checks.identifier),
    "person_id": Input("person_id", checks.nullable(checks.identifier)),
    "org_id": Input("org_id", checks.nullable(checks.identifier)),
    "pipeline_id": Input("pipeline_id", checks.identifier),
    "stage_id": Input("stage_id", checks.identifier),
    "status": Input("status", checks.one_of("open", "won", "lost")),
    "won_time": Input("won_time", checks.nullable(checks.moment)),
    "lost_time": Input("lost_time", checks.nullable(checks.moment)),
    "close_time": Input("close_time", checks.nullable(checks.moment)),
    "expected_close_date": Input("expected_close_date", checks.nullable(checks.day)),
    "probability": Input("probability", checks.nullable(_PERCENT)),
    "lost_reason": Input("lost_reason", checks.nullable(checks.text)),
    "visible_to": Input("visible_to", checks.visibility),
    "label_ids": Input("label_ids", checks.many(checks.identifier)),
    "is_archived": Input("is_archived", checks.flag),
    "archive_time": Input("archive_time", checks.nullable(checks.either_moment)),
    "is_deleted": Input("is_deleted", checks.never),
    "custom_fields": Input("custom_fields", checks.json_object),
}
"""Source: facts/pipedrive.md 4.2 (documented keys), 4.3 rule 6 (documented limits)."""

V1_INPUTS = {
    "title": Input("title", checks.loose_text),
    "value": Input("value", checks.loosely(checks.number())),
    "currency": Input("currency", checks.emptied(checks.currency)),
    "user_id": Input("owner_id", checks.loosely(checks.identifier)),
    "person_id": Input("person_id", checks.loosely(checks.identifier)),
    "org_id": Input("org_id", checks.loosely(checks.identifier)),
    "pipeline_id": Input("pipeline_id", checks.loosely(checks.identifier)),
    "stage_id": Input("stage_id", checks.loosely(checks.identifier)),
    "status": Input("status", checks.emptied(checks.one_of("open", "won", "lost", "deleted"))),
    "won_time": Input("won_time", checks.emptied(checks.either_moment)),
    "lost_time": Input("lost_time", checks.emptied(checks.either_moment)),
    "close_time": Input("close_time", checks.emptied(checks.either_moment)),
    "expected_close_date": Input("expected_close_date", checks.emptied(checks.day)),
    "probability": Input("probability", checks.loosely(_PERCENT)),
    "lost_reason": Input("lost_reason", checks.loose_text),
    "visible_to": Input("visible_to", checks.loosely(checks.visibility)),
    "label": Input("label_ids", checks.loose_ids),
    "add_time": Input("add_time", checks.emptied(checks.either_moment)),
    "is_archived": Input("is_archived", checks.loose_flag),
    "archive_time": Input("archive_time", checks.emptied(checks.either_moment)),
    "origin_id": Input("origin_id", checks.loose_text),
    "channel": Input("channel", checks.loosely(checks.identifier)),
    "channel_id": Input("channel_id", checks.loose_text),
}
"""Source: facts/pipedrive.md 4.2 (documented keys); `user_id` and `label` are v1's names."""

_NOT_CLEARABLE = ("currency", "owner_id", "pipeline_id", "stage_id", "status", "visible_to", "add_time")
"""Where v1 is sent a null or an empty text for these, it means that nothing was said (assumed)."""


def read_fields(body: Mapping[str, object], version: Version, *, is_new: bool) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a create (`is_new`) or an update, and everything that is wrong with them.

    Source: facts/pipedrive.md 4.2, 4.6.
    """
    fields, faults = checks.read(body, V2_INPUTS if version == "v2" else V1_INPUTS, is_strict=version == "v2")
    fields.pop("is_deleted", None)
    if version == "v2":
        faults.extend(_archive_faults(body, fields))
    if version == "v1":
        fields = {key: value for key, value in fields.items() if value is not None or key not in _NOT_CLEARABLE}
        if "value" in fields and fields["value"] is None:
            fields["value"] = 0.0
        if "title" in fields:
            faults.extend(_title_faults(fields["title"]))
        if not is_new:
            fields.pop("add_time", None)
    if is_new and "title" not in body:
        faults.append(Fault("title", NO_TITLE) if version == "v1" else checks.required("title"))
    return fields, faults


def _archive_faults(body: Mapping[str, object], fields: Mapping[str, Any]) -> list[Fault]:
    """A time needs the archiving it is of. Source: facts/pipedrive.md 4.2 (assumed); v1 ignores a lonely time."""
    is_archiving = fields.get("is_archived") is True
    is_wrong_already = "is_archived" in body and "is_archived" not in fields
    if fields.get("archive_time") is None or is_archiving or is_wrong_already:
        return []
    return [Fault("archive_time", "can only be set when is_archived is true")]


NO_TITLE = "Deal title must be given."
LONG_TITLE = '"title" length must be less than or equal to 255 characters long'


def _title_faults(title: str | None) -> list[Fault]:
    """v1's own words. Source: facts/pipedrive.md 4.2, 4.6 (observed)."""
    if title is None or not title.strip():
        return [Fault("title", NO_TITLE)]
    return [Fault("title", LONG_TITLE)] if len(title) > 255 else []


def find_status_faults(fields: Mapping[str, Any], status: str, version: Version) -> list[Fault]:
    """Do the times and the reason fit the status that the deal will have?

    Source: facts/pipedrive.md 4.2 (documented; wording assumed). `lost_reason` is free text in v1.
    """
    fitting = {"won_time": ("won",), "lost_time": ("lost",), "close_time": ("won", "lost")}
    if version == "v2":
        fitting["lost_reason"] = ("lost",)
    return [
        Fault(key, f"can only be set when status is {' or '.join(statuses)}")
        for key, statuses in fitting.items()
        if fields.get(key) is not None and status not in statuses
    ]


def new_deal(fields: Mapping[str, Any], *, id: int, by: Caller, stage: Stage, now: datetime) -> Deal:
    """The deal that a create makes. Source: facts/pipedrive.md 4.2, 4.4 (observed)."""
    add_time = fields.get("add_time") or now
    blank = Deal(
        id=id,
        title=fields["title"],
        value=0.0,
        currency=by.company.currency,
        creator_user_id=by.user.id,
        owner_id=by.user.id,
        person_id=None,
        org_id=None,
        stage_id=stage.id,
        pipeline_id=stage.pipeline_id,
        add_time=add_time,
        origin=by.origin,
        origin_id=by.origin_id,
    )
    return _apply(blank, fields, now)


def changed_deal(deal: Deal, fields: Mapping[str, Any], *, stage: Stage | None, now: datetime) -> Deal:
    """The deal after an update; the very same deal if nothing changes. `stage` is None unless it is to move.

    Source: facts/pipedrive.md 4.4 (`update_time` documented, `stage_change_time` observed, no change assumed).
    """
    after = _apply(deal, fields, now)
    if stage is not None and (stage.id, stage.pipeline_id) != (deal.stage_id, deal.pipeline_id):
        after = replace(after, stage_id=stage.id, pipeline_id=stage.pipeline_id, stage_change_time=now)
    return deal if after == deal else replace(after, update_time=now)


def deleted_deal(deal: Deal, now: datetime) -> Deal:
    """The deal after its deletion. Source: facts/pipedrive.md 4.4 (documented that the row is kept)."""
    return replace(deal, status="deleted", update_time=now)


def may_be_edited(deal: Deal, fields: Mapping[str, Any]) -> bool:
    """An archived deal takes nothing but its un-archiving. Source: facts/pipedrive.md 4.3 rule 7 (documented)."""
    return not deal.is_archived or fields.get("is_archived") is False


_PLAIN = (
    "title", "value", "currency", "owner_id", "person_id", "org_id", "probability", "visible_to", "label_ids",
    "expected_close_date", "origin_id", "channel", "channel_id", "lost_reason",
)  # fmt: skip


def _apply(deal: Deal, fields: Mapping[str, Any], now: datetime) -> Deal:
    after = replace(deal, **{key: fields[key] for key in _PLAIN if key in fields})
    return _with_archive(_with_status(after, fields, now), fields, now)


def _with_status(deal: Deal, fields: Mapping[str, Any], now: datetime) -> Deal:
    """Winning, losing, reopening. Source: facts/pipedrive.md 4.4 (won: documented example; the rest assumed)."""
    times = {key: fields[key] for key in ("won_time", "lost_time", "close_time") if fields.get(key) is not None}
    status = fields.get("status", deal.status)
    if status == deal.status:
        return replace(deal, **times)
    if status == "won":
        won_time = times.get("won_time", now)
        return replace(
            deal,
            status=status,
            won_time=won_time,
            close_time=times.get("close_time", won_time),
            first_won_time=deal.first_won_time or won_time,
            lost_time=None,
            lost_reason=None,
        )
    if status == "lost":
        lost_time = times.get("lost_time", now)
        return replace(
            deal,
            status=status,
            lost_time=lost_time,
            close_time=times.get("close_time", lost_time),
            won_time=None,
            lost_reason=fields.get("lost_reason"),
        )
    if status == "deleted":
        return replace(deal, status=status)
    return replace(deal, status=status, won_time=None, lost_time=None, close_time=None, lost_reason=None)


def _with_archive(deal: Deal, fields: Mapping[str, Any], now: datetime) -> Deal:
    """Archiving. Source: facts/pipedrive.md 4.2 (documented: `archive_time` defaults to now)."""
    is_archived = fields.get("is_archived", deal.is_archived)
    if not is_archived:
        return replace(deal, is_archived=False, archive_time=None)
    return replace(deal, is_archived=True, archive_time=fields.get("archive_time") or deal.archive_time or now)
