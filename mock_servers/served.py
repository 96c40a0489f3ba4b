"""A rig on sockets: binds, builds, serves, and ends without dropping what is in hand."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from .config import Config
from .pipedrive.accounts import Track, untracked
from .rig.addresses import NAMES, Addresses, served
from .rig.clock import stopwatch
from .rig.serving import HttpServer, listen
from .stack import Stack, build_stack

WORKERS = 4

PATIENCE_SECONDS = 5
"""A client that sends half a request and then nothing must not keep the rig from ending."""


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
        patience = _Patience()
        # Ended in this order: work, then Zapier, whose requests call the two others, then those.
        for name in ("clevertap", "pipedrive", "zapier"):
            http_server = HttpServer(stack.lazy_app(name), listeners[name])
            http_server.start()
            opened.callback(_drain, http_server, patience)
        stack.dispatcher.start(WORKERS)
        opened.callback(stack.dispatcher.stop)
        yield ServedStack(stack, addresses)


def _drain(http_server: HttpServer, patience: "_Patience") -> None:
    http_server.drain(patience.seconds_left())


class _Patience:
    """How long the three together wait for requests in hand, from the moment the first of them ends."""

    def __init__(self) -> None:
        self._ends_at: float | None = None

    def seconds_left(self) -> float:
        """Of five seconds, which begin when this is asked first."""
        now = stopwatch()
        self._ends_at = self._ends_at or now + PATIENCE_SECONDS
        return max(self._ends_at - now, 0)


def _reachable(host: str) -> str:
    """Where the three reach each other when they listen on every address of the machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - the other way round
