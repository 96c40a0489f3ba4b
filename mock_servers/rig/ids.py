"""Where ids, credentials and chance come from. The only user of `random` and of `secrets`.

Ids are functions of the random seed, what they are for, and a number that the service's own database counts
up. So equal runs give equal ids, and a restart never gives an id twice. What must not be guessed by anybody
(the control token, the state of a sign-in) comes from the system instead.
"""

import hashlib
import random
import secrets
import uuid


class IdSource:
    """Ids and chance for one random seed."""

    def __init__(self, random_seed: int):
        self.random_seed = random_seed

    def _digest(self, kind: str, number: object) -> "hashlib.blake2b":
        return hashlib.blake2b(f"{self.random_seed}:{kind}:{number}".encode())

    def hex(self, kind: str, number: object, length: int = 32) -> str:
        """A lower-case hex text of up to 128 characters, e.g. `hex("passcode", 1)`."""
        return self._digest(kind, number).hexdigest()[:length]

    def uuid(self, kind: str, number: object) -> str:
        """A text in the form of a random (version 4) UUID."""
        return str(uuid.UUID(bytes=self._digest(kind, number).digest()[:16], version=4))

    def chance(self, key: str) -> random.Random:
        """A generator of its own for this key, e.g. `chance("deal/17")`: the same key gives the same values
        whatever else was asked before.
        """
        return random.Random(f"{self.random_seed}:{key}")  # noqa: S311 - made-up data, no secret


def unguessable() -> str:
    """A fresh secret of 32 hex characters. Unlike everything else here it does not follow from the seed."""
    return secrets.token_hex(16)
