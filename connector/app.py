"""The CleverTap app as Zapier would list it: its authentication and its two actions, as data.

A further action is a module of its own and one line here.
"""

from . import event, profile
from .authentication import make_authentication
from .credentials import DEFAULT_BASE_URL
from .definition import App


def make_app(*, base_url: str = DEFAULT_BASE_URL) -> App:
    """The app, for the CleverTap that answers at `base_url`, a template with `{region}`."""
    return App(
        key="clevertap",
        title="CleverTap",
        authentications=(make_authentication(base_url=base_url),),
        actions=(
            profile.make_action(base_url=base_url),
            event.make_action(base_url=base_url),
        ),
    )


APP = make_app()
"""The app for the real service."""
