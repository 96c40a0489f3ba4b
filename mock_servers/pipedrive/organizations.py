"""An organization: what a body may hold, and what a write makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from . import checks
from .checks import Fault, Input, UnacceptableError, Version

NO_NAME = "Organization name must be given."
ADDRESS_PARTS = (
    "value", "country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route",
    "street_number", "subpremise", "postal_code", "formatted_address",
)  # fmt: skip
"""Source: facts/pipedrive.md 3.5, 9 (documented)."""


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization as it is kept. Source: facts/pipedrive.md 3.5 (documented).

    `address` is None or has every one of `ADDRESS_PARTS`, null where unknown.
    """

    ENTITY: ClassVar = "organization"

    id: int
    name: str
    owner_id: int
    add_time: datetime
    update_time: datetime | None = None
    label_ids: tuple[int, ...] = ()
    visible_to: int = 3
    website: str | None = None
    linkedin: str | None = None
    industry: int | None = None
    annual_revenue: int | None = None
    employee_count: int | None = None
    address: Mapping[str, str | None] | None = None
    is_deleted: bool = False


def address_of(parts: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """A complete address; missing parts are null. Source: facts/pipedrive.md 3.8 (documented)."""
    return {part: parts.get(part) for part in ADDRESS_PARTS}


def _address(value: object) -> Mapping[str, str | None]:
    """An address needs its `value`. Source: facts/pipedrive.md 4.5 (documented)."""
    if not isinstance(value, dict):
        raise UnacceptableError("Expected 'object'")
    if not value.get("value"):
        raise UnacceptableError("Parameter 'value' is required", ".value")
    parts = {}
    for key, part in value.items():
        if key not in ADDRESS_PARTS:
            raise UnacceptableError(f"Parameter '{key}' is not allowed for this request", f".{key}")
        try:
            parts[key] = None if part is None else checks.text(part)
        except UnacceptableError as problem:
            raise UnacceptableError(problem.reason, f".{key}") from None
    return address_of(parts)


def _loose_address(value: object) -> Mapping[str, str | None] | None:
    """v1's address is one text."""
    given = checks.loose_text(value)
    return address_of({"value": given}) if given else None


def _link(value: object) -> str:
    return checks.text(value, checks.LONGEST_NAME)


V2_INPUTS = {
    "name": Input("name", checks.name),
    "owner_id": Input("owner_id", checks.identifier),
    "label_ids": Input("label_ids", checks.many(checks.identifier)),
    "visible_to": Input("visible_to", checks.visibility),
    "address": Input("address", checks.nullable(_address)),
    "website": Input("website", checks.nullable(_link)),
    "linkedin": Input("linkedin", checks.nullable(_link)),
    "industry": Input("industry", checks.nullable(checks.identifier)),
    "annual_revenue": Input("annual_revenue", checks.nullable(checks.whole())),
    "employee_count": Input("employee_count", checks.nullable(checks.whole(lowest=0))),
    "custom_fields": Input("custom_fields", checks.json_object),
}
V1_INPUTS = {
    "name": Input("name", checks.loose_text),
    "owner_id": Input("owner_id", checks.loosely(checks.identifier)),
    "label": Input("label_ids", checks.loose_label),
    "label_ids": Input("label_ids", checks.loose_ids),
    "visible_to": Input("visible_to", checks.loosely(checks.visibility)),
    "address": Input("address", _loose_address),
    "add_time": Input("add_time", checks.emptied(checks.either_moment)),
}
"""Source of both: facts/pipedrive.md 3.5, 4.5 (documented)."""


def read_fields(body: Mapping[str, object], version: Version, *, is_new: bool) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a create (`is_new`) or an update, and everything that is wrong with them.

    Source: facts/pipedrive.md 4.5, 4.6 (observed text for a missing checks.name).
    """
    inputs = V1_INPUTS if version == "v1" else V2_INPUTS
    if version == "v2" and is_new:
        inputs = {**V2_INPUTS, "add_time": Input("add_time", checks.moment)}
    fields, faults = checks.read(body, inputs, is_strict=version == "v2")
    if version == "v1":
        if "name" in fields and not (fields["name"] or "").strip():
            faults.append(Fault("name", NO_NAME))
        elif len(fields.get("name") or "") > checks.LONGEST_NAME:
            faults.append(Fault("name", f"length must be less than or equal to {checks.LONGEST_NAME} characters long"))
        fields = {key: value for key, value in fields.items() if value is not None or key == "address"}
        if not is_new:
            fields.pop("add_time", None)
    if is_new and "name" not in body:
        faults.append(Fault("name", NO_NAME) if version == "v1" else checks.required("name"))
    return fields, faults


def new_organization(fields: Mapping[str, Any], *, id: int, owner_id: int, now: datetime) -> Organization:
    """The organization that a create makes. Source: facts/pipedrive.md 4.4."""
    return replace(Organization(id, fields["name"], owner_id, now), **fields)


def changed_organization(organization: Organization, fields: Mapping[str, Any], now: datetime) -> Organization:
    """The organization after an update; the very same one if nothing changes."""
    after = replace(organization, **fields)
    return organization if after == organization else replace(after, update_time=now)


def deleted_organization(organization: Organization, now: datetime) -> Organization:
    """The organization after its deletion; deals keep their link. Source: facts/pipedrive.md 4.5 (assumed)."""
    return replace(organization, is_deleted=True, update_time=now)
