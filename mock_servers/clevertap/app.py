"""The mock CleverTap put together: its table of routes, its controls and its pages around one emulator."""

from typing import TYPE_CHECKING

from ..rig import control
from ..rig.clock import Clock
from ..rig.control import Desk
from ..rig.guard import Guard
from ..rig.http import Server
from ..rig.journal import Journal
from ..rig.routes import Routes
from . import errors, routes
from .account_control import account_controls
from .campaign_control import campaign_controls
from .control import passcodes
from .emulator import CleverTap

if TYPE_CHECKING:
    from ..rig.mounting import Door


def build_server(clevertap: CleverTap, *, clock: Clock, guard: Guard, journal: Journal, desk: Desk) -> Server:
    """What `rig.http.serve` answers from."""
    controls = Routes()
    controls.rows = [*control.control.rows, *passcodes.rows, *account_controls.rows, *campaign_controls.rows]
    return Server(
        name="clevertap",
        service=clevertap,
        routes=routes.routes,
        authenticate=routes.authenticate,
        admit=routes.admit,
        shape_error=errors.shape_error,
        control=controls,
        desk=desk,
        clock=clock,
        guard=guard,
        journal=journal,
        pages=frozenset({"/", "/people", "/profile", "/events", "/uploads", "/errors", "/campaigns", "/settings"}),
        content_type="application/json;charset=utf-8",  # without a space, as recorded from the real service
    )


def build_app(server: Server) -> "Door":
    """The WSGI app: the server's routes and its pages. Flask is loaded only now."""
    from .. import ui
    from ..rig.mounting import Door
    from . import pages

    app = Door(server, __name__)
    ui.add_templates(app, "CleverTap")
    pages.add_pages(app, server.service)
    return app
