"""Where the three servers are, and how their addresses are kept.

A state folder knows no port: an address of one of our own servers is stored as a name (`zapier:/hooks/…`) and
turned back into an address when it is used, so a restart on other ports goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

NAMES = ("zapier", "pipedrive", "clevertap")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Base addresses without a trailing slash, e.g. `{"zapier": "http://127.0.0.1:8400", …}`."""

    bases: Mapping[str, str]

    def __getitem__(self, server: str) -> str:
        return self.bases[server]

    def to_name(self, url: str) -> str:
        """An own address as it is stored; any other stays as it is."""
        for server, base in self.bases.items():
            if url == base or url.startswith((f"{base}/", f"{base}?")):
                return f"{server}:{url[len(base) :]}"
        return url

    def to_url(self, name: str) -> str:
        """The address to use now."""
        server, separator, path = name.partition(":")
        return self.bases[server] + path if separator and server in self.bases else name


IN_PROCESS = Addresses(
    {
        "zapier": "https://hooks.zapier.com",
        "pipedrive": "https://api.pipedrive.com",
        "clevertap": "https://api.clevertap.com",
    }
)
"""Without sockets the servers stand behind the vendors' own names."""


def served(host: str, ports: Mapping[str, int]) -> Addresses:
    """Addresses of servers that listen on `host`."""
    shown = f"[{host}]" if ":" in host else host
    return Addresses({server: f"http://{shown}:{port}" for server, port in ports.items()})
