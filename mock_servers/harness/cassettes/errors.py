"""What can be wrong with a cassette, for the person who reads the test's output.

None is a `requests.RequestException`, so that no connector takes one for a network that is down:

    CassetteError
    ├── UnreadableCassetteError     no such file, or a damaged one: mend it, or record again
    ├── OldCassetteError            older than the test allows: record again
    ├── NotRecordedError            no answer left for this request: look at what differs
    └── LeakedSecretError           a known secret would have been written; nothing was
"""

from collections.abc import Sequence


class CassetteError(Exception):
    """Whatever this package raises; also that vcrpy is not installed."""


class UnreadableCassetteError(CassetteError):
    """There is no such cassette, or it cannot be read."""


class OldCassetteError(CassetteError):
    """The cassette was recorded too long ago, or does not say when."""


class LeakedSecretError(CassetteError):
    """A known secret would have been written into the cassette."""


class NotRecordedError(CassetteError):
    """The cassette has no answer, or none left, for this request.

    `differing` names the parts in which the nearest interaction differs (`method`, `query`, `body`, ...). It is empty
    where nothing is like the request, and where all that matches was played already.
    """

    def __init__(self, message: str, differing: Sequence[str] = ()):
        super().__init__(message)
        self.differing = tuple(differing)
