"""What records look like on the wire in v2 and in webhooks. v1's shapes are in `payloads_v1`."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .changes import Record
from .deals import Deal
from .organizations import Organization
from .persons import Contact, Person
from .pipelines import Pipeline, Stage

View = dict[str, Any]


def time_v2(moment: datetime | None) -> str | None:
    """`2026-09-01T08:15:30Z`. Source: facts/pipedrive.md 2.4 (documented)."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_milliseconds(moment: datetime | None) -> str | None:
    """`2026-09-01T08:15:30.000Z`, as webhooks and leads have it. Source: facts/pipedrive.md 2.4 (documented)."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(found: date | None) -> str | None:
    """`2026-09-01`."""
    return None if found is None else found.isoformat()


def local_day(moment: datetime | None, timezone: str) -> str | None:
    """The date of a moment where the company is. Source: facts/pipedrive.md 3.1 (assumed)."""
    return None if moment is None else moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def one_v2(view: View) -> View:
    """A single object. Source: facts/pipedrive.md 2.1 (observed both with and without `additional_data`)."""
    return {"success": True, "data": view, "additional_data": None}


def list_v2(views: Iterable[View], next_cursor: str | None) -> View:
    """A page; an empty one is `[]`. Source: facts/pipedrive.md 2.1, 2.2 (documented, `[]` observed)."""
    return {"success": True, "data": list(views), "additional_data": {"next_cursor": next_cursor}}


def deleted(id: int) -> View:
    """What a delete answers in both versions. Source: facts/pipedrive.md 4.1 (documented)."""
    return {"success": True, "data": {"id": id}}


def deal_v2(deal: Deal, timezone: str) -> View:
    """Source: facts/pipedrive.md 3.1 (documented; key order and nulls observed)."""
    return {
        "id": deal.id,
        "title": deal.title,
        "creator_user_id": deal.creator_user_id,
        "value": deal.value,
        "person_id": deal.person_id,
        "org_id": deal.org_id,
        "stage_id": deal.stage_id,
        "currency": deal.currency,
        "add_time": time_v2(deal.add_time),
        "update_time": time_v2(deal.update_time),
        "status": deal.status,
        "probability": plain_number(deal.probability),
        "lost_reason": deal.lost_reason,
        "visible_to": deal.visible_to,
        "close_time": time_v2(deal.close_time),
        "pipeline_id": deal.pipeline_id,
        "won_time": time_v2(deal.won_time),
        "lost_time": time_v2(deal.lost_time),
        "stage_change_time": time_v2(deal.stage_change_time),
        "local_won_date": local_day(deal.won_time, timezone),
        "local_lost_date": local_day(deal.lost_time, timezone),
        "local_close_date": local_day(deal.close_time, timezone),
        "expected_close_date": day(deal.expected_close_date),
        "custom_fields": {},
        "owner_id": deal.owner_id,
        "label_ids": list(deal.label_ids),
        "is_deleted": deal.is_deleted,
        "origin": deal.origin,
        "origin_id": deal.origin_id,
        "channel": deal.channel,
        "channel_id": deal.channel_id,
        "acv": None,
        "arr": None,
        "mrr": None,
        "is_archived": deal.is_archived,
        "archive_time": time_v2(deal.archive_time),
    }


def plain_number(value: float | None) -> float | int | None:
    """An integer when whole. Source: facts/pipedrive.md 2.4 (observed for v1 and webhooks)."""
    return int(value) if value is not None and value.is_integer() else value


def contact(found: Contact) -> View:
    """Source: facts/pipedrive.md 3.3 (documented)."""
    return {"label": found.label, "value": found.value, "primary": found.primary}


def person_v2(person: Person) -> View:
    """Source: facts/pipedrive.md 3.3 (documented; nulls observed)."""
    return {
        "id": person.id,
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "add_time": time_v2(person.add_time),
        "update_time": time_v2(person.update_time),
        "visible_to": person.visible_to,
        "custom_fields": {},
        "owner_id": person.owner_id,
        "label_ids": list(person.label_ids),
        "org_id": person.org_id,
        "is_deleted": person.is_deleted,
        "picture_id": None,
        "phones": [contact(phone) for phone in person.phones],
        "emails": [contact(email) for email in person.emails],
    }


def organization_v2(organization: Organization) -> View:
    """Source: facts/pipedrive.md 3.5 (documented)."""
    return {
        "id": organization.id,
        "name": organization.name,
        "add_time": time_v2(organization.add_time),
        "update_time": time_v2(organization.update_time),
        "visible_to": organization.visible_to,
        "custom_fields": {},
        "owner_id": organization.owner_id,
        "label_ids": list(organization.label_ids),
        "website": organization.website,
        "linkedin": organization.linkedin,
        "industry": organization.industry,
        "annual_revenue": organization.annual_revenue,
        "employee_count": organization.employee_count,
        "is_deleted": organization.is_deleted,
        "address": organization.address,
    }


def pipeline_v2(pipeline: Pipeline) -> View:
    """Source: facts/pipedrive.md 3.6 (documented)."""
    return {
        "id": pipeline.id,
        "name": pipeline.name,
        "order_nr": pipeline.order_nr,
        "is_deleted": pipeline.is_deleted,
        "is_deal_probability_enabled": pipeline.is_deal_probability_enabled,
        "add_time": time_v2(pipeline.add_time),
        "update_time": time_v2(pipeline.update_time),
    }


def stage_v2(stage: Stage) -> View:
    """Source: facts/pipedrive.md 3.6 (documented)."""
    return {
        "id": stage.id,
        "order_nr": stage.order_nr,
        "name": stage.name,
        "is_deleted": stage.is_deleted,
        "deal_probability": stage.deal_probability,
        "pipeline_id": stage.pipeline_id,
        "is_deal_rot_enabled": stage.is_deal_rot_enabled,
        "days_to_rotten": stage.days_to_rotten,
        "add_time": time_v2(stage.add_time),
        "update_time": time_v2(stage.update_time),
    }


def deal_webhook(deal: Deal) -> View:
    """No name, e-mail or phone is in it: they need a second call.

    Source: facts/pipedrive.md 5.2 (documented; `is_archived` assumed, without it an archiving would show nothing).
    """
    return {
        "id": deal.id,
        "title": deal.title,
        "value": plain_number(deal.value),
        "currency": deal.currency,
        "status": deal.status,
        "stage_id": deal.stage_id,
        "pipeline_id": deal.pipeline_id,
        "stage_change_time": time_v2(deal.stage_change_time),
        "person_id": deal.person_id,
        "org_id": deal.org_id,
        "owner_id": deal.owner_id,
        "creator_user_id": deal.creator_user_id,
        "add_time": time_v2(deal.add_time),
        "update_time": time_v2(deal.update_time),
        "close_time": time_v2(deal.close_time),
        "won_time": time_v2(deal.won_time),
        "first_won_time": time_v2(deal.first_won_time),
        "lost_time": time_v2(deal.lost_time),
        "lost_reason": deal.lost_reason,
        "probability": plain_number(deal.probability),
        "expected_close_date": day(deal.expected_close_date),
        "label_ids": list(deal.label_ids),
        "is_archived": deal.is_archived,
        "visible_to": str(deal.visible_to),
        "origin": deal.origin,
        "origin_id": deal.origin_id,
        "channel": deal.channel,
        "channel_id": deal.channel_id,
        "custom_fields": {},
    }


def first_label(label_ids: Iterable[int]) -> int | None:
    """The one label of those who know only one."""
    return next(iter(label_ids), None)


def person_webhook(person: Person) -> View:
    """Source: facts/pipedrive.md 5.2 (documented example; `label_ids` beside `label` assumed)."""
    return {
        "add_time": time_v2(person.add_time),
        "custom_fields": {},
        "emails": [contact(email) for email in person.emails],
        "first_name": person.first_name,
        "id": person.id,
        "label": first_label(person.label_ids),
        "label_ids": list(person.label_ids),
        "last_name": person.last_name,
        "name": person.name,
        "org_id": person.org_id,
        "owner_id": person.owner_id,
        "phones": [contact(phone) for phone in person.phones],
        "update_time": time_v2(person.update_time),
        "visible_to": str(person.visible_to),
    }


def organization_webhook(organization: Organization) -> View:
    """Source: facts/pipedrive.md 5.2 (documented; that the address has v2's form, and `label_ids`, assumed)."""
    return {
        "add_time": time_v2(organization.add_time),
        "address": organization.address,
        "country_code": None,
        "custom_fields": {},
        "id": organization.id,
        "label": first_label(organization.label_ids),
        "label_ids": list(organization.label_ids),
        "name": organization.name,
        "owner_id": organization.owner_id,
        "picture_id": None,
        "update_time": time_v2(organization.update_time),
        "visible_to": str(organization.visible_to),
        "website": organization.website,
        "linkedin": organization.linkedin,
        "industry": organization.industry,
        "annual_revenue": organization.annual_revenue,
        "employee_count": organization.employee_count,
    }


def pipeline_webhook(pipeline: Pipeline) -> View:
    """v1's names, in spite of v2. Source: facts/pipedrive.md 5.2 (documented example)."""
    return {
        "id": pipeline.id,
        "name": pipeline.name,
        "url_title": pipeline.name,
        "order_nr": pipeline.order_nr,
        "active_flag": not pipeline.is_deleted,
        "deal_probability": pipeline.is_deal_probability_enabled,
        "add_time": time_v2(pipeline.add_time),
        "update_time": time_v2(pipeline.update_time),
    }


def stage_webhook(stage: Stage) -> View:
    """v1's names, in spite of v2. Source: facts/pipedrive.md 5.2 (documented example)."""
    return {
        "id": stage.id,
        "name": stage.name,
        "active_flag": not stage.is_deleted,
        "rotten_days": stage.days_to_rotten,
        "order_nr": stage.order_nr,
        "deal_probability": stage.deal_probability,
        "rotten_flag": stage.is_deal_rot_enabled,
        "add_time": time_v2(stage.add_time),
        "pipeline_id": stage.pipeline_id,
        "update_time": time_v2(stage.update_time),
    }


_WEBHOOK_VIEWS: dict[type, Callable[[Any], View]] = {
    Deal: deal_webhook,
    Person: person_webhook,
    Organization: organization_webhook,
    Pipeline: pipeline_webhook,
    Stage: stage_webhook,
}


def webhook_view(record: Record) -> View:
    """A record as webhooks of version 2.0 show it."""
    return _WEBHOOK_VIEWS[type(record)](record)
