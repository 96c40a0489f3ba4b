"""What things look like on the wire. The pages show the same values."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any, TypedDict

import msgspec

from ..rig.clock import from_milliseconds
from . import campaigns
from .batches import Batch
from .campaign_storage import Dispatch
from .campaigns import Campaign
from .events import Event, EventCount
from .exports import Export, local_time, write_cursor
from .log_storage import ErrorEntry, UploadEntry
from .profiles import SHOWN_APART, Found, Profile
from .properties import SYSTEM
from .subscriptions import CHANNELS, WISHES, is_off, told
from .tokens import platform_of, push_token


class Unprocessed(TypedDict):
    """Why one record was not processed."""

    status: str
    code: int
    error: str
    record: object


class UploadAnswer(TypedDict):
    """What became of an upload."""

    status: str
    processed: int
    unprocessed: list[Unprocessed]


class EventCountView(TypedDict):
    """How often, and when first and last, in epoch seconds."""

    count: int
    first_seen: int
    last_seen: int


class ProfileView(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={
        "profile_data": "profileData",
        "system_profile_data": "systemProfileData",
        "platform_info": "platformInfo",
    },
):
    """The `record` of profile.json; a member that is None is absent there."""

    identity: str | None = None
    all_identities: tuple[str, ...]
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    profile_data: dict[str, Any] | None = None
    system_profile_data: dict[str, Any]
    events: dict[str, EventCountView] | None = None
    platform_info: list[dict[str, str]] | None = None


def upload_answer(batch: Batch) -> UploadAnswer:
    """HTTP 200 whatever became of the records: `success`, `partial` or `fail`, and the unprocessed ones with reasons.

    Source: recorded traffic of tradeo/clevertap-ruby for the members and their order; observed. The record is given
    back as it was sent: assumed.
    """
    unprocessed: list[Unprocessed] = [
        {"status": "fail", "code": problem.code, "error": problem.message(number), "record": record}
        for number, record, problem in batch.refused
    ]
    return {"status": batch.status, "processed": batch.processed, "unprocessed": unprocessed}


def success() -> dict[str, str]:
    """The answer to a call that says nothing but that it was done. Source: the npm package clevertap; observed."""
    return {"status": "success"}


def profile_answer(found: Found | None, now: int) -> dict[str, Any]:
    """The answer to a look-up; for an unknown user `record` is null. Source: three clients rely on it; observed."""
    return {"status": "success", "record": None if found is None else profile_view(found, now)}


def cursor_answer(export: Export) -> dict[str, Any]:
    """The answer to a query: where its first page is.

    Source: developer.clevertap.com/docs/get-events-api; documented.
    """
    return {"status": "success", "cursor": write_cursor(export)}


def profiles_page(page: Iterable[Found], export: Export, rest: Export | None, now: int) -> dict[str, Any]:
    """A page of users; without `next_cursor` it is the last, and never has it a `cursor`.

    Source: developer.clevertap.com/docs/get-user-profiles-api; documented. The npm package clevertap goes on while
    there is a `cursor`; observed.
    """
    records = [profile_view(found, now, export) for found in page]
    return {"status": "success", **_following(rest), "records": records}


def events_page(
    page: Iterable[tuple[Event, Found]], export: Export, rest: Export | None, zone: tzinfo
) -> dict[str, Any]:
    """A page of events; without `next_cursor` it is the last, and never has it a `cursor`.

    Source: developer.clevertap.com/docs/get-events-api, documented; recorded answers in smpladmin/apperture, observed.
    """
    records = [
        {
            "profile": _exported_profile(found, export),
            "ts": local_time(event.ts, zone),
            "event_props": event.told,
            "session_props": {},
        }
        for event, found in page
    ]
    return {"status": "success", **_following(rest), "records": records}


def count_answer(result: int | str) -> dict[str, Any]:
    """A count, or the `req_id` to ask again with. Source: docs/get-profile-count-api; documented."""
    if isinstance(result, str):
        return {"status": "partial", "req_id": int(result)}
    return {"status": "success", "count": result}


def _following(rest: Export | None) -> dict[str, str]:
    return {} if rest is None else {"next_cursor": write_cursor(rest)}


def _exported_profile(found: Found, export: Export) -> dict[str, Any]:
    profile = found.profile
    known = {"identity": profile.identity, "email": profile.email, "name": profile.name, "phone": profile.phone}
    return {
        **_device(profile, profile.object_ids[0], with_token=export.app),
        **{member: value for member, value in known.items() if value is not None},
        **({"profileData": profile.custom_properties} if export.profile else {}),
        **({"events": _counts(found.counts)} if export.events else {}),
    }


def _device(profile: Profile, object_id: str, *, with_token: bool = True) -> dict[str, str]:
    """A device. Source: samples of the documentation; documented. `push_token` is in a recorded answer; observed."""
    token = profile.tokens.get(object_id)
    shown = {"push_token": push_token(token)} if token is not None and with_token else {}
    return {"platform": platform_of(object_id), **shown, "objectId": object_id}


def _counts(counts: Iterable[EventCount]) -> dict[str, EventCountView]:
    return {
        count.name: {"count": count.count, "first_seen": count.first_seen, "last_seen": count.last_seen}
        for count in counts
    }


def system_view(found: Found, now: int) -> dict[str, Any]:
    """What CleverTap knows of a user by name, the age from the date of birth and unsubscribed addresses with it.

    `now` in epoch seconds. Source: Age is computed from DOB; documented. The rest is assumed.
    """
    return {name: value for name, value in told(found, now).items() if name in SYSTEM and name not in SHOWN_APART}


def profile_view(found: Found, now: int, export: Export | None = None) -> ProfileView:
    """A profile as profile.json shows it: name, identity, e-mail and phone at the top, custom properties apart.

    An export may leave out the custom properties, the events and the devices. Source:
    developer.clevertap.com/docs/get-user-profiles-api, 2026-07-03; documented. `all_identities` is documented for the
    webhook only, and `systemProfileData` too: assumed here.
    """
    profile = found.profile
    return ProfileView(
        identity=profile.identity,
        all_identities=profile.all_identities,
        name=profile.name,
        email=profile.email,
        phone=profile.phone,
        profile_data=profile.custom_properties if export is None or export.profile else None,
        system_profile_data=system_view(found, now),
        events=_counts(found.counts) if export is None or export.events else None,
        platform_info=[_device(profile, object_id) for object_id in profile.object_ids]
        if export is None or export.app
        else None,
    )


def event_view(event: Event, found: Found, now: int) -> dict[str, Any]:
    """An event with who did it; `CT Source` is among what CleverTap shows of it. `ts` in epoch seconds."""
    return {
        "name": event.name,
        "ts": event.ts,
        "source": event.source,
        "event_props": dict(event.properties),
        "profile": profile_view(found, now),
    }


def webhook_body(campaign: Campaign, found: Found, dispatch: Dispatch, now: int) -> dict[str, Any]:
    """What the webhook of a campaign is sent; `now` in epoch seconds. Source: see `campaigns.webhook_body`."""
    profile = found.profile
    properties = profile.properties
    off = [channel for channel in CHANNELS if is_off(channel, properties, found.blocked)]
    token = next(iter(profile.tokens.values()), None)
    return campaigns.webhook_body(
        campaign,
        object_id=profile.object_ids[0],
        identity=profile.identity,
        all_identities=profile.all_identities,
        email=profile.email,
        phone=profile.phone,
        name=profile.name,
        system_properties={**properties, **{WISHES[channel]: False for channel in off}},
        custom_properties=profile.custom_properties,
        event_properties=dispatch.event_properties,
        source=dispatch.source,
        age=campaigns.age_in_words(properties, now),
        push_token=None if token is None else push_token(token),
    )


def campaign_view(campaign: Campaign, url: str | None) -> dict[str, Any]:
    """A campaign as the rig's controls show it, without its password; `url` as it is called now."""
    shown = msgspec.to_builtins(campaign)
    has_password = shown.pop("basic_auth_password") is not None
    return {**shown, "url": url, "has_basic_auth_password": has_password}


def dispatch_view(id: int, dispatch: Dispatch) -> dict[str, Any]:
    """An entry of the outbox as the rig's controls show it."""
    shown = msgspec.to_builtins(dispatch)
    attempts = [{"at": moment(attempt.at), "status": attempt.status} for attempt in dispatch.attempts]
    due_at = None if dispatch.due_at is None else moment(dispatch.due_at)
    return {"id": id, **shown, "at": moment(dispatch.at), "due_at": due_at, "attempts": attempts}


def upload_view(id: int, entry: UploadEntry) -> dict[str, Any]:
    """An entry of the upload log as the rig's controls show it."""
    return {"id": id, **msgspec.to_builtins(entry), "at": moment(entry.at)}


def error_view(id: int, entry: ErrorEntry) -> dict[str, Any]:
    """An entry of the error stream as the rig's controls show it."""
    return {"id": id, **msgspec.to_builtins(entry), "at": moment(entry.at)}


def moment(milliseconds: int) -> str:
    """A time as the rig's controls show it."""
    return from_milliseconds(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
