"""Errors as a person reads them and as a runtime sorts them."""

import copy
import pickle

import pytest

from connector import (
    AuthenticationError,
    ConnectorError,
    InputError,
    RecordRejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)

EXAMPLES = [
    pytest.param(InputError("region", "blank"), False, id="input"),
    pytest.param(AuthenticationError("in1.api.clevertap.com", "check the passcode"), False, id="authentication"),
    pytest.param(ThrottledError(7), True, id="throttled"),
    pytest.param(RecordRejectedError(515, "Email is not valid", {"type": "profile"}), False, id="record rejected"),
    pytest.param(UnexpectedAnswerError(404, "not here"), False, id="unexpected answer of the 400s"),
    pytest.param(UnexpectedAnswerError(200, "<html>"), False, id="unexpected body"),
    pytest.param(UnexpectedAnswerError(500, "oh"), True, id="server error"),
    pytest.param(UnexpectedAnswerError(503, "oh"), True, id="service unavailable"),
    pytest.param(UnreachableError("https://in1.api.clevertap.com/1/upload", 30), True, id="unreachable"),
]


@pytest.mark.parametrize(("error", "is_retryable"), EXAMPLES)
def test_each_error_says_whether_a_retry_may_help(error, is_retryable):
    """Waiting helps against load, outages and a bad line; it does not help against wrong values."""
    assert isinstance(error, ConnectorError)
    assert error.is_retryable is is_retryable


@pytest.mark.parametrize(("error", "is_retryable"), EXAMPLES)
def test_errors_can_be_copied_and_pickled(error, is_retryable):
    """An error travels between worker processes without losing what it carries."""
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        pytest.param(InputError("region", "'mars' is unknown"), "region: 'mars' is unknown", id="input"),
        pytest.param(
            AuthenticationError("eu1.api.clevertap.com", "check Account ID, passcode and region (eu1)"),
            "eu1.api.clevertap.com refused the credentials: check Account ID, passcode and region (eu1)",
            id="authentication",
        ),
        pytest.param(ThrottledError(7), "Too many requests; try again in 7 s", id="throttled with a delay"),
        pytest.param(ThrottledError(), "Too many requests; try again later", id="throttled"),
        pytest.param(
            RecordRejectedError(515, "Email is not valid", {}),
            "The record was not processed (code 515): Email is not valid",
            id="record rejected",
        ),
        pytest.param(
            UnexpectedAnswerError(502, "<html>", "https://eu1.api.clevertap.com/1/upload"),
            "https://eu1.api.clevertap.com/1/upload gave an answer that is not documented, HTTP 502: <html>",
            id="unexpected answer",
        ),
        pytest.param(
            UnexpectedAnswerError(204, ""),
            "the service gave an answer that is not documented, HTTP 204: an empty body",
            id="empty answer",
        ),
        pytest.param(
            UnreachableError("https://eu1.api.clevertap.com/1/upload", 2.5),
            "https://eu1.api.clevertap.com/1/upload gave no answer within 2.5 s; whether it did the work is not known",
            id="time-out",
        ),
        pytest.param(
            UnreachableError("https://eu1.api.clevertap.com/1/upload"),
            "https://eu1.api.clevertap.com/1/upload could not be reached, or broke off before its answer was complete",
            id="no connection",
        ),
    ],
)
def test_messages_read_well(error, message):
    """A message says what, where, and what would be right."""
    assert str(error) == message
