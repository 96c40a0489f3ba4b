"""A connection to a CleverTap account: the form a person fills, the test of it, and the client it gives.

The three values and the rules for them are in `credentials`.
"""

from functools import partial
from typing import TYPE_CHECKING

from .credentials import DEFAULT_BASE_URL, REGIONS, Credentials
from .definition import Authentication, Bundle, InputField, Record

if TYPE_CHECKING:
    import requests

    from .client import CleverTapClient

FIELDS = (
    InputField(
        key="account_id",
        label="Account ID",
        help_text="CleverTap dashboard, Settings > Project; also called Project ID.",
        required=True,
    ),
    InputField(
        key="passcode",
        label="Passcode",
        help_text="CleverTap dashboard, Settings > Project > Passcodes. Not the project token.",
        type="password",
        required=True,
    ),
    InputField(
        key="region",
        label="Region",
        help_text="The first part of your CleverTap dashboard's address, for example eu1.",
        required=True,
        choices={code: f"{place} ({code})" for code, place in REGIONS.items()},
    ),
)
"""Labels: docs.clevertap.com/docs/pipedrive-via-zapier, read 2026-11; documented. Keys and help texts: assumed."""

_TEST_RECORD = {"type": "profile", "identity": "zapier-connection-test", "profileData": {"Name": "Connection test"}}


def make_authentication(*, base_url: str = DEFAULT_BASE_URL) -> Authentication:
    """How a person connects an account of the CleverTap that answers at `base_url`."""
    return Authentication(
        type="custom",
        test=partial(check_connection, base_url=base_url),
        connection_label="{{account_id}} ({{region}})",
        fields=FIELDS,
    )


def connect(session: "requests.Session", bundle: Bundle, *, base_url: str = DEFAULT_BASE_URL) -> "CleverTapClient":
    """The client for the bundle's connection. Raises InputError if its values cannot be right."""
    from . import client  # with it comes requests, a third of what starting a rig takes

    return client.CleverTapClient(_credentials(bundle), session, base_url=base_url)


def check_connection(session: "requests.Session", bundle: Bundle, *, base_url: str = DEFAULT_BASE_URL) -> Record:
    """Does CleverTap know these credentials? Answers with the account id and region; AuthenticationError if not.

    Asks by a dry run of one record, which stores nothing; what becomes of the record does not matter. The partners'
    `GET /v1/connect` would do too, but its answer is not published. What the real app calls is not known; assumed.
    """
    credentials = _credentials(bundle)
    connect(session, bundle, base_url=base_url).upload([_TEST_RECORD], dry_run=True)
    return {"account_id": credentials.account_id, "region": credentials.region}


def _credentials(bundle: Bundle) -> Credentials:
    account_id, passcode, region = (str(bundle.auth_data.get(each.key) or "") for each in FIELDS)
    return Credentials(account_id, passcode, region)
