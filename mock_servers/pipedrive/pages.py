"""What a person sees: the deals by stage, and the screen on which a user allows an app. Read-only but for that."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ..rig.guard import host_name
from .emulator import Pipedrive
from .oauth import Refusal
from .payloads_v1 import deal_v1, time_v1

SHOWN_PER_STAGE = 50


def make_pages(pipedrive: Pipedrive) -> Blueprint:
    """The pages of one server."""
    pages = Blueprint("pages", __name__, template_folder="templates")

    @pages.get("/")
    def board() -> str:
        """The newest open deals of each stage, with the same values as the API."""
        caller = pipedrive.at_the_screen(_domain())
        columns = pipedrive.board(caller, SHOWN_PER_STAGE + 1)
        near = pipedrive.neighbours(caller, [deal for _, deals in columns for deal in deals])
        stages = [
            {
                "name": stage.name,
                "deals": [deal_v1(deal, near) for deal in deals[:SHOWN_PER_STAGE]],
                "has_more": len(deals) > SHOWN_PER_STAGE,
            }
            for stage, deals in columns
        ]
        return render_template("board.html", company=caller.company, stages=stages, now=time_v1(pipedrive.now()))

    @pages.get("/oauth/authorize")
    def authorize() -> ResponseReturnValue:
        """Ask the user. A wrong app or address is shown here and never redirected to.

        Source: facts/pipedrive.md 1.3 (parameters documented; the page is our own).
        """
        app = pipedrive.sign_in.find_app(request.args.get("client_id", ""), request.args.get("redirect_uri", ""))
        if isinstance(app, Refusal):
            return render_template("refused.html", message=app.message), 400
        return render_template("authorize.html", app=app, caller=pipedrive.at_the_screen(_domain()))

    @pages.post("/oauth/authorize")
    def allow() -> ResponseReturnValue:
        """The user agreed: back to the app with a code."""
        arguments = request.args
        client_id, redirect_uri = arguments.get("client_id", ""), arguments.get("redirect_uri", "")
        app = pipedrive.sign_in.find_app(client_id, redirect_uri)
        if isinstance(app, Refusal):
            return render_template("refused.html", message=app.message), 400
        caller = pipedrive.at_the_screen(_domain())
        state = arguments.get("state")
        return redirect(
            pipedrive.sign_in.allow(caller.company.id, caller.user.id, client_id, redirect_uri, state), code=302
        )

    def _domain() -> str | None:
        """The company whose host was called, as in `northlight.pipedrive.com`; None means the default one."""
        domain, _, rest = host_name(request.host).partition(".")
        return domain if rest == "pipedrive.com" else None

    return pages
