"""What any connector to CleverTap must keep, as a class of tests to subclass.

    class TestOurConnector(ConnectorContract):
        valid = {"upload_event": {"identity": "ada@example.com", "event_name": "Deal Won"}}

        def run(self, session, auth_data, action, input_data):
            return OurConnector(session, **auth_data).run(action, input_data)

        authentication_error = OurAuthError     # and the other errors

pytest and hypothesis come with the extra `contract`. Nothing leaves the process: the session answers by itself.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from connector import (
    REGIONS,
    App,
    AuthenticationError,
    Bundle,
    InputError,
    RecordRejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)

from .conformity import check_request
from .documents import Document, clevertap_document

if TYPE_CHECKING:
    from hypothesis import strategies as st

PASSCODE = "PASS-CODE-4711"
ELSEWHERE = "elsewhere.example"
SUCCESS: Mapping[str, Any] = {"status": "success", "processed": 1, "unprocessed": []}

Answer = Callable[[requests.PreparedRequest], tuple[int, Mapping[str, str], bytes]]


class ConnectorContract:
    """Subclass it as `Test...` and say how the connector runs. With an `app` in Zapier's words that is said already."""

    app: ClassVar[App | None] = None
    valid: ClassVar[Mapping[str, Mapping[str, Any]]]
    """For each action, form values that make a record."""
    document: ClassVar[Document | None] = None
    """None is the shipped document of CleverTap."""
    max_examples: ClassVar[int] = 200
    """Made-up form values for each action."""

    input_error: ClassVar[type[Exception]] = InputError
    authentication_error: ClassVar[type[Exception]] = AuthenticationError
    throttled_error: ClassVar[type[Exception]] = ThrottledError
    rejected_error: ClassVar[type[Exception]] = RecordRejectedError
    unexpected_answer_error: ClassVar[type[Exception]] = UnexpectedAnswerError
    unreachable_error: ClassVar[type[Exception]] = UnreachableError

    runs: int = 0
    """How often an action was run."""

    def run(
        self, session: requests.Session, auth_data: Mapping[str, str], action: str, input_data: Mapping[str, Any]
    ) -> Any:
        """Run an action of the connector. `auth_data` has `account_id`, `passcode` and `region`."""
        assert self.app is not None, "give the class an app, or a method run"  # noqa: S101 - a test's own words
        found = self.app.find_action(action)
        assert found is not None, f"the app has no action {action}"  # noqa: S101
        return found.perform(session, Bundle(auth_data=auth_data, input_data=input_data))

    def _run(
        self, session: requests.Session, auth_data: Mapping[str, str], action: str, input_data: Mapping[str, Any]
    ) -> Any:
        self.runs += 1
        return self.run(session, auth_data, action, input_data)

    def values(self, action: str) -> "st.SearchStrategy[dict[str, Any]]":
        """Form values, right, wrong and odd: the valid ones, with other values for some fields."""
        return _form_values(self.valid[action])

    # What is sent

    def test_every_request_follows_the_document(self) -> None:
        """Whatever is in the form, what is sent is as the document describes, or refused clearly before."""
        for action in self.valid:
            _try_out(self.values(action), self.max_examples, partial(self._check, action))

    def _check(self, action: str, given: dict[str, Any]) -> None:
        session, sent = _session(_answers(200, SUCCESS))
        refusal = None
        try:
            self._run(session, _auth_data(), action, given)
        except self.input_error as error:
            refusal = str(error)
        if refusal is not None:
            assert not sent, f"{action} sent something, and then refused {given!r}: {refusal}"  # noqa: S101
            assert refusal.strip(), f"{action} refused {given!r} without a word"  # noqa: S101
            return
        document = self.document or clevertap_document()
        faults = [fault for each in sent for fault in check_request(document, each, action)]
        told = "\n".join(f"  {each.part} {each.path}: {each.message} (seen: {each.example})" for each in faults)
        assert not faults, f"{action} with {given!r} is unlike the document:\n{told}"  # noqa: S101
        assert sent, f"{action} with {given!r} sent nothing, and did not say why"  # noqa: S101

    def test_the_accounts_own_region_is_asked(self) -> None:
        """Each region has a host of its own; another one does not know the account."""
        for action, given in self.valid.items():
            for region in REGIONS:
                session, sent = _session(_answers(200, SUCCESS))
                self._run(session, {**_auth_data(), "region": region}, action, given)
                hosts = {urlsplit(str(each.url)).hostname for each in sent}
                assert hosts == {f"{region}.api.clevertap.com"}, f"{action} in {region} asked {hosts}"  # noqa: S101

    # What is made of the answer

    def test_a_record_that_was_not_processed_is_an_error(self) -> None:
        """HTTP 200 says nothing: the body does, whether it is `partial` or `fail`."""
        refused = {"status": "fail", "code": 509, "error": "Event Name is mandatory", "record": {}}
        for status in ("partial", "fail"):
            answer = {"status": status, "processed": 0, "unprocessed": [refused]}
            self._expect(self.rejected_error, _answers(200, answer), f"an answer that is {status}")

    def test_wrong_credentials_are_said_to_be_wrong(self) -> None:
        """A 401 is for the person who connected the account."""
        answer = {"status": "fail", "error": f"Invalid Credentials {PASSCODE}", "code": 401}
        self._expect(self.authentication_error, _answers(401, answer), "a 401")

    def test_too_many_requests_are_said_to_be_too_many(self) -> None:
        """A 429 is for whoever tries again later."""
        self._expect(self.throttled_error, _answers(429, {"status": "fail", "error": "Too many", "code": 429}), "a 429")

    def test_an_answer_that_is_not_documented_is_an_error(self) -> None:
        """A proxy's page, half of an answer, an empty one, a redirect: none of these is a success."""
        for words, status, body in (
            ("a page", 502, f"<html>{PASSCODE}".encode()),
            ("half of an answer", 200, b'{"status": "succ'),
            ("an empty answer", 200, b""),
            ("another shape", 200, b'{"ok": true}'),
            ("a redirect", 302, b""),
        ):
            self._expect(self.unexpected_answer_error, partial(_says, status, body), words)

    def test_no_redirect_is_followed(self) -> None:
        """It would carry the credentials elsewhere."""
        for action, given in self.valid.items():
            session, sent = _session(_leads_elsewhere)
            with suppress(self.unexpected_answer_error):
                self._run(session, _auth_data(), action, given)
            hosts = {urlsplit(str(each.url)).hostname for each in sent}
            assert ELSEWHERE not in hosts, f"{action} carries the credentials to wherever a redirect leads"  # noqa: S101

    def test_a_service_that_is_not_there_is_said_to_be_so(self) -> None:
        """No connection, or no answer in time."""
        for problem in (requests.ConnectionError("refused"), requests.Timeout("timed out")):
            self._expect(self.unreachable_error, _raises(problem), f"a {type(problem).__name__}")

    def _expect(self, error: type[Exception], answer: Answer, words: str) -> None:
        """Each action must end with this error, and keep the passcode for itself."""
        for action, given in self.valid.items():
            session, _ = _session(answer)
            said = None
            try:
                self._run(session, _auth_data(), action, given)
            except error as raised:
                said = f"{raised} {raised!r}"
            assert said is not None, f"{action} took {words} for a success"  # noqa: S101
            assert PASSCODE not in said, f"{action} shows the passcode after {words}"  # noqa: S101


def _auth_data() -> dict[str, str]:
    return {"account_id": "ABC-123-4567", "passcode": PASSCODE, "region": "eu1"}


def _answers(status: int, body: Mapping[str, Any]) -> Answer:
    return lambda _: (status, {"Content-Type": "application/json"}, json.dumps(body).encode())


def _says(status: int, body: bytes, _: requests.PreparedRequest) -> tuple[int, Mapping[str, str], bytes]:
    return status, {}, body


def _leads_elsewhere(request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], bytes]:
    if urlsplit(str(request.url)).hostname == ELSEWHERE:
        return _answers(200, SUCCESS)(request)
    return 302, {"Location": f"https://{ELSEWHERE}/"}, b""


def _raises(problem: Exception) -> Answer:
    def answer(_: requests.PreparedRequest) -> tuple[int, Mapping[str, str], bytes]:
        raise problem

    return answer


class _Answering(BaseAdapter):
    """A service that says one thing, and remembers what it was sent."""

    def __init__(self, answer: Answer):
        super().__init__()
        self.answer = answer
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.sent.append(request)
        status, headers, body = self.answer(request)
        response = requests.Response()
        response.status_code, response._content = status, body  # noqa: SLF001 - requests has no other way
        response.headers.update(headers)
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        """There is nothing to close."""


def _session(answer: Answer) -> tuple[requests.Session, list[requests.PreparedRequest]]:
    adapter = _Answering(answer)
    session = requests.Session()  # an ordinary one: it would follow a redirect if the connector let it
    session.trust_env = False
    for prefix in ("http://", "https://"):
        session.mount(prefix, adapter)
    return session, adapter.sent


def _form_values(valid: Mapping[str, Any]) -> "st.SearchStrategy[dict[str, Any]]":
    from hypothesis import strategies as st

    plain = st.one_of(
        st.text(max_size=30),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.none(),
        st.sampled_from(["", " ", "0", "é😀"]),
    )
    moments = st.datetimes().map(lambda each: each.isoformat(timespec="seconds") + "Z")
    dates = st.one_of(moments, moments.map(lambda each: each[:10]), st.integers(0, 2**40))
    names = st.text(max_size=12)
    nested = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner))
    objects = st.dictionaries(names, nested, max_size=4)
    value = st.one_of(plain, dates, objects, objects.map(json.dumps))
    changes = st.fixed_dictionaries({}, optional=dict.fromkeys(valid, value))
    return st.tuples(changes, st.sets(st.sampled_from(sorted(valid)), max_size=2)).map(
        lambda made: {name: each for name, each in {**valid, **made[0]}.items() if name not in made[1]}
    )


def _try_out(values: "st.SearchStrategy[dict[str, Any]]", number: int, check: Callable[[dict[str, Any]], None]) -> None:
    import hypothesis

    settings = hypothesis.settings(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    settings(hypothesis.given(values)(lambda given: check(given)))()  # hypothesis wants a function
