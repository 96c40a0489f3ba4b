"""The action "Upload Event": its form, the record it makes, and sending it.

Labels and meaning: docs.clevertap.com/docs/pipedrive-via-zapier, read 2026-11; documented. Keys, help texts and which
fields are required: assumed.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .credentials import DEFAULT_BASE_URL
from .definition import Action, Bundle, InputField, OutputField, Record
from .errors import InputError
from .records import EITHER_OF, OBJECT_ID_FIELD, OUTPUT_FIELDS, SAMPLE, send_record, start_record
from .values import clean_text, parse_properties, property_values

if TYPE_CHECKING:
    import requests

PURCHASE = "Charged"
"""The predefined event of a purchase, the only one that may hold a list.

Source: docs.clevertap.com/docs/events; documented.
"""

FIELDS = (
    InputField(
        key="identity",
        label="User ID",
        help_text=(
            "Identity: user id, e-mail or any unique field of the user. An unknown user is created. "
            "May stay blank if Object ID is given."
        ),
    ),
    OBJECT_ID_FIELD,
    InputField(
        key="creation_date",
        label="Creation Date",
        help_text="When the event happened, in UTC, for example 2018-03-05T15:16:00Z. Blank means now.",
    ),
    InputField(
        key="event_name",
        label="Event Name",
        help_text="Choose a predefined event, or type or map the name of your own.",
        required=True,
        choices={PURCHASE: PURCHASE},
    ),
    InputField(
        key="event_properties",
        label="Event Properties",
        help_text='What is known about the event, as JSON, for example {"Stage": "Won", "Value": 1200.5}.',
        type="text",
    ),
)


def make_action(*, base_url: str = DEFAULT_BASE_URL) -> Action:
    """The action, for the CleverTap that answers at `base_url`."""
    return Action(
        key="upload_event",
        noun="Event",
        label="Upload Event",
        description="Uploads an event that a user caused.",
        input_fields=FIELDS,
        perform=partial(perform, base_url=base_url),
        sample={**SAMPLE, "event_name": "Deal Stage Changed"},
        output_fields=(*OUTPUT_FIELDS, OutputField(key="event_name", label="Event Name")),
        either_of=EITHER_OF,
    )


def build_event_record(input_data: Mapping[str, Any]) -> Record:
    """Which upload record do these form values make? Raises InputError naming the field that stands in the way."""
    record = start_record("event", input_data, identity_label="User ID")
    name = clean_text(input_data.get("event_name"), "event_name")
    if name is None:
        raise InputError("event_name", "Event Name is blank; choose Charged or type a name of your own")
    properties = parse_properties(input_data.get("event_properties"), "event_properties")
    return {**record, "evtName": name, "evtData": property_values(properties, keep=_stays_nested_in(name))}


def perform(session: "requests.Session", bundle: Bundle, *, base_url: str = DEFAULT_BASE_URL) -> Record:
    """Uploads the event; the result is that of a profile and `event_name`."""
    record = build_event_record(bundle.input_data)
    return {**send_record(session, bundle, record, base_url=base_url), "event_name": record["evtName"]}


def _stays_nested_in(event_name: str) -> Callable[[str, Any], bool]:
    """Event data is flat, but for the list `Items` of a purchase. Source: docs/upload-events-api; documented."""
    return lambda name, value: event_name == PURCHASE and name == "Items" and isinstance(value, list)
