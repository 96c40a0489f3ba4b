"""Companies, their users, and who is calling: the values everything else belongs to."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Company:
    """One tenant. `domain` is the first label of its host, `timezone` an IANA name, `country` two letters."""

    id: int
    name: str
    domain: str
    country: str
    currency: str
    timezone: str
    add_time: datetime

    @property
    def host(self) -> str:
        """The host that the real service would give it."""
        return f"{self.domain}.pipedrive.com"


@dataclass(frozen=True, slots=True)
class User:
    """A person who works with the company's deals: a sales rep or an admin, never a customer."""

    id: int
    name: str
    email: str
    is_admin: bool
    add_time: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request came with: one of the two, or neither."""

    api_token: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """A user at work, and by what way.

    `client_id` is the OAuth app's, None with an API token or in the user interface. `scopes` is None where
    nothing limits the user: an API token carries all rights. Source: facts/pipedrive.md 1.2 (documented).
    """

    company: Company
    user: User
    client_id: str | None = None
    scopes: frozenset[str] | None = None
    is_at_the_screen: bool = False

    @property
    def origin(self) -> str:
        """What a deal says of where it came from. Source: facts/pipedrive.md 3.1 (documented values)."""
        if self.is_at_the_screen:
            return "ManuallyCreated"
        return "API" if self.client_id is None else "Marketplace"

    @property
    def origin_id(self) -> str | None:
        """For OAuth apps a part of the client id. Source: facts/pipedrive.md 3.1 (observed; which part is assumed)."""
        return None if self.client_id is None else self.client_id[:8]

    @property
    def change_source(self) -> str:
        """`app` for the user interface, `api` for everything else. Source: facts/pipedrive.md 5.2 (documented)."""
        return "app" if self.is_at_the_screen else "api"
