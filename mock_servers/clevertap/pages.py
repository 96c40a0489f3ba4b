"""What a person looks at in the browser, as in the real dashboard: users, events, and what became of uploads.

Nothing is changed here, and no secret is shown. A page is a function of the emulator and the chosen account:
`?account=` chooses it, `?before=` (or `after`) goes on in a list.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ..rig.clock import from_milliseconds
from ..rig.exchange import ApiError
from . import payloads, wording
from .accounts import Account
from .emulator import CleverTap
from .event_storage import MOST_COUNTED
from .events import Event
from .profiles import Found

NEWEST = 10
"""Profiles, and events, on the first page."""
ROWS = 20
UPLOADS = 10
"""Uploads on one page; each may have a hundred records."""
NAMES = 50
"""Names of events on one page."""
LONGEST_SHOWN = 4_000
"""Characters of a body, a record or the properties of an event; all of it is in the JSON."""

T = TypeVar("T")


def overview(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """An account's newest profiles, events and uploads; the two lists page on by `profiles_before`, `events_before`."""
    reader, now = clevertap.reader, clevertap.now()
    profiles, older_profiles = _part(
        reader.newest_profiles(account, before=_cursor("profiles_before"), limit=NEWEST + 1), NEWEST, _profile_cursor
    )
    events, older_events = _part(
        reader.newest_events(account, before=_place("events_before"), limit=NEWEST + 1), NEWEST, _event_cursor
    )
    names, properties = reader.count_names(account)
    return _page(
        clevertap,
        account,
        "overview.html",
        f"Account {account.id}",
        profile_count=reader.count_profiles(account),
        name_count=names,
        property_count=properties,
        profiles=[(found.profile, payloads.profile_view(found, now)) for found in profiles],
        older_profiles=older_profiles,
        events=[payloads.event_view(event, found, now) for event, found in events],
        older_events=older_events,
        uploads=reader.uploads(account, None, 5),
    )


def people(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """Whom `?q=` leads to: one profile is shown at once, several are listed. Without it, the newest profiles."""
    asked = request.args.get("q", "").strip()
    if asked:
        found: Sequence[Found] = clevertap.reader.search(account, asked, ROWS)
        older = None
        if len(found) == 1:
            return redirect(link("/profile", account, object_id=found[0].profile.object_ids[0]))
    else:
        found, older = _part(
            clevertap.reader.newest_profiles(account, before=_cursor("before"), limit=ROWS + 1), ROWS, _profile_cursor
        )
    now = clevertap.now()
    profiles = [(each.profile, payloads.profile_view(each, now)) for each in found]
    return _page(clevertap, account, "people.html", "Find people", asked=asked, profiles=profiles, older=older)


def profile(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """All that is known of the user with the CleverTap ID `?object_id=`."""
    object_id = request.args.get("object_id", "").strip()
    found = clevertap.reader.find_profile(account, object_id=object_id) if object_id else None
    if found is None:
        reason = (
            f"No profile has the CleverTap ID {object_id}: there never was one, or the user was deleted."
            if object_id
            else "Say which profile: ?object_id=<CleverTap ID>."
        )
        raise ApiError(404, "not_found", reason)
    return _page(clevertap, account, "profile.html", _title_of(found), **_portrait(clevertap, account, found))


def _title_of(found: Found) -> str:
    known = found.profile
    return str(known.name or known.identity or known.email or known.object_ids[0])


def _portrait(clevertap: CleverTap, account: Account, found: Found) -> dict[str, Any]:
    before = _place("before")
    events, older = _part(clevertap.reader.events_of(account, found, before=before, limit=ROWS + 1), ROWS, _place_of)
    known = found.profile
    system = {
        **{name: value for name in ("Name", "Email", "Phone") if (value := known.properties.get(name)) is not None},
        **payloads.system_view(found, clevertap.now()),
    }
    return {
        "profile": known,
        "view": payloads.profile_view(found, clevertap.now()),
        "type": wording.profile_type(found),
        "sharing": clevertap.reader.sharing_email(account, known),
        "identifiers": wording.identifiers(known, account.settings.identity_fields),
        "silences": wording.silences(found),
        "properties": {
            "System properties": wording.listed(system),
            "Custom properties": wording.listed(known.custom_properties),
        },
        "counts": found.counts,
        "events": [{"ts": e.ts, "name": e.name, "source": e.source, "event_props": e.properties} for e in events],
        "older": older,
        "debug_events": list(reversed(clevertap.reader.debug_events(known))),
    }


def events(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """The names of events with their numbers; of one `?name=`, its newest occurrences."""
    name = request.args.get("name")
    if name is None:
        after = request.args.get("after", "")
        tallies, further = _part(
            clevertap.reader.tallies(account, after=after, limit=NAMES + 1), NAMES, lambda tally: tally.name
        )
        return _page(clevertap, account, "events.html", "Events", tallies=tallies, further=further, is_start=not after)
    tally = clevertap.reader.tally(account, name)
    if tally is None:
        raise ApiError(404, "not_found", f"Account {account.id} never saw an event of the name {name}.")
    found, older = _part(
        clevertap.reader.newest_events(account, name=name, before=_place("before"), limit=ROWS + 1),
        ROWS,
        _event_cursor,
    )
    now = clevertap.now()
    shown = [payloads.event_view(event, who, now) for event, who in found]
    return _page(clevertap, account, "event.html", f"Event: {name}", tally=tally, events=shown, older=older)


def uploads(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """The upload log, newest first."""
    entries, older = _part(clevertap.reader.uploads(account, _cursor("before"), UPLOADS + 1), UPLOADS, _entry_cursor)
    return _page(clevertap, account, "uploads.html", "Uploads", uploads=entries, older=older)


def errors(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """The error stream, newest first."""
    entries, older = _part(clevertap.reader.errors(account, _cursor("before"), ROWS + 1), ROWS, _entry_cursor)
    return _page(clevertap, account, "errors.html", "Error stream", entries=entries, older=older)


def campaigns(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """The campaigns with their rules in words, and their outbox, newest first."""
    campaigning = clevertap.campaigning
    outbox, older = _part(campaigning.outbox(account, _cursor("before"), ROWS + 1), ROWS, _entry_cursor)
    shown = [
        {
            "id": campaign.id,
            "name": campaign.name,
            "is_enabled": campaign.is_enabled,
            "rules": wording.campaign_rules(campaign, campaigning.address_of(campaign)),
            "body": campaign.body,
        }
        for campaign in campaigning.all(account)
    ]
    return _page(clevertap, account, "campaigns.html", "Campaigns", campaigns=shown, outbox=outbox, older=older)


def settings(clevertap: CleverTap, account: Account) -> ResponseReturnValue:
    """Settings with their meaning, passcodes without their values, calls at once."""
    return _page(
        clevertap,
        account,
        "settings.html",
        "Settings",
        settings=wording.settings_told(account.settings),
        passcodes=clevertap.list_passcodes(account.id),
        most_at_once=clevertap.concurrency.most_at_once(account),
    )


NAVIGATION = {
    "/": "Overview",
    "/people": "Find people",
    "/events": "Events",
    "/uploads": "Uploads",
    "/errors": "Errors",
    "/campaigns": "Campaigns",
    "/settings": "Settings",
}

PAGES: dict[str, Callable[[CleverTap, Account], ResponseReturnValue]] = {
    "/": overview,
    "/people": people,
    "/profile": profile,
    "/events": events,
    "/uploads": uploads,
    "/errors": errors,
    "/campaigns": campaigns,
    "/settings": settings,
}


def add_pages(app: Flask, clevertap: CleverTap) -> None:
    """Give the app its pages."""
    app.jinja_env.filters.update(
        as_json=_as_json, moment=_moment, beginning=_beginning, counted=_counted, date_in=wording.date_in
    )
    app.jinja_env.globals.update(link=link, navigation=NAVIGATION, request_url=lambda: request.host_url)
    for path, page in PAGES.items():
        app.add_url_rule(path, path, partial(_show, clevertap, page), methods=["GET"])
    app.register_error_handler(ApiError, partial(_refuse, clevertap))


def link(path: str, account: Account, **query: object) -> str:
    """The address of a page of an account."""
    return f"{path}?{urlencode({'account': account.id, **query})}"


def _show(clevertap: CleverTap, page: Callable[[CleverTap, Account], ResponseReturnValue]) -> ResponseReturnValue:
    return page(clevertap, _chosen(clevertap))


def _chosen(clevertap: CleverTap) -> Account:
    """The account that the address names, or the first. Raises a 404."""
    if "account" in request.args:
        return clevertap.account(request.args["account"])
    return clevertap.accounts(1)[0]


def _page(clevertap: CleverTap, account: Account, template: str, title: str, **shown: object) -> str:
    """One page; `here` is its place in the navigation, where a profile belongs to the people."""
    here = request.path if request.path in NAVIGATION else "/people"
    return render_template(template, title=title, here=here, account=account, accounts=clevertap.accounts(), **shown)


def _refuse(clevertap: CleverTap, problem: ApiError) -> ResponseReturnValue:
    """A page that says why there is none."""
    try:
        account = _chosen(clevertap)
    except ApiError:
        account = clevertap.accounts(1)[0]
    page = _page(clevertap, account, "refused.html", "There is no such page", message=problem.message)
    return page, problem.status


# Lists and their cursors


def _part(found: Sequence[T], size: int, cursor_of: Callable[[T], object]) -> tuple[Sequence[T], Any]:
    """So many of a list that was read one longer, and the cursor of the last if there are more."""
    return (found[:size], cursor_of(found[size - 1])) if len(found) > size else (found, None)


def _profile_cursor(found: Found) -> int:
    return found.profile.id


def _event_cursor(found: tuple[Event, Found]) -> str:
    return _place_of(found[0])


def _place_of(event: Event) -> str:
    return f"{event.ts}-{event.id}"


def _entry_cursor(entry: tuple[int, Any]) -> int:
    return entry[0]


def _cursor(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _place(name: str) -> tuple[int, int] | None:
    ts, _, id = request.args.get(name, "").partition("-")
    both = [int(text) for text in (ts, id) if text.isascii() and text.isdigit() and len(text) < 19]
    return (both[0], both[1]) if len(both) == 2 else None


# How values are shown


def _as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _moment(milliseconds: int) -> str:
    return from_milliseconds(milliseconds).isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")


def _beginning(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(text):,} characters in all)"


def _counted(number: int) -> str:
    return f"{number:,}" if number <= MOST_COUNTED else f"more than {MOST_COUNTED:,}"
