"""A person: names, e-mails and phones, and what a write makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from . import checks
from .checks import Fault, Input, UnacceptableError, Version

NO_NAME = "Name must be given."
DEFAULT_LABEL = "work"
CONTACT_SYNC_KEYS = ("job_title", "notes", "im", "birthday", "postal_address")
"""Refused with 403 without contact sync, which no account here has. Source: facts/pipedrive.md 4.5 (observed)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One e-mail address or phone number."""

    value: str
    label: str = DEFAULT_LABEL
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A person as it is kept. Source: facts/pipedrive.md 3.3 (documented; null `update_time` observed)."""

    ENTITY: ClassVar = "person"

    id: int
    name: str
    first_name: str
    last_name: str | None
    owner_id: int
    org_id: int | None
    add_time: datetime
    update_time: datetime | None = None
    emails: tuple[Contact, ...] = ()
    phones: tuple[Contact, ...] = ()
    label_ids: tuple[int, ...] = ()
    visible_to: int = 3
    is_deleted: bool = False


def split_name(name: str) -> tuple[str, str | None]:
    """First and last name of a whole one: the first word, and the rest or None.

    Source: facts/pipedrive.md 4.5 (assumed; null for one word observed, 3.3).
    """
    first, _, last = name.strip().partition(" ")
    return first, last.strip() or None


def with_one_primary(contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """The contacts with exactly one primary: the first that says so, else the first.

    Source: facts/pipedrive.md 4.5 (documented; "the first is" assumed).
    """
    chosen = next((number for number, contact in enumerate(contacts) if contact.primary), 0)
    return tuple(replace(contact, primary=number == chosen) for number, contact in enumerate(contacts))


def _contact(value: object) -> Contact:
    if not isinstance(value, dict):
        raise UnacceptableError("Expected 'object'")
    for key in value:
        if key not in ("value", "label", "primary"):
            raise UnacceptableError(f"Parameter '{key}' is not allowed for this request", f".{key}")
    if "value" not in value:
        raise UnacceptableError("Parameter 'value' is required", ".value")
    try:
        return Contact(
            checks.text(value["value"], checks.LONGEST_NAME),
            checks.text(value.get("label", DEFAULT_LABEL), checks.LONGEST_NAME) or DEFAULT_LABEL,
            checks.flag(value.get("primary", False)),
        )
    except UnacceptableError as problem:
        raise UnacceptableError(f"in a contact: {problem.reason}") from None


def _contacts(value: object) -> tuple[Contact, ...]:
    found: tuple[Contact, ...] = checks.many(_contact)(value)
    if sum(contact.primary for contact in found) > 1:
        raise UnacceptableError("only one can be primary")
    return with_one_primary(found)


def _loose_contacts(value: object) -> tuple[Contact, ...]:
    """v1's: a text, a list of texts, or a list of objects; empty ones are left out."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    found = []
    for item in items:
        parts = item if isinstance(item, dict) else {"value": item}
        given = checks.loose_text(parts.get("value")) or ""
        label = checks.loose_text(parts.get("label")) or DEFAULT_LABEL
        if given.strip():
            found.append(Contact(given, label, checks.loose_flag(parts.get("primary") or False)))
    return with_one_primary(tuple(found))


def _name_part(value: object) -> str:
    return checks.text(value, checks.LONGEST_NAME)


V2_INPUTS = {
    "name": Input("name", _name_part),
    "first_name": Input("first_name", checks.nullable(_name_part)),
    "last_name": Input("last_name", checks.nullable(_name_part)),
    "owner_id": Input("owner_id", checks.identifier),
    "org_id": Input("org_id", checks.nullable(checks.identifier)),
    "emails": Input("emails", _contacts),
    "phones": Input("phones", _contacts),
    "label_ids": Input("label_ids", checks.many(checks.identifier)),
    "visible_to": Input("visible_to", checks.visibility),
    "custom_fields": Input("custom_fields", checks.json_object),
}
"""Source: facts/pipedrive.md 4.5 (documented)."""


V1_INPUTS = {
    "name": Input("name", checks.loose_text),
    "first_name": Input("first_name", checks.loose_text),
    "last_name": Input("last_name", checks.loose_text),
    "owner_id": Input("owner_id", checks.loosely(checks.identifier)),
    "org_id": Input("org_id", checks.loosely(checks.identifier)),
    "email": Input("emails", _loose_contacts),
    "phone": Input("phones", _loose_contacts),
    "label": Input("label_ids", checks.loose_label),
    "label_ids": Input("label_ids", checks.loose_ids),
    "visible_to": Input("visible_to", checks.loosely(checks.visibility)),
    "add_time": Input("add_time", checks.emptied(checks.either_moment)),
}
"""Source: facts/pipedrive.md 4.5 (documented); the parts of the name are assumed to be taken as in v2."""


def read_fields(body: Mapping[str, object], version: Version, *, is_new: bool) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a create (`is_new`) or an update, and everything that is wrong with them.

    A new person needs `name`, or both of its parts. Source: facts/pipedrive.md 4.5, 4.6 (documented).
    """
    inputs = V1_INPUTS if version == "v1" else V2_INPUTS
    if version == "v2" and is_new:
        inputs = {**V2_INPUTS, "add_time": Input("add_time", checks.moment)}
    fields, faults = checks.read(body, inputs, is_strict=version == "v2")
    if version == "v1":
        may_be_null = ("org_id", "first_name", "last_name")
        nameless = fields.get("name", "") is None
        fields = {key: value for key, value in fields.items() if value is not None or key in may_be_null}
        if nameless:
            faults.append(Fault("name", NO_NAME))
        if not is_new:
            fields.pop("add_time", None)
    faults.extend(_name_faults(body, fields, version, is_new=is_new))
    return fields, faults


def _name_faults(
    body: Mapping[str, object], fields: Mapping[str, Any], version: Version, *, is_new: bool
) -> list[Fault]:
    if "name" in body:
        is_blank = "name" in fields and not fields["name"].strip()
        return [Fault("name", NO_NAME if version == "v1" else "must not be empty")] if is_blank else []
    if not is_new or {"first_name", "last_name"} <= body.keys():
        return []
    return [Fault("name", NO_NAME) if version == "v1" else checks.required("name")]


def find_name_faults(person: Person, version: Version) -> list[Fault]:
    """Has the person a name at all? Either part may be empty, not both. Source: facts/pipedrive.md 4.5 (documented)."""
    if not person.name:
        return [Fault("name", NO_NAME if version == "v1" else "must not be empty")]
    if len(person.name) > checks.LONGEST_NAME:
        return [Fault("name", f"length must be less than or equal to {checks.LONGEST_NAME} characters long")]
    return []


def new_person(fields: Mapping[str, Any], *, id: int, owner_id: int, now: datetime) -> Person:
    """The person that a create makes. Source: facts/pipedrive.md 4.4, 4.5."""
    blank = Person(id, "", "", None, owner_id, None, fields.get("add_time", now))
    return _apply(blank, fields)


def changed_person(person: Person, fields: Mapping[str, Any], now: datetime) -> Person:
    """The person after an update; the very same one if nothing changes. Contacts are replaced as a whole."""
    after = _apply(person, fields)
    return person if after == person else replace(after, update_time=now)


def deleted_person(person: Person, now: datetime) -> Person:
    """The person after its deletion; deals keep their link. Source: facts/pipedrive.md 4.5 (assumed)."""
    return replace(person, is_deleted=True, update_time=now)


_PLAIN = ("owner_id", "org_id", "emails", "phones", "label_ids", "visible_to")


def _apply(person: Person, fields: Mapping[str, Any]) -> Person:
    after = replace(person, **{key: fields[key] for key in _PLAIN if key in fields})
    if "name" in fields:
        first_name, last_name = split_name(fields["name"])
        return replace(after, name=fields["name"].strip(), first_name=first_name, last_name=last_name)
    if not {"first_name", "last_name"} & fields.keys():
        return after
    first_name = (fields.get("first_name", person.first_name) or "").strip()
    last_name = (fields.get("last_name", person.last_name) or "").strip() or None
    joined = " ".join(part for part in (first_name, last_name) if part)
    return replace(after, name=joined, first_name=first_name, last_name=last_name)
