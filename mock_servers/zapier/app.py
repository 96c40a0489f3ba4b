"""The local Zapier as a server: what answers, and its Flask app."""

from typing import TYPE_CHECKING

from ..rig.clock import Clock
from ..rig.control import Desk, control
from ..rig.guard import Guard
from ..rig.http import Server
from ..rig.journal import Journal
from .errors import shape_error
from .routes import authenticate, routes
from .runtime import Runtime

if TYPE_CHECKING:
    from ..rig.mounting import Door


def build_server(runtime: Runtime, *, clock: Clock, guard: Guard, journal: Journal, desk: Desk) -> Server:
    """Everything the pipeline needs to answer as the local Zapier."""
    return Server(
        name="zapier",
        service=runtime,
        routes=routes,
        authenticate=authenticate,
        shape_error=shape_error,
        control=control,
        desk=desk,
        clock=clock,
        guard=guard,
        journal=journal,
        pages=frozenset({"/", "/oauth/callback"}),
    )


def build_app(server: Server) -> "Door":
    """The Flask app: pages, and the pipeline for all else."""
    from ..rig.mounting import Door
    from ..ui import add_templates
    from .pages import pages

    app = Door(server, __name__)
    add_templates(app, "Zapier")
    app.register_blueprint(pages)
    return app
