"""A rig on sockets: binds, builds, serves, and ends without dropping what is in hand."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from .config import Config
from .pipedrive.accounts import Track, untracked
from .rig.addresses import NAMES, Addresses, served
from .rig.serving import HttpServer, listen
from .stack import Stack, build_stack

WORKERS = 4


@dataclass(frozen=True, slots=True)
class ServedStack:
    """A rig on sockets, with its workers at work."""

    stack: Stack
    addresses: Addresses

    def describe(self) -> dict[str, Any]:
        """Addresses and credentials: what `zaprig up --json` prints."""
        config = self.stack.config
        return {
            "zapier": {"url": self.addresses["zapier"]},
            "pipedrive": {"url": self.addresses["pipedrive"], **self.stack.pipedrive.default_credentials()},
            "clevertap": {"url": self.addresses["clevertap"], **self.stack.clevertap.default_credentials()},
            "seed": self.stack.random_seed,
            "state": str(config.state) if config.state else None,
        }


@contextmanager
def serve(config: Config, *, track: Track = untracked) -> Iterator[ServedStack]:
    """Serve a rig until the block ends; then finish the requests and jobs in hand.

    Raises `TakenPortError`, and what `build_stack` raises, before anything is served.
    """
    with ExitStack() as opened:
        listeners = {
            name: opened.enter_context(listen(config.host, config.port + offset if config.port else 0))
            for offset, name in enumerate(NAMES)
        }
        ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
        addresses = served(_reachable(config.host), ports)
        stack = opened.enter_context(build_stack(config, addresses=addresses, track=track))
        # Ended in this order: work, then Zapier, whose requests call the two others, then those.
        for name in ("clevertap", "pipedrive", "zapier"):
            http_server = HttpServer(stack.lazy_app(name), listeners[name])
            http_server.start()
            opened.callback(http_server.drain)
        stack.dispatcher.start(WORKERS)
        opened.callback(stack.dispatcher.stop)
        yield ServedStack(stack, addresses)


def _reachable(host: str) -> str:
    """Where the three reach each other when they listen on every address of the machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - the other way round
