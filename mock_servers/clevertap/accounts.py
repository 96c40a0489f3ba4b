"""Whose everything is: accounts, and the passcodes that open them."""

from dataclasses import dataclass

from .settings import DEFAULT, Settings

_CAPITALS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Account:
    """A project of the customer: everything else belongs to exactly one. `created_at` in milliseconds.

    `number` counts the accounts of the server in the order of their making; the tables know an account by it.
    """

    id: str
    number: int
    region: str
    created_at: int
    settings: Settings = DEFAULT


@dataclass(frozen=True, slots=True)
class Passcode:
    """What opens an account, without the secret. Times in milliseconds; `revoked_at` is None while it works."""

    id: str
    name: str
    created_at: int
    revoked_at: int | None


def account_id(chance: int) -> str:
    """An account id made of a large number: ten capitals and digits as `XXX-XXX-XXXX`.

    Source: the samples of many clients; observed.
    """
    letters = ""
    while len(letters) < 10:
        chance, index = divmod(chance, len(_CAPITALS_AND_DIGITS))
        letters += _CAPITALS_AND_DIGITS[index]
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"
