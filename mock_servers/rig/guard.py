"""Who may call us, and where we may call.

A web page in the developer's browser must not be able to drive the rig or read its credentials, and made-up
data must never reach a real account by accident. So a `Host` must be ours, changes need a JSON content type
and no foreign `Origin`, and calls go out only to addresses that are loopback, or to hosts allowed by name.
"""

import hmac
import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .exchange import Request

SCHEMES = ("http", "https")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_API = ("/_rig/", "/api/zaps", "/api/connections", "/api/runs", "/api/apps")
"""Paths of our own control and Zapier API; everything else is shaped like a vendor."""


class RefusedAddressError(Exception):
    """We may not call there; says what to do if it was meant."""


def host_name(host: str) -> str:
    """The name of a `Host` header or URL authority, without port and brackets, in lower case."""
    try:
        name = urlsplit(f"//{host}").hostname if host else None
    except ValueError:  # no such authority, e.g. "[::1"
        return ""
    return (name or "").rstrip(".").lower()


def is_loopback(name: str) -> bool:
    """Is this name or address the machine itself, without asking anybody?"""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _resolve(host: str, port: int) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):  # nobody has that name, or nobody can
        return []


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:])) for pattern in patterns)


@dataclass(frozen=True)
class Guard:
    """The rules of one server, or of one session."""

    stands_for: tuple[str, ...] = ()
    """Vendor names this server answers to, e.g. `*.pipedrive.com`."""
    allowed_hosts: tuple[str, ...] = ()
    """Names allowed by the person who runs the rig, in and out; `*.example.com` covers its children."""
    control_token: str | None = field(default=None, repr=False)
    resolve: Callable[[str, int], list[str]] = _resolve

    def find_problem(self, request: "Request") -> str | None:
        """Why this request must not be served, or None."""
        name = host_name(request.host)
        if not (is_loopback(name) or _matches(name, self.stands_for) or _matches(name, self.allowed_hosts)):
            return (
                f"The host {name!r} is not one that this server answers to. Use 127.0.0.1 or localhost,"
                " or allow the name with --allow-host."
            )
        if request.method in SAFE_METHODS:
            return None
        is_bare = request.method == "DELETE" and not request.body  # no page can send it without asking first
        if request.path.startswith(OWN_API) and request.media_type != "application/json" and not is_bare:
            return "Send this request with the header Content-Type: application/json."
        return self._find_foreign_origin(request)

    def _find_foreign_origin(self, request: "Request") -> str | None:
        origin = request.headers.get("origin")
        if origin is not None and origin.lower() not in {f"{scheme}://{request.host.lower()}" for scheme in SCHEMES}:
            return f"A page of {origin} may not change anything here."
        if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            return "A page of another site may not change anything here."
        return None

    def find_control_problem(self, request: "Request") -> str | None:
        """Why the caller may not use the rig's own controls, or None."""
        if self.control_token is None:
            return None
        sent = request.headers.get("authorization", "")
        if hmac.compare_digest(sent.encode(), f"Bearer {self.control_token}".encode()):
            return None
        return "This rig is reachable from other machines, so its controls need Authorization: Bearer <control token>."

    def permitted_address(self, host: str, port: int, path: str) -> str | None:
        """Where to connect for `host`: None to let the name be resolved as usual (it is allowed by name), else the
        loopback address that was checked. Raises `RefusedAddressError`.
        """
        if path.startswith("/_rig"):
            message = f"{host}:{port}{path} is a control of a rig; nothing that the rig itself sends goes there."
            raise RefusedAddressError(message)
        name = host_name(host) if ":" not in host else host.strip("[]").lower()
        if _matches(name, self.allowed_hosts):
            return None
        addresses = self.resolve(name, port)
        if addresses and all(is_loopback(address.partition("%")[0]) for address in addresses):
            return addresses[0]
        message = (
            f"{name} is not this machine, and zaprig only calls this machine unless told otherwise."
            f" If it is meant, allow it with --allow-host {name}."
        )
        raise RefusedAddressError(message)
