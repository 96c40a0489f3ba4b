"""OAuth sign-in: a user allows an app, the app turns the code into tokens and refreshes them."""

import sqlite3
from typing import Any

from ..rig.addresses import Addresses
from ..rig.clock import Clock
from ..rig.database import Database, next_number
from ..rig.ids import IdSource
from . import errors, oauth, storage
from .oauth import App, Code, Consent, Refusal, TokenRequest


class SignIn:
    """Codes and tokens of all companies."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource, addresses: Addresses):
        self._database = database
        self._clock = clock
        self._ids = ids
        self._addresses = addresses

    def find_app(self, client_id: str, redirect_uri: str) -> App | Refusal:
        """The app that asks for consent, or why it cannot. Source: facts/pipedrive.md 1.3 (documented)."""
        with self._database.read() as connection:
            app = storage.app(connection, client_id)
        if app is None:
            return oauth.WRONG_CLIENT
        return oauth.find_redirect_problem(redirect_uri, self._addresses.to_name(redirect_uri), app) or app

    def allow(self, company_id: int, user_id: int, client_id: str, redirect_uri: str, state: str | None) -> str:
        """The user allows the app: returns the address the browser goes to. The code in it lives five minutes.

        Raises `ApiError` if app or address are wrong.
        """
        app = self.find_app(client_id, redirect_uri)
        if isinstance(app, Refusal):
            raise errors.no_tokens(app)
        with self._database.write() as connection:
            text = self._ids.hex("pipedrive code", next_number(connection, "code"), 40)
            code = Code(app.client_id, company_id, user_id, self._clock.now() + oauth.CODE_LIFE)
            storage.CODES.insert(connection, {"code": text}, [code])
        return oauth.redirect_to(redirect_uri, state=state, code=text)

    def give_tokens(self, media_type: str, authorization: str, form: dict[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint. Raises `ApiError` with the documented refusal."""
        request = oauth.read_token_request(media_type, authorization, form)
        with self._database.write() as connection:
            found = request if isinstance(request, Refusal) else self._tokens(connection, request)
        if isinstance(found, Refusal):
            raise errors.no_tokens(found)
        return found

    def _tokens(self, connection: sqlite3.Connection, request: TokenRequest) -> dict[str, Any] | Refusal:
        app = storage.app(connection, request.client_id)
        if app is None or app.client_secret != request.client_secret:
            return oauth.WRONG_CLIENT
        if problem := oauth.find_grant_problem(request.form):
            return problem
        if request.form["grant_type"] == "refresh_token":
            return self._refresh(connection, app, request.form.get("refresh_token", ""))
        return self._exchange(connection, app, request.form.get("code", ""), request.form.get("redirect_uri", ""))

    def _exchange(
        self, connection: sqlite3.Connection, app: App, text: str, redirect_uri: str
    ) -> dict[str, Any] | Refusal:
        now = self._clock.now()
        code = storage.code(connection, text)
        problem = oauth.find_code_problem(code, app, now) or oauth.find_redirect_problem(
            redirect_uri, self._addresses.to_name(redirect_uri), app
        )
        if problem is not None or code is None:
            return problem or oauth.WRONG_CLIENT
        storage.forget_code(connection, text)
        number = next_number(connection, "token")
        refresh_token = f"{code.company_id}:{code.user_id}:{self._ids.hex('pipedrive refresh token', number, 40)}"
        consent = Consent(app.client_id, code.company_id, code.user_id, now)
        storage.CONSENTS.insert(connection, {"refresh_token": refresh_token}, [consent])
        return self._answer(connection, app, refresh_token)

    def _refresh(self, connection: sqlite3.Connection, app: App, refresh_token: str) -> dict[str, Any] | Refusal:
        """A new access token and the same refresh token. Source: facts/pipedrive.md 1.3, 9 (documented)."""
        now = self._clock.now()
        if problem := oauth.find_refresh_problem(storage.consent(connection, refresh_token), app, now):
            return problem
        storage.use_consent(connection, refresh_token, now)
        return self._answer(connection, app, refresh_token)

    def _answer(self, connection: sqlite3.Connection, app: App, refresh_token: str) -> dict[str, Any]:
        """Source: facts/pipedrive.md 1.3 (documented); `api_domain` is where this server is."""
        now = self._clock.now()
        number = next_number(connection, "token")
        access_token = f"v1u:{self._ids.hex('pipedrive access token', number, 120)}"
        storage.add_access_token(connection, access_token, refresh_token, now=now, expires_at=now + oauth.ACCESS_LIFE)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": oauth.EXPIRES_IN,
            "refresh_token": refresh_token,
            "scope": ",".join(app.scopes),
            "api_domain": self._addresses["pipedrive"],
        }
