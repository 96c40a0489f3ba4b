"""Who touches a socket?"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class SocketWatch:
    """Notes every use of a socket while it is looking. Python cannot take such a hook away again, so there is one."""

    def __init__(self) -> None:
        self._is_looking = False
        self._seen: list[str] = []
        sys.addaudithook(self._see)

    def _see(self, event: str, _: tuple[Any, ...]) -> None:
        if self._is_looking and event.startswith("socket."):
            self._seen.append(event)

    @contextmanager
    def looking(self) -> Iterator[list[str]]:
        """What was done with sockets inside the block."""
        self._seen = []
        self._is_looking = True
        try:
            yield self._seen
        finally:
            self._is_looking = False


socket_watch = SocketWatch()
