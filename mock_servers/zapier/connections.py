"""Stored accounts: connecting, testing, signing in, refreshing, and calling an app with one.

Secrets go in and never come out: views carry the title only. Addresses of our own servers inside the auth data
are stored as names, so that a connection outlives a change of ports.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from connector.definition import App, Authentication, Bundle
from connector.errors import AuthenticationError, ConnectorError

from ..rig.exchange import ApiError
from ..rig.ids import unguessable
from . import errors, storage
from .coercion import coerce
from .equipment import Equipment
from .problems import Problem
from .storage import Connection, Workspace

if TYPE_CHECKING:
    import requests

SIGN_IN_LIFE = 10 * 60 * 1000
"""Milliseconds a sign-in may take; ours."""

CALLBACK = "zapier:/oauth/callback"

Result = TypeVar("Result")


class Connections:
    """The connections of all workspaces."""

    def __init__(self, equipment: Equipment):
        self._equipment = equipment

    def connect(self, workspace: Workspace, app_key: str, fields: Mapping[str, Any], title: str | None) -> Connection:
        """Test the account and keep it. A failing test stores nothing and raises `ApiError`."""
        app, authentication = self._find_authentication(app_key, "custom")
        auth_data, problems = coerce(fields, authentication.fields)
        known = {field.key for field in authentication.fields}
        problems += [Problem(key, "There is no such field.") for key in fields if key not in known]
        problems += [
            Problem(key, "This must be a text.") for key, value in auth_data.items() if not isinstance(value, str)
        ]
        if problems:
            raise errors.invalid(f"The {app.title} account is not complete.", _under("fields", problems))
        return self._keep(workspace, app, authentication, auth_data, title)

    def begin_sign_in(self, workspace: Workspace, app_key: str, title: str | None) -> str:
        """Where the browser must go to sign in; it comes back to our callback."""
        _, authentication = self._find_authentication(app_key, "oauth2")
        assert authentication.oauth2 is not None  # noqa: S101 - checked in _find_authentication
        state = unguessable()
        with self._equipment.database.write() as db:
            expires_at = self._equipment.clock.milliseconds() + SIGN_IN_LIFE
            storage.add_sign_in(db, state, workspace.id, app_key, title, expires_at)
        query = {
            "client_id": authentication.oauth2.client_id,
            "redirect_uri": self._equipment.addresses.to_url(CALLBACK),
            "state": state,
            "response_type": "code",
        }
        return f"{authentication.oauth2.authorize_url}?{urlencode(query)}"

    def finish_sign_in(self, state: str, code: str) -> Connection:
        """Exchange the code for tokens, test them, and keep the connection. Each state counts once."""
        with self._equipment.database.write() as db:
            begun = storage.take_sign_in(db, state)
            workspace = storage.workspace_of(db, begun["workspace_id"]) if begun else None
        if begun is None or workspace is None or begun["expires_at"] < self._equipment.clock.milliseconds():
            raise ApiError(
                400, "unknown_sign_in", "This sign-in is not known, was used before, or took too long. Begin it again."
            )
        app, authentication = self._find_authentication(begun["app"], "oauth2")
        assert authentication.oauth2 is not None  # noqa: S101 - checked in _find_authentication
        redirect_uri = self._equipment.addresses.to_url(CALLBACK)
        try:
            auth_data = authentication.oauth2.get_access_token(self._equipment.session, code, redirect_uri)
        except ConnectorError as error:
            raise _test_failed(app, error) from error
        return self._keep(workspace, app, authentication, auth_data, begun["title"])

    def _keep(
        self,
        workspace: Workspace,
        app: App,
        authentication: Authentication,
        auth_data: Mapping[str, Any],
        title: str | None,
    ) -> Connection:
        try:
            tested = authentication.test(self._equipment.session, Bundle(auth_data=auth_data))
        except ConnectorError as error:
            raise _test_failed(app, error) from error
        label = title or render_label(authentication.connection_label, {**auth_data, **tested}) or app.title
        stored = {key: self._to_name(value) for key, value in auth_data.items()}
        with self._equipment.database.write() as db:
            now = self._equipment.clock.milliseconds()
            return storage.add_connection(db, workspace.id, app.key, authentication.type, label, stored, now)

    def list_all(self, workspace: Workspace, after: int = 0, limit: int = 500) -> Sequence[Connection]:
        """The connections of a workspace, by id."""
        with self._equipment.database.read() as db:
            return storage.find_connections(db, workspace.id, after=after, limit=limit)

    def find(self, workspace_id: int, app_key: str, reference: str | int | None) -> Connection | str:
        """The connection that a Zap means, or why there is none."""
        with self._equipment.database.read() as db:
            if reference == f"@{app_key}":
                return choose_only(storage.find_connections(db, workspace_id, app_key, limit=2), app_key)
            found = storage.find_connection(db, workspace_id, app_key, reference)
            return found or not_found(storage.find_connections(db, workspace_id, app_key, limit=20), app_key, reference)

    def find_problem(self, workspace_id: int, app_key: str, reference: str | int) -> str | None:
        """Why there is no such connection, or None."""
        found = self.find(workspace_id, app_key, reference)
        return found if isinstance(found, str) else None

    def call(
        self, connection: Connection | None, perform: Callable[["requests.Session", Bundle], Result], bundle: Bundle
    ) -> Result:
        """Run a function of an app with this connection; a refused OAuth token is refreshed once."""
        if connection is None:
            return perform(self._equipment.session, bundle)
        auth_data = {key: self._to_url(value) for key, value in connection.auth_data.items()}
        bundle = replace(bundle, auth_data=auth_data)
        try:
            return perform(self._equipment.session, bundle)
        except AuthenticationError:
            if connection.type != "oauth2":
                raise
            return perform(self._equipment.session, replace(bundle, auth_data=self._refresh(connection, bundle)))

    def _refresh(self, connection: Connection, bundle: Bundle) -> Mapping[str, Any]:
        _, authentication = self._find_authentication(connection.app, "oauth2")
        assert authentication.oauth2 is not None  # noqa: S101 - checked in _find_authentication
        fresh = authentication.oauth2.refresh_access_token(self._equipment.session, bundle)
        auth_data = {**bundle.auth_data, **fresh}
        with self._equipment.database.write() as db:
            storage.replace_auth_data(
                db, connection.id, {key: self._to_name(value) for key, value in auth_data.items()}
            )
        return auth_data

    def _find_authentication(self, app_key: str, type: str) -> tuple[App, Authentication]:
        app = self._equipment.apps.get(app_key)
        if app is None:
            there = ", ".join(sorted(self._equipment.apps))
            problem = Problem("app", f"There is no app {app_key!r}; there are {there}.")
            raise errors.invalid(problem.message, [problem])
        for authentication in app.authentications:
            if authentication.type == type and (type != "oauth2" or authentication.oauth2):
                return app, authentication
        there = ", ".join(authentication.type for authentication in app.authentications)
        problem = Problem("type", f"{app.title} is not connected by {type}, but by {there}.")
        raise errors.invalid(problem.message, [problem])

    def _to_name(self, value: Any) -> Any:
        return self._equipment.addresses.to_name(value) if isinstance(value, str) else value

    def _to_url(self, value: Any) -> Any:
        return self._equipment.addresses.to_url(value) if isinstance(value, str) else value


def choose_only(connections: Sequence[Connection], app_key: str) -> Connection | str:
    """The connection that `@app` means: the only one of that app, or why none is meant."""
    if len(connections) == 1:
        return connections[0]
    if not connections:
        return f"There is no {app_key} connection yet. Connect an account first."
    return f"There are several {app_key} connections, so @{app_key} is not clear; name one by its id."


def not_found(connections: Sequence[Connection], app_key: str, reference: str | int | None) -> str:
    """What to say where an id or a title leads nowhere; some of those that are there."""
    there = ", ".join(f"{each.id} ({each.title})" for each in connections) or "none"
    return f"There is no {app_key} connection {reference!r}; there are: {there}."


def render_label(template: str, values: Mapping[str, Any]) -> str:
    """A connection's label, e.g. `{{account_id}} ({{region}})`."""
    for key, value in values.items():
        template = template.replace("{{" + key + "}}", str(value))
    return template.strip()


def _under(prefix: str, problems: Sequence[Problem]) -> list[Problem]:
    return [Problem(f"{prefix}.{problem.path}", problem.message) for problem in problems]


def _test_failed(app: App, error: ConnectorError) -> ApiError:
    message = f"The {app.title} account could not be connected, and nothing was stored: {error}"
    return ApiError(422, "connection_test_failed", message, problems=[{"path": "fields", "message": str(error)}])
