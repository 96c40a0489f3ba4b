"""Which server in this process stands behind a host name?"""

from collections.abc import Mapping

from .http import Server


class UnknownHostError(Exception):
    """Nothing in this process stands behind that host."""


def find_server(hosts: Mapping[str, Server], host: str) -> Server:
    """The server for a host; the keys of `hosts` are hosts, or suffixes such as `.pipedrive.com`.

    Raises `UnknownHostError`.
    """
    for suffix, server in hosts.items():
        if host == suffix or (suffix.startswith(".") and host.endswith(suffix)):
            return server
    known = ", ".join("*" + suffix if suffix.startswith(".") else suffix for suffix in hosts)
    message = f"Nothing in this process answers for {host}; it stands for {known}."
    raise UnknownHostError(message)
