"""The action "Create/Update User Profile": its form, the record it makes, and sending it.

Labels and meaning: docs.clevertap.com/docs/pipedrive-via-zapier, read 2026-11; documented. Keys, help texts and which
fields are required: assumed.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .credentials import DEFAULT_BASE_URL
from .definition import Action, Bundle, InputField, Record
from .errors import InputError
from .records import EITHER_OF, OBJECT_ID_FIELD, OUTPUT_FIELDS, SAMPLE, send_record, start_record
from .values import is_blank, parse_properties, property_values

if TYPE_CHECKING:
    import requests

FIELDS = (
    InputField(
        key="identity",
        label="Identity",
        help_text=(
            "User id, e-mail or any unique field of the user. It decides whether a profile is created or updated. "
            "May stay blank if Object ID is given."
        ),
    ),
    OBJECT_ID_FIELD,
    InputField(
        key="creation_date",
        label="Creation Date",
        help_text="When the user was created in the source app, in UTC, for example 2018-03-05T15:16:00Z.",
    ),
    InputField(
        key="profile_properties",
        label="Profile Properties",
        help_text='User properties as JSON, for example {"Name": "Ada", "Email": "ada@example.com", "Role": "CTO"}.',
        type="text",
        required=True,
    ),
)


def make_action(*, base_url: str = DEFAULT_BASE_URL) -> Action:
    """The action, for the CleverTap that answers at `base_url`."""
    return Action(
        key="create_update_user_profile",
        noun="User Profile",
        label="Create/Update User Profile",
        description="Creates a user profile, or updates it if the identity is known.",
        input_fields=FIELDS,
        perform=partial(perform, base_url=base_url),
        sample=SAMPLE,
        output_fields=OUTPUT_FIELDS,
        either_of=EITHER_OF,
    )


def build_profile_record(input_data: Mapping[str, Any]) -> Record:
    """Which upload record do these form values make? Raises InputError naming the field that stands in the way."""
    record = start_record("profile", input_data, identity_label="Identity")
    given = input_data.get("profile_properties")
    if is_blank(given):
        raise InputError("profile_properties", 'Profile Properties is blank; give at least {"Name": "..."}, or {}')
    properties = parse_properties(given, "profile_properties")
    return {**record, "profileData": property_values(properties, keep=_stays_nested)}


def perform(session: "requests.Session", bundle: Bundle, *, base_url: str = DEFAULT_BASE_URL) -> Record:
    """Creates or updates the profile; the result has the shape of `OUTPUT_FIELDS`."""
    return send_record(session, bundle, build_profile_record(bundle.input_data), base_url=base_url)


def _stays_nested(name: str, value: Any) -> bool:
    """Operators (`{"$add": [...]}`), channel categories and lists of plain values mean something as they are.

    Sources: docs.clevertap.com/docs/imports-via-sftp for operators and multi-value lists, read 2026-11; documented.
    Categories (`category-unsubscribe`): rudderlabs/rudder-transformer; observed.
    """
    if isinstance(value, list):
        return all(isinstance(item, str | int | float) for item in value)
    return name.startswith("category-") or (bool(value) and all(key.startswith("$") for key in value))
