"""What both actions share: whom a record is about, from when it is, and what becomes of it.

A record is one item of CleverTap's upload list, in the vendor's spelling: `objectId`, `ts`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .authentication import connect
from .dates import parse_date
from .definition import Bundle, InputField, OutputField, Record
from .errors import InputError, UnexpectedAnswerError
from .values import clean_identity, clean_object_id

if TYPE_CHECKING:
    import requests

OBJECT_ID_FIELD = InputField(
    key="object_id",
    label="Object ID",
    help_text="CleverTap's own id of the user (CleverTap ID). May stay blank if the field above is given.",
)

EITHER_OF = (("identity", "object_id"),)
"""Source: docs.clevertap.com/docs/pipedrive-via-zapier, read 2026-11; documented."""

OUTPUT_FIELDS = (
    OutputField(key="id", label="ID"),
    OutputField(key="status", label="Status"),
    OutputField(key="processed", label="Processed Records", type="integer"),
    OutputField(key="identity", label="Identity"),
    OutputField(key="object_id", label="Object ID"),
    OutputField(key="ts", label="Timestamp (epoch seconds)", type="integer"),
)
"""What a step gives to later steps. The real app's is not public; assumed."""

SAMPLE: Record = {
    "id": "ada@example.com",
    "status": "success",
    "processed": 1,
    "identity": "ada@example.com",
    "object_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "ts": 1520263000,
}


def start_record(type: str, input_data: Mapping[str, Any], *, identity_label: str) -> Record:
    """The members that every record begins with: type, identity, objectId, ts; blank ones are left out.

    Raises InputError naming `identity` if neither it nor the Object ID is given. Source: the guide, step 5; documented.
    """
    identity = clean_identity(input_data.get("identity"), "identity")
    object_id = clean_object_id(input_data.get("object_id"), "object_id")
    if identity is None and object_id is None:
        reason = f"{identity_label} and {OBJECT_ID_FIELD.label} are both blank; give at least one of them"
        raise InputError("identity", reason)
    timestamp = parse_date(input_data.get("creation_date"), "creation_date")
    members = {"type": type, "identity": identity, "objectId": object_id, "ts": timestamp}
    return {name: value for name, value in members.items() if value is not None}


def send_record(session: "requests.Session", bundle: Bundle, record: Record, *, base_url: str) -> Record:
    """Uploads one record and tells what became of it, in the shape of `OUTPUT_FIELDS`; None for what was not given.

    Raises RecordRejectedError if CleverTap did not process it, UnexpectedAnswerError if the answer tells nothing of it,
    and what `CleverTapClient.upload` raises.
    """
    result = connect(session, bundle, base_url=base_url).upload([record])
    result.raise_for_unprocessed()
    if result.processed < 1:
        said = f'"status": "{result.status}", "processed": {result.processed}, "unprocessed": []'
        raise UnexpectedAnswerError(200, f"{said}, though one record was sent", "CleverTap")
    identity, object_id = record.get("identity"), record.get("objectId")
    return {
        "id": identity or object_id,
        "status": result.status,
        "processed": result.processed,
        "identity": identity,
        "object_id": object_id,
        "ts": record.get("ts"),
    }
