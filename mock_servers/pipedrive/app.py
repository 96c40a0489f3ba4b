"""The mock Pipedrive as a server: its routes, errors, pages and controls, put together."""

from typing import TYPE_CHECKING

from ..rig.clock import Clock
from ..rig.control import Desk, control
from ..rig.guard import Guard
from ..rig.http import Server
from ..rig.journal import Journal
from .emulator import Pipedrive
from .errors import shape_error
from .routes import authenticate, routes

if TYPE_CHECKING:
    from ..rig.mounting import Door

NAME = "pipedrive"


def build_server(pipedrive: Pipedrive, *, clock: Clock, guard: Guard, journal: Journal, desk: Desk) -> Server:
    """What `rig.http.serve` needs to answer as Pipedrive."""
    return Server(
        name=NAME,
        service=pipedrive,
        routes=routes,
        authenticate=authenticate,
        shape_error=shape_error,
        control=control,
        desk=desk,
        clock=clock,
        guard=guard,
        journal=journal,
        pages=frozenset({"/", "/oauth/authorize"}),
    )


def build_app(server: Server) -> "Door":
    """The Flask app: the pages, and a door to everything else. Flask is imported only here."""
    from ..rig.mounting import Door
    from ..ui import add_templates
    from .pages import make_pages

    app = Door(server, __name__)
    add_templates(app, "Pipedrive")
    app.register_blueprint(make_pages(server.service))
    return app
