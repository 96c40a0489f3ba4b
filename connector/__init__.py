"""A CleverTap connector: send profiles and events, as a library or as an app that a Zapier-like runtime runs.

Against the real service, without anything else of this project:

    from connector import CleverTapClient, Credentials, build_profile_record

    credentials = Credentials(account_id="ABC-123-4567", passcode="...", region="eu1")
    record = build_profile_record({"identity": "ada@example.com", "profile_properties": '{"Name": "Ada"}'})
    result = CleverTapClient(credentials).upload([record])
    result.raise_for_unprocessed()
"""

from typing import TYPE_CHECKING, Any

from .app import APP, make_app
from .credentials import DEFAULT_BASE_URL, REGIONS, Credentials
from .definition import (
    Action,
    App,
    Authentication,
    Bundle,
    InputField,
    Meta,
    OAuth2,
    OutputField,
    Record,
    RestHook,
    Trigger,
)
from .errors import (
    AuthenticationError,
    ConnectorError,
    InputError,
    RecordRejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from .event import build_event_record
from .profile import build_profile_record

if TYPE_CHECKING:
    from .client import CleverTapClient, UnprocessedRecord, UploadResult

__all__ = [
    "APP",
    "DEFAULT_BASE_URL",
    "REGIONS",
    "Action",
    "App",
    "Authentication",
    "AuthenticationError",
    "Bundle",
    "CleverTapClient",
    "ConnectorError",
    "Credentials",
    "InputError",
    "InputField",
    "Meta",
    "OAuth2",
    "OutputField",
    "Record",
    "RecordRejectedError",
    "RestHook",
    "ThrottledError",
    "Trigger",
    "UnexpectedAnswerError",
    "UnprocessedRecord",
    "UnreachableError",
    "UploadResult",
    "build_event_record",
    "build_profile_record",
    "make_app",
]


def __getattr__(name: str) -> Any:
    """The client's names on first use: with it comes requests, which an app that is only described does not need."""
    if name in {"CleverTapClient", "UnprocessedRecord", "UploadResult"}:
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
