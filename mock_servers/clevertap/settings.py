"""What can be set for one account: how strict it is, what its limits are, which fields identify a user.

The defaults are what CleverTap documents, or where it documents nothing, the strictest reading.
"""

import functools
from collections.abc import Mapping
from datetime import tzinfo
from typing import Annotated, Any, Literal

import msgspec

from .texts import clean_event_name

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
IdentityField = Literal["identity", "email", "phone"]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one account, as they are stored and as the rig's controls take and give them."""

    lenient: bool = False
    """Take what a strict account refuses: booleans for Employed and Married, `ts` in milliseconds. Ours."""
    enforce_limits: bool = False
    """Answer 429 to more calls at once than the account may make. Calls are counted either way."""
    upload_concurrency: Count = 15
    """Source: developer.clevertap.com/docs/api-request-limit, 2026-03-17; documented."""
    other_concurrency: Count = 3
    """For each other API on its own. Source: as above; documented."""
    nested_objects: bool = False
    """The public beta. Source: docs.clevertap.com/docs/nested-objects; documented. Off unless asked for: assumed."""
    identity_fields: Annotated[tuple[IdentityField, ...], msgspec.Meta(min_length=1, max_length=3)] = (
        "identity",
        "email",
    )
    """By which values a user is found. Source: the project's settings; documented. The default is assumed."""
    event_properties: Annotated[int, msgspec.Meta(ge=1, le=256)] = 100
    """Properties of one event. Source: developer.clevertap.com/docs/upload-events-api, 2026-06-30; documented."""
    event_types: Annotated[int, msgspec.Meta(ge=1, le=512)] = 512
    """Names of events. Source: docs.clevertap.com/docs/platform-considerations; documented."""
    profile_properties: Annotated[int, msgspec.Meta(ge=1, le=256)] = 256
    """Names of custom profile properties. Source: as above; documented."""
    discarded_events: Annotated[tuple[str, ...], msgspec.Meta(max_length=512)] = ()
    """Events that were switched off in the dashboard: uploading one is a 528. Source: docs/api-errors; documented."""
    time_zone: str = "UTC"
    """An IANA name; days and times of exports are in it. Source: docs/get-events-api; documented."""
    counts_ready_after: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    """How many times a count is asked for before it is there; until then it is `partial`. Ours."""
    webhook_timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 5.0
    """Source: developer.clevertap.com/docs/webhooks; documented, with another value elsewhere."""
    webhook_retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 2
    """Source: as above."""

    @property
    def zone(self) -> tzinfo:
        """The time zone."""
        from zoneinfo import ZoneInfo  # when the first export asks for it: it costs at the start

        return ZoneInfo(self.time_zone)


DEFAULT = Settings()


class WrongSettingError(ValueError):
    """A wish that cannot be: `path` names it, the message says what would be right."""

    def __init__(self, path: str, message: str):
        super().__init__(message)
        self.path = path


def changed(settings: Settings, wishes: Mapping[str, Any]) -> Settings:
    """The settings with other values for some of them. Raises `WrongSettingError` for the first wish that is wrong."""
    settings = _converted({**msgspec.to_builtins(settings), **wishes})
    stored = (clean_event_name(name, []) for name in settings.discarded_events)  # names are compared as they are stored
    settings = msgspec.structs.replace(settings, discarded_events=tuple(dict.fromkeys(filter(None, stored))))
    if len(set(settings.identity_fields)) < len(settings.identity_fields):
        raise WrongSettingError("identity_fields", "Each field may stand there once.")
    if settings.time_zone not in _time_zones():
        message = f"There is no time zone {settings.time_zone!r}; give a name such as Europe/Berlin."
        raise WrongSettingError("time_zone", message)
    return settings


@functools.cache
def _time_zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - {"localtime", "Factory"})  # these differ from machine to machine


def _converted(values: Mapping[str, Any]) -> Settings:
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as problem:
        text, _, place = str(problem).partition(" - at `$.")
        name = place.rstrip("`").partition("[")[0].partition(".")[0]
        unknown = "unknown field `"
        if unknown in text:
            name = text.partition(unknown)[2].rstrip("`")
            text = f"There is no such setting; there are {', '.join(Settings.__struct_fields__)}"
        raise WrongSettingError(name, f"{text}.") from None
