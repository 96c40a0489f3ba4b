"""Why is a record not processed, and what was changed in one that is? Codes and texts, and nothing else.

The texts keep the vendor's uneven spacing: some end in a space before "Skipped record number", some do not. A text
marked *observed* was captured from a real answer or quoted by a client; the others follow the same two patterns.

Source of the codes: developer.clevertap.com/docs/api-errors, read 2026-11; documented.
"""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason. `text` is all that stands before the record's number."""

    code: int
    text: str

    def message(self, number: int) -> str:
        """The vendor's whole sentence; `number` is the record's position in the upload, counted from 1.

        Source: recorded traffic of tradeo/clevertap-ruby, 2018; observed.
        """
        return f"{self.text}Skipped record number : {number}"


class Remark(NamedTuple):
    """Something that was cut, changed or left out of a record that was processed: an entry of the error stream.

    The API's answer does not speak of it. Source: docs.clevertap.com/docs/error-stream names "dropped" and "maximum
    characters exceeded"; documented. That uploads are treated so, and all words: assumed.
    """

    kind: str
    text: str


EVENT_NAME_MISSING = Problem(509, "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. ")  # observed
EVENT_STRUCTURE = Problem(512, "Event data is incorrect. ErrorCode: 512 - Invalid event structure. ")  # assumed
EVENT_RESTRICTED = Problem(
    513, "Event Name is incorrect. ErrorCode: 513 - Trying to raise a restricted system event. "
)  # observed
GENDER = Problem(514, "Profile data is incorrect. Gender needs to be M/F.")  # assumed
EMAIL = Problem(515, "Profile data is incorrect. Email is not valid.")  # observed
PHONE = Problem(516, "Profile data is incorrect. Phone number is not valid.")  # observed
EMPLOYED = Problem(517, "Profile data is incorrect. Employed needs to be Y/N.")  # observed
EDUCATION = Problem(
    518, "Profile data is incorrect. Education needs to be School/College/Graduate.."
)  # observed, both dots
MARRIED = Problem(519, "Profile data is incorrect. Married needs to be Y/N.")  # observed
AGE = Problem(520, "Profile data is incorrect. Age is invalid.")  # observed
EVENT_PROPERTIES = Problem(
    522, "Event data is incorrect. ErrorCode: 522 - Event properties limit exceeded. "
)  # assumed
IDENTITY_MISSING = Problem(
    523, "Identity is missing. Atleast one of identity/FBID/GPID/objectId is mandatory. "
)  # assumed
RECORD_TYPE = Problem(524, "Record type should be event or profile. ")  # assumed
TIMESTAMP = Problem(525, "Timestamp should be present in the Unix Epoch format. ")  # observed
OBJECT_ID = Problem(526, "objectId is not valid. ")  # assumed
EVENT_DISCARDED = Problem(528, "Event Name is incorrect. ErrorCode: 528 - Discarded event is raised. ")  # assumed
TOKEN_OBJECT_ID = Problem(530, "Token data is incorrect. ErrorCode: 530 - objectId is not valid. ")  # assumed
TOKEN_DATA = Problem(531, "Token data is incorrect. ErrorCode: 531 - Invalid token data. ")  # assumed
TOKEN_ID = Problem(532, "Token data is incorrect. ErrorCode: 532 - Token id is mandatory. ")  # assumed
TOKEN_TYPE_MISSING = Problem(533, "Token data is incorrect. ErrorCode: 533 - Token type is mandatory. ")  # assumed
TOKEN_TYPE = Problem(534, "Token data is incorrect. ErrorCode: 534 - Token type is not valid for objectId. ")  # assumed
TOKEN_KEYS = Problem(535, "Token data is incorrect. ErrorCode: 535 - Token keys are not valid. ")  # assumed
PHONE_TYPE = Problem(524, "Type should be phone. ")  # assumed
CHANNEL_TYPE = Problem(524, "Type should be email, phone or whatsapp. ")  # assumed
SUBSCRIPTION_STATUS = Problem(555, "Status should be Unsubscribe or Resubscribe. ")  # assumed
MISCELLANEOUS = Problem(555, "Miscellaneous server error. ")  # assumed
