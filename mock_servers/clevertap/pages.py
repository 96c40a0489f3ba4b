"""What a person looks at in the browser: who was created or updated, and what they did. Nothing is changed here."""

import msgspec
from flask import Flask, abort, render_template, request

from ..rig.clock import from_milliseconds
from ..rig.exchange import ApiError
from . import payloads
from .emulator import CleverTap

ROWS = 20


def add_pages(app: Flask, clevertap: CleverTap) -> None:
    """Give the app its pages."""
    app.jinja_env.filters["as_json"] = _as_json
    app.jinja_env.filters["moment"] = _moment

    @app.get("/")
    def overview() -> str:
        """An account's newest profiles and events; `?account=` chooses the account, `…_before=` pages on."""
        accounts = clevertap.accounts()
        try:
            account = clevertap.account(request.args["account"]) if "account" in request.args else accounts[0]
        except ApiError as problem:
            abort(problem.status, problem.message)
        profiles = clevertap.reader.newest_profiles(account, before=_cursor("profiles_before"), limit=ROWS + 1)
        events = clevertap.reader.newest_events(account, before=_place("events_before"), limit=ROWS + 1)
        now = clevertap.now()
        return render_template(
            "overview.html",
            accounts=accounts,
            account=account,
            profiles=[(found.profile, payloads.profile_view(found, now)) for found in profiles[:ROWS]],
            older_profiles=profiles[ROWS - 1].profile.id if len(profiles) > ROWS else None,
            events=[payloads.event_view(event, found, now) for event, found in events[:ROWS]],
            older_events="{0.ts}-{0.id}".format(events[ROWS - 1][0]) if len(events) > ROWS else None,
        )


def _cursor(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _place(name: str) -> tuple[int, int] | None:
    ts, _, id = request.args.get(name, "").partition("-")
    both = [int(text) for text in (ts, id) if text.isascii() and text.isdigit() and len(text) < 19]
    return (both[0], both[1]) if len(both) == 2 else None


def _as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _moment(milliseconds: int) -> str:
    return from_milliseconds(milliseconds).isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")
