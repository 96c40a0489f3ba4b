"""What does CleverTap say when it refuses a whole request?

A record that is not processed is no such error: the answer is 200 and says it per record (`problems`).
"""

from collections.abc import Mapping, Sequence

from ..rig.exchange import Answer, ApiError


def shape_error(error: ApiError) -> Answer:
    """The fail envelope. Source: recorded traffic of tradeo/clevertap-ruby for 401; observed."""
    return Answer(error.status, {"status": "fail", "error": error.message, "code": error.status})


def account_id_missing() -> ApiError:
    """No account id was sent. Source: tests of kitabisa/go_sdk_clevertap; observed. That this sets it off: assumed."""
    return ApiError(401, "account_id_missing", "12 digit account ID mandatory")


def account_id_unknown() -> ApiError:
    """Nobody in this region has the account id. Source: recorded traffic; observed. For a wrong region: assumed."""
    return ApiError(401, "account_id_unknown", "Account ID is not valid")


def passcode_invalid() -> ApiError:
    """The passcode is wrong, revoked or missing. Source: tests of kitabisa/go_sdk_clevertap; observed."""
    return ApiError(401, "passcode_invalid", "Passcode Invalid")


def malformed_request() -> ApiError:
    """The body is not JSON, or not `{"d": [...]}`. Source: CleverTap's bulk upload tool; observed for bad JSON."""
    return ApiError(400, "malformed_request", "Malformed request")


def too_many_records(most: int) -> ApiError:
    """More records than one upload may have. Assumed: the limit is documented, the answer is not."""
    return ApiError(400, "too_many_records", f"At most {most} records are allowed in one request")


def identifier_missing() -> ApiError:
    """A profile was asked for without saying which. Assumed."""
    return ApiError(400, "identifier_missing", "One of email, identity or objectId is mandatory")


def unreadable_body(reason: str) -> ApiError:
    """The body does not say what is to be done. Assumed."""
    return ApiError(400, "unreadable_body", reason)


def too_many_calls() -> ApiError:
    """More calls at once than the account may make. Source: docs/api-request-limit, 2026-03-17, for the words;
    documented. The shape is assumed.
    """
    return ApiError(429, "too_many_calls", "Too many concurrent requests")


def partner_missing() -> ApiError:
    """The credential check wants to know who asks. Assumed."""
    return ApiError(400, "partner_missing", "partner is mandatory")


def unreadable_query(reason: str) -> ApiError:
    """A query or a cursor leads nowhere. Assumed."""
    return ApiError(400, "unreadable_query", reason)


def no_such_path(path: str) -> ApiError:
    """The vendor's host has no such path. Assumed: the real one answers 200 with an empty body."""
    return ApiError(404, "not_found", f"There is nothing at {path}")


def no_such_account(account_id: str) -> ApiError:
    """For the rig's own controls."""
    return ApiError(404, "not_found", f"There is no account {account_id}.")


def no_such_passcode(account_id: str, passcode_id: str) -> ApiError:
    """For the rig's own controls."""
    return ApiError(404, "not_found", f"Account {account_id} has no passcode {passcode_id}.")


def no_such_campaign(account_id: str, campaign_id: int | str) -> ApiError:
    """For the rig's own controls."""
    return ApiError(404, "not_found", f"Account {account_id} has no campaign {campaign_id}.")


def not_json(reason: str) -> ApiError:
    """For the rig's own controls."""
    return ApiError(400, "malformed_json", f"The body is not JSON: {reason}.")


def wrong_values(problems: Sequence[Mapping[str, str]]) -> ApiError:
    """For the rig's own controls: members of the body are wrong, each with its `path` and `message`."""
    message = "; ".join(": ".join(filter(None, (problem["path"], problem["message"]))) for problem in problems)
    return ApiError(422, "invalid", message, problems=problems)


def wrong_value(path: str, message: str) -> ApiError:
    """For the rig's own controls: one member of the body is wrong."""
    return ApiError(422, "invalid", message, problems=[{"path": path, "message": message}])
