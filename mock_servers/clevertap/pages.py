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
        profiles = clevertap.newest_profiles(account, before=_cursor("profiles_before"), limit=ROWS + 1)
        events = clevertap.newest_events(account, before=_cursor("events_before"), limit=ROWS + 1)
        return render_template(
            "overview.html",
            accounts=accounts,
            account=account,
            profiles=[(profile, payloads.profile_view(profile)) for profile in profiles[:ROWS]],
            older_profiles=profiles[ROWS - 1].id if len(profiles) > ROWS else None,
            events=[payloads.event_view(event, profile) for event, profile in events[:ROWS]],
            older_events=events[ROWS - 1][0].id if len(events) > ROWS else None,
        )


def _cursor(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _moment(milliseconds: int) -> str:
    return from_milliseconds(milliseconds).isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")
