"""The pages of the local Zapier: what ran, and where a sign-in comes back to. Read-only but for that."""

from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, render_template, request

from ..rig.exchange import ApiError
from . import payloads
from .runtime import Runtime

if TYPE_CHECKING:
    from ..rig.mounting import Door

NEWEST_RUNS = 25
MOST_ZAPS = 100

pages = Blueprint("zapier", __name__, template_folder="templates")


def _runtime() -> Runtime:
    runtime: Runtime = cast("Door", current_app).server.service
    return runtime


@pages.get("/")
def overview() -> str:
    """The Zaps and the newest runs of the default workspace."""
    runtime = _runtime()
    workspace = runtime.default_workspace()
    zaps = [payloads.zap_view(shown, None) for shown in runtime.editor.list_zaps(workspace, 0, MOST_ZAPS)]
    runs = runtime.runner.list_runs(workspace, None, None, NEWEST_RUNS)
    return render_template(
        "zapier/overview.html",
        zaps=zaps,
        titles={zap["id"]: zap["title"] for zap in zaps},
        runs=[payloads.run_view(*runtime.runner.show(workspace, run.id)) for run in runs],
        connections=[payloads.connection_view(each) for each in runtime.connections.list_all(workspace)],
    )


@pages.get("/oauth/callback")
def finish_sign_in() -> tuple[str, int]:
    """Where a sign-in comes back to: keeps the connection, or says why not."""
    refusal = request.args.get("error")
    if refusal is not None:
        reason = "Access was not allowed." if refusal == "user_denied" else f"The service answered: {refusal}"
        return render_template("zapier/signed_in.html", connection=None, reason=reason), 400
    try:
        connection = _runtime().connections.finish_sign_in(request.args.get("state", ""), request.args.get("code", ""))
    except ApiError as error:
        return render_template("zapier/signed_in.html", connection=None, reason=error.message), error.status
    return render_template("zapier/signed_in.html", connection=payloads.connection_view(connection), reason=None), 200
