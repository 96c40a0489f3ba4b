"""What records look like on the wire in v1, where a deal holds the person, the organization and the owner whole."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from .companies import User
from .deals import Deal
from .neighbours import Neighbours
from .organizations import ADDRESS_PARTS, Organization
from .payloads import View, contact, day, first_label, local_day, plain_number
from .persons import Contact, Person
from .pipelines import Pipeline, Stage
from .queries import Page

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}


def time_v1(moment: datetime | None) -> str | None:
    """`2026-09-01 08:15:30`. Source: facts/pipedrive.md 2.4 (documented)."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def one_v1(view: View | list[View] | None, **more: Any) -> View:
    """A single object, or a list that has no paging. Source: facts/pipedrive.md 2.1 (documented)."""
    return {"success": True, "data": view, **more}


def list_v1(views: Iterable[View], page: Page[Any], **more: Any) -> View:
    """A page; an empty one is null. Source: facts/pipedrive.md 2.1, 2.2 (documented, null observed)."""
    pagination: View = {"start": page.start, "limit": page.limit, "more_items_in_collection": page.has_more}
    if page.has_more:
        pagination["next_start"] = page.start + page.limit
    return {"success": True, "data": list(views) or None, "additional_data": {"pagination": pagination}, **more}


def user_part(user: User | None, id: int) -> View:
    """A user inside another record; `value` repeats the id. Source: facts/pipedrive.md 3.2 (documented)."""
    return {**related_user(user, id), "value": id}


def related_user(user: User | None, id: int) -> View:
    """A user among the related objects. Source: facts/pipedrive.md 3.2 (documented, `has_pic` observed as 0)."""
    return {
        "id": id,
        "name": "" if user is None else user.name,
        "email": "" if user is None else user.email,
        "has_pic": 0,
        "pic_hash": None,
        "active_flag": user is not None,
    }


def _contacts(contacts: Iterable[Contact]) -> list[View]:
    """None at all is one empty entry. Source: facts/pipedrive.md 3.4 (observed)."""
    return [contact(found) for found in contacts] or [{"value": "", "primary": True}]


def person_part(person: Person) -> View:
    """A person inside a deal. Source: facts/pipedrive.md 3.2 (documented)."""
    return {
        "active_flag": not person.is_deleted,
        "name": person.name,
        "email": _contacts(person.emails),
        "phone": _contacts(person.phones),
        "owner_id": person.owner_id,
        "value": person.id,
    }


def organization_part(organization: Organization, near: Neighbours) -> View:
    """An organization inside a deal or person. Source: facts/pipedrive.md 3.2 (documented)."""
    return {
        "name": organization.name,
        "people_count": near.people_counts.get(organization.id, 0),
        "owner_id": organization.owner_id,
        "address": address_line(organization),
        "active_flag": not organization.is_deleted,
        "cc_email": near.cc_email,
        "value": organization.id,
    }


def address_line(organization: Organization) -> str | None:
    """The address in one line."""
    return None if organization.address is None else organization.address["value"]


def formatted(value: float, currency: str) -> str:
    """Money as an English reader sees it: `€5,000`, `€1,234.50`. Source: facts/pipedrive.md 4.4 (documented example).

    A currency whose symbol we do not know is shown by its code (assumed).
    """
    digits = f"{abs(value):,.0f}" if value.is_integer() else f"{abs(value):,.2f}"
    return f"{'-' if value < 0 else ''}{SYMBOLS.get(currency, currency + ' ')}{digits}"


def weighted_value(deal: Deal, stage: Stage | None, pipeline: Pipeline | None) -> float:
    """By the deal's probability, else the stage's if the pipeline uses it, else the value itself.

    Source: facts/pipedrive.md 4.4 (observed and assumed).
    """
    probability = deal.probability
    if probability is None and stage is not None and pipeline is not None and pipeline.is_deal_probability_enabled:
        probability = stage.deal_probability
    return deal.value if probability is None else deal.value * (probability / 100)


_NO_ACTIVITIES = {
    "next_activity_date": None,
    "next_activity_time": None,
    "next_activity_id": None,
    "last_activity_id": None,
    "last_activity_date": None,
}
_ACTIVITY_COUNTS = dict.fromkeys(
    ("email_messages_count", "activities_count", "done_activities_count", "undone_activities_count"), 0
)
"""True of every record: activities, mails, files, notes and products do not exist here yet."""


def deal_v1(deal: Deal, near: Neighbours) -> View:
    """Source: facts/pipedrive.md 3.2 (documented; marks there); an `update_time` of null shows as `add_time` (4.4)."""
    person = near.persons.get(deal.person_id or 0)
    organization = near.organizations.get(deal.org_id or 0)
    owner = near.users.get(deal.owner_id)
    stage = near.stages.get(deal.stage_id)
    weighted = weighted_value(deal, stage, near.pipelines.get(deal.pipeline_id))
    timezone = near.company.timezone
    return {
        "id": deal.id,
        "creator_user_id": user_part(near.users.get(deal.creator_user_id), deal.creator_user_id),
        "user_id": user_part(owner, deal.owner_id),
        "person_id": None if person is None else person_part(person),
        "org_id": None if organization is None else organization_part(organization, near),
        "stage_id": deal.stage_id,
        "title": deal.title,
        "value": plain_number(deal.value),
        "currency": deal.currency,
        "archive_time": time_v1(deal.archive_time),
        "add_time": time_v1(deal.add_time),
        "update_time": time_v1(deal.update_time or deal.add_time),
        "stage_change_time": time_v1(deal.stage_change_time),
        "active": deal.status == "open",
        "deleted": deal.is_deleted,
        "is_archived": deal.is_archived,
        "status": deal.status,
        "probability": plain_number(deal.probability),
        **_NO_ACTIVITIES,
        "lost_reason": deal.lost_reason,
        "visible_to": str(deal.visible_to),
        "close_time": time_v1(deal.close_time),
        "pipeline_id": deal.pipeline_id,
        "won_time": time_v1(deal.won_time),
        "first_won_time": time_v1(deal.first_won_time),
        "lost_time": time_v1(deal.lost_time),
        "products_count": 0,
        "files_count": 0,
        "notes_count": 0,
        "followers_count": 1,  # the owner follows
        **_ACTIVITY_COUNTS,
        "participants_count": 0 if person is None else 1,
        "expected_close_date": day(deal.expected_close_date),
        "last_incoming_mail_time": None,
        "last_outgoing_mail_time": None,
        "label": ",".join(map(str, deal.label_ids)) or None,
        "local_won_date": local_day(deal.won_time, timezone),
        "local_lost_date": local_day(deal.lost_time, timezone),
        "local_close_date": local_day(deal.close_time, timezone),
        "origin": deal.origin,
        "origin_id": deal.origin_id,
        "channel": deal.channel,
        "channel_id": deal.channel_id,
        "stage_order_nr": 0 if stage is None else stage.order_nr,
        "person_name": None if person is None else person.name,
        "org_name": None if organization is None else organization.name,
        "next_activity_subject": None,
        "next_activity_type": None,
        "next_activity_duration": None,
        "next_activity_note": None,
        "formatted_value": formatted(deal.value, deal.currency),
        "weighted_value": plain_number(weighted),
        "formatted_weighted_value": formatted(weighted, deal.currency),
        "weighted_value_currency": deal.currency,
        "rotten_time": None,
        "owner_name": "" if owner is None else owner.name,
        "cc_email": f"{near.company.domain}+deal{deal.id}@pipedrivemail.com",
        "org_hidden": False,
        "person_hidden": False,
        "acv": None,
        "arr": None,
        "mrr": None,
        "acv_currency": None,
        "arr_currency": None,
        "mrr_currency": None,
    }


def single_deal_v1(deal: Deal, near: Neighbours) -> View:
    """The answer for one deal. Source: facts/pipedrive.md 3.2 (documented; not the ages and averages)."""
    view = deal_v1(deal, near)
    return one_v1(view, additional_data={"dropbox_email": view["cc_email"]}, related_objects=related([deal], near))


def related(records: Sequence[Deal | Person | Organization], near: Neighbours) -> View:
    """What the records point to, by kind and id. Source: facts/pipedrive.md 3.2, 3.4 (documented)."""
    user_ids = {
        user_id
        for record in records
        for user_id in (record.owner_id, *((record.creator_user_id,) if isinstance(record, Deal) else ()))
    }
    found: View = {"user": {str(id): related_user(near.users.get(id), id) for id in sorted(user_ids)}}
    if near.persons:
        found["person"] = {str(id): _related(person_part(each), id) for id, each in sorted(near.persons.items())}
    org_ids = {record.org_id for record in records if not isinstance(record, Organization)}
    organizations = {id: each for id, each in sorted(near.organizations.items()) if id in org_ids}
    if organizations:
        found["organization"] = {
            str(id): _related(organization_part(each, near), id) for id, each in organizations.items()
        }
    if near.stages:
        found["stage"] = {str(id): _related_stage(each, near) for id, each in sorted(near.stages.items())}
    if near.pipelines:
        found["pipeline"] = {str(id): pipeline_v1(each) for id, each in sorted(near.pipelines.items())}
    return found


def _related_stage(stage: Stage, near: Neighbours) -> View:
    return {**stage_in_list_v1(stage, near.pipelines.get(stage.pipeline_id)), "company_id": near.company.id}


def _related(part: View, id: int) -> View:
    return {"id": id, **{key: value for key, value in part.items() if key != "value"}}


def _contact_counts(record: Person | Organization, near: Neighbours) -> View:
    """The counters of a person or organization: its deals by status, closed is won or lost (assumed).

    Those of related deals and of participants are 0: nothing here counts them yet.
    """
    counted = near.deal_counts.get((record.ENTITY, record.id), {})
    counts = {status: counted.get(status, 0) for status in ("open", "won", "lost")}
    counts["closed"] = counts["won"] + counts["lost"]
    found: View = {}
    for status in ("open", "closed", "won", "lost"):
        found |= {f"{status}_deals_count": counts[status], f"related_{status}_deals_count": 0}
    if isinstance(record, Person):
        found |= {"participant_open_deals_count": 0, "participant_closed_deals_count": 0}
    return {**found, **_ACTIVITY_COUNTS, "files_count": 0, "notes_count": 0, "followers_count": 1}


def person_v1(person: Person, near: Neighbours) -> View:
    """Source: facts/pipedrive.md 3.4, 13 (documented)."""
    organization = near.organizations.get(person.org_id or 0)
    owner = near.users.get(person.owner_id)
    primary = next((email.value for email in person.emails if email.primary), None)
    return {
        "id": person.id,
        "company_id": near.company.id,
        "owner_id": user_part(owner, person.owner_id),
        "org_id": None if organization is None else organization_part(organization, near),
        "name": person.name,
        "first_name": person.first_name,
        "last_name": person.last_name,
        **_contact_counts(person, near),
        "active_flag": not person.is_deleted,
        "phone": _contacts(person.phones),
        "email": _contacts(person.emails),
        "primary_email": primary,
        "first_char": person.name[:1].lower(),
        "update_time": time_v1(person.update_time or person.add_time),
        "delete_time": time_v1(person.update_time) if person.is_deleted else None,
        "add_time": time_v1(person.add_time),
        "visible_to": str(person.visible_to),
        "picture_id": None,
        **_NO_ACTIVITIES,
        "last_incoming_mail_time": None,
        "last_outgoing_mail_time": None,
        "label": first_label(person.label_ids),
        "label_ids": list(person.label_ids),
        "org_name": None if organization is None else organization.name,
        "owner_name": "" if owner is None else owner.name,
        "cc_email": near.cc_email,
    }


def organization_v1(organization: Organization, near: Neighbours) -> View:
    """Source: facts/pipedrive.md 3.5, 13 (documented)."""
    owner = near.users.get(organization.owner_id)
    address = organization.address or {}
    return {
        "id": organization.id,
        "company_id": near.company.id,
        "owner_id": user_part(owner, organization.owner_id),
        "name": organization.name,
        **_contact_counts(organization, near),
        "people_count": near.people_counts.get(organization.id, 0),
        "active_flag": not organization.is_deleted,
        "picture_id": None,
        "country_code": None,
        "first_char": organization.name[:1].lower(),
        "update_time": time_v1(organization.update_time or organization.add_time),
        "delete_time": time_v1(organization.update_time) if organization.is_deleted else None,
        "add_time": time_v1(organization.add_time),
        "visible_to": str(organization.visible_to),
        **_NO_ACTIVITIES,
        "label": first_label(organization.label_ids),
        "label_ids": list(organization.label_ids),
        "address": address_line(organization),
        **{f"address_{part}": address.get(part) for part in ADDRESS_PARTS if part != "value"},
        "owner_name": "" if owner is None else owner.name,
        "cc_email": near.cc_email,
    }


def pipeline_v1(pipeline: Pipeline) -> View:
    """Source: facts/pipedrive.md 3.6, 13 (documented)."""
    return {
        "id": pipeline.id,
        "name": pipeline.name,
        "url_title": pipeline.name,
        "order_nr": pipeline.order_nr,
        "active": not pipeline.is_deleted,
        "deal_probability": pipeline.is_deal_probability_enabled,
        "add_time": time_v1(pipeline.add_time),
        "update_time": time_v1(pipeline.update_time or pipeline.add_time),
    }


def stage_v1(stage: Stage) -> View:
    """Source: facts/pipedrive.md 3.6, 13 (documented)."""
    return {
        "id": stage.id,
        "order_nr": stage.order_nr,
        "name": stage.name,
        "active_flag": not stage.is_deleted,
        "deal_probability": stage.deal_probability,
        "pipeline_id": stage.pipeline_id,
        "rotten_flag": stage.is_deal_rot_enabled,
        "rotten_days": stage.days_to_rotten,
        "add_time": time_v1(stage.add_time),
        "update_time": time_v1(stage.update_time),
    }


def stage_in_list_v1(stage: Stage, pipeline: Pipeline | None) -> View:
    """A stage in a list knows its pipeline's name. Source: facts/pipedrive.md 3.6 (documented)."""
    return {
        **stage_v1(stage),
        "pipeline_name": None if pipeline is None else pipeline.name,
        "pipeline_deal_probability": pipeline is not None and pipeline.is_deal_probability_enabled,
    }
