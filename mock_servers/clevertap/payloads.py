"""What things look like on the wire. The pages show the same values."""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

import msgspec

from .events import Event, EventCount
from .exports import EventQuery, local_time, write_cursor
from .profiles import Profile
from .records import Outcome

PLATFORM = "Web"
"""The platform of a profile that only the API knows. Assumed."""


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
    profile_data: dict[str, Any]
    system_profile_data: dict[str, Any]
    events: dict[str, EventCountView]
    platform_info: list[dict[str, str]]


def upload_answer(outcomes: Sequence[Outcome]) -> UploadAnswer:
    """HTTP 200 whatever became of the records: `success`, `partial` or `fail`, and the unprocessed ones with reasons.

    Source: recorded traffic of tradeo/clevertap-ruby for the members and their order; observed. An empty upload is a
    success, and the record is given back as it was sent: assumed.
    """
    unprocessed: list[Unprocessed] = [
        {
            "status": "fail",
            "code": outcome.problem.code,
            "error": outcome.problem.message(outcome.number),
            "record": outcome.record,
        }
        for outcome in outcomes
        if outcome.problem is not None
    ]
    processed = len(outcomes) - len(unprocessed)
    status = "success" if not unprocessed else "partial" if processed else "fail"
    return {"status": status, "processed": processed, "unprocessed": unprocessed}


def profile_answer(found: tuple[Profile, Iterable[EventCount]] | None) -> dict[str, Any]:
    """The answer to a look-up; for an unknown user `record` is null. Source: three clients rely on it; observed."""
    return {"status": "success", "record": None if found is None else profile_view(*found)}


def cursor_answer(query: EventQuery) -> dict[str, Any]:
    """The answer to a query: where its first page is.

    Source: developer.clevertap.com/docs/get-events-api; documented.
    """
    return {"status": "success", "cursor": write_cursor(query)}


def events_page(page: Iterable[tuple[Event, Profile, Iterable[EventCount]]], rest: EventQuery | None) -> dict[str, Any]:
    """A page of events; without `next_cursor` it is the last, and never has it a `cursor`.

    Source: developer.clevertap.com/docs/get-events-api, documented; recorded answers in smpladmin/apperture, observed.
    """
    records = [
        {
            "profile": _exported_profile(profile, counts),
            "ts": local_time(event.ts),
            "event_props": {**event.properties, "CT Source": event.source},
            "session_props": {},
        }
        for event, profile, counts in page
    ]
    following = {} if rest is None else {"next_cursor": write_cursor(rest)}
    return {"status": "success", **following, "records": records}


def _exported_profile(profile: Profile, counts: Iterable[EventCount]) -> dict[str, Any]:
    known = {"identity": profile.identity, "email": profile.email, "name": profile.name, "phone": profile.phone}
    return {
        "objectId": profile.object_ids[0],
        "platform": PLATFORM,
        **{member: value for member, value in known.items() if value is not None},
        "profileData": profile.custom_properties,
        "events": _counts(counts),
    }


def _counts(counts: Iterable[EventCount]) -> dict[str, EventCountView]:
    return {
        count.name: {"count": count.count, "first_seen": count.first_seen, "last_seen": count.last_seen}
        for count in counts
    }


def profile_view(profile: Profile, counts: Iterable[EventCount] = ()) -> ProfileView:
    """A profile as profile.json shows it: name, identity, e-mail and phone at the top, custom properties apart.

    Source: developer.clevertap.com/docs/get-user-profiles-api, 2026-07-03; documented. `all_identities` is documented
    for the webhook only, and `systemProfileData` too: assumed here.
    """
    return ProfileView(
        identity=profile.identity,
        all_identities=profile.all_identities,
        name=profile.name,
        email=profile.email,
        phone=profile.phone,
        profile_data=profile.custom_properties,
        system_profile_data=profile.system_properties,
        events=_counts(counts),
        platform_info=[{"platform": PLATFORM, "objectId": object_id} for object_id in profile.object_ids],
    )


def event_view(event: Event, profile: Profile) -> dict[str, Any]:
    """An event with who did it; `CT Source` is among what CleverTap shows of it. `ts` in epoch seconds."""
    return {
        "name": event.name,
        "ts": event.ts,
        "source": event.source,
        "event_props": dict(event.properties),
        "profile": profile_view(profile),
    }
