"""What can go wrong, named by what the reader must do next.

    ConnectorError
    ├── InputError              correct the form; nothing was sent
    ├── AuthenticationError     correct the connection's credentials
    ├── ThrottledError          wait, then try again
    ├── RecordRejectedError     answered, but our record was not processed: correct the record
    ├── UnexpectedAnswerError   not the documented answer: look at the service (worth a retry from 500 on)
    └── UnreachableError        no connection, or it took too long: look at the network, try again

Each has `is_retryable`: whether the same call may succeed later. No secret is ever part of an error. What belongs to
an ordinary answer (a batch of which some records were not processed) is a value, see `client.UploadResult`.
"""

from typing import Any


class ConnectorError(Exception):
    """Whatever the connector raises; catch this to catch them all."""

    is_retryable: bool = False


class InputError(ConnectorError):
    """The form values cannot make a record; nothing was sent."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class AuthenticationError(ConnectorError):
    """The service does not know these credentials; `hint` says which of them to look at."""

    def __init__(self, host: str, hint: str) -> None:
        super().__init__(host, hint)
        self.host = host
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.host} refused the credentials: {self.hint}"


class ThrottledError(ConnectorError):
    """Too many requests; `retry_after_seconds` is None where the service does not say how long to wait."""

    is_retryable = True

    def __init__(self, retry_after_seconds: int | None = None) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        if self.retry_after_seconds is None:
            return "Too many requests; try again later"
        return f"Too many requests; try again in {self.retry_after_seconds} s"


class RecordRejectedError(ConnectorError):
    """The service answered, but did not process our record; `record` is the record as the answer gives it back."""

    def __init__(self, code: int, message: str, record: dict[str, Any]) -> None:
        super().__init__(code, message, record)
        self.code = code
        self.message = message
        self.record = record

    def __str__(self) -> str:
        return f"The record was not processed (code {self.code}): {self.message}"


class UnexpectedAnswerError(ConnectorError):
    """The answer has not the documented status or shape; `body` is its first part."""

    def __init__(self, status: int, body: str, address: str = "the service") -> None:
        super().__init__(status, body, address)
        self.status = status
        self.body = body
        self.address = address
        self.is_retryable = status >= 500

    def __str__(self) -> str:
        said = self.body or "an empty body"
        return f"{self.address} gave an answer that is not documented, HTTP {self.status}: {said}"


class UnreachableError(ConnectorError):
    """No connection (`seconds_waited` is None), or no answer within `seconds_waited`.

    Trying again may do the work twice: whether the first call arrived is not known.
    """

    is_retryable = True

    def __init__(self, address: str, seconds_waited: float | None = None) -> None:
        super().__init__(address, seconds_waited)
        self.address = address
        self.seconds_waited = seconds_waited

    def __str__(self) -> str:
        if self.seconds_waited is None:
            return f"{self.address} could not be reached, or broke off before its answer was complete"
        return f"{self.address} gave no answer within {self.seconds_waited:g} s; whether it did the work is not known"
