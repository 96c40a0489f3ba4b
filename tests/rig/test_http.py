"""One request, one answer, and the order of checks between them."""

import msgspec
import pytest

from mock_servers.rig.clock import Clock
from mock_servers.rig.control import Desk, control
from mock_servers.rig.dispatch import Dispatcher
from mock_servers.rig.exchange import Answer, ApiError, MalformedBodyError, Request, control_error
from mock_servers.rig.guard import Guard
from mock_servers.rig.http import Server, serve
from mock_servers.rig.journal import Journal
from mock_servers.rig.routes import Routes

routes = Routes()


@routes.get("/things/<id>")
def show(service, caller, request):
    return Answer(200, {"id": request.values["id"], "caller": caller, "q": request.query.get("q")})


@routes.post("/things")
def add(service, caller, request):
    service.append(request.json())
    return Answer(201, {"count": len(service)})


@routes.get("/open", public=True)
def read_open(service, caller, request):
    return Answer(200, b"plain", {"Content-Type": "text/plain"})


def authenticate(service, request):
    if request.headers.get("x-key") != "right-key":
        raise ApiError(401, "unauthorized", "Who are you?")
    return "ada"


class Service(list):
    ACCOUNT_WISHES = ("name",)

    def reset(self):
        self.clear()

    def add_account(self, wishes):
        return {"name": wishes.get("name"), "passcode": "new-pass"}


@pytest.fixture
def server(at):
    clock = Clock.frozen(at(0))
    service, journal = Service(), Journal()
    desk = Desk("thing", service, clock, Dispatcher(clock), journal)
    return Server("thing", service, routes, authenticate, control_error, control, desk, clock, Guard(), journal)


def ask(server, method, path, body=b"", *, key="right-key", query=None, **headers):
    headers = {"host": "localhost", "x-key": key, "content-type": "application/json", **headers}
    return serve(server, Request(method, path, query or {}, headers, body))


def test_an_operation_answers_with_a_value(server):
    """An operation takes service, caller and request, and returns an Answer."""
    answer = ask(server, "GET", "/things/7", query={"q": "x"})
    assert (answer.status, msgspec.json.decode(answer.body())) == (200, {"id": "7", "caller": "ada", "q": "x"})


@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        pytest.param("GET", "/nowhere", "wrong", 401, id="credentials before routing"),
        pytest.param("PUT", "/things", "wrong", 401, id="credentials before the method"),
        pytest.param("GET", "/nowhere", "right-key", 404, id="no such path"),
        pytest.param("PUT", "/things", "right-key", 405, id="no such method"),
        pytest.param("GET", "/open", "wrong", 200, id="a public route asks nobody"),
        pytest.param("GET", "/_rig/nowhere", "wrong", 404, id="controls ask for no vendor credentials"),
    ],
)
def test_the_order_of_checks(server, method, path, key, status):
    """Credentials come before path and method, as the vendors have it. (Pipedrive 1.5; observed)"""
    assert ask(server, method, path, key=key).status == status


@pytest.mark.parametrize(
    ("body", "part"),
    [
        pytest.param(b"{", "truncated", id="cut off"),
        pytest.param(b"// note\n{}", "malformed", id="a comment"),
        pytest.param(b'{"a": NaN}', "malformed", id="NaN"),
        pytest.param(b'"\xff"', "utf-8", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "deeply", id="deep nesting"),
    ],
)
def test_a_broken_body_says_what_and_where(body, part):
    """Reading JSON raises one kind of error, whatever is wrong."""
    with pytest.raises(MalformedBodyError, match=part):
        Request("POST", "/", body=body).json()


def test_every_exchange_is_in_the_journal_with_secrets_masked(server):
    """What went in and out can be read afterwards, without a credential in it."""
    ask(server, "POST", "/things", b'{"passcode": "abcdef123", "name": "Ada"}', authorization="Bearer sesame-sesame")
    entry = msgspec.json.decode(ask(server, "GET", "/_rig/journal").body())["data"][0]
    assert (entry["method"], entry["address"], entry["status"]) == ("POST", "/things", 201)
    assert '"name": "Ada"' in entry["request"]["body"]
    assert "abcdef123" not in str(entry)
    assert "sesame" not in str(entry)


def test_a_credential_is_hidden_wherever_it_is_repeated(server):
    """What was once sent as a credential is masked in every entry, also in a path or a text. (Ours)"""
    ask(server, "GET", "/things/5ecret-5ecret", authorization="Bearer 5ecret-5ecret")
    assert "5ecret" not in str(ask(server, "GET", "/_rig/journal").payload)
    assert "5ecret" not in repr(server.journal.entries())


def test_half_a_character_does_not_break_the_journal(server):
    """JSON can spell half an emoji; the entry is shown all the same, and so are the others."""
    with pytest.raises(MalformedBodyError):
        ask(server, "POST", "/things", b'{"passcode": "abcdef123", "x": "\\ud83d"}')
    answer = ask(server, "GET", "/_rig/journal")
    assert b"abcdef123" not in answer.body()
    assert len(answer.payload["data"]) == 1


def test_a_refused_credential_hides_no_ordinary_word(server):
    """Somebody sends the word "success-success" as a token: it opened nothing, so it stays readable."""
    ask(server, "GET", "/things/7", key="wrong", authorization="Bearer success-success")
    ask(server, "GET", "/things/success-success")
    assert "/things/success-success" in str(ask(server, "GET", "/_rig/journal").payload)


def test_a_failure_of_ours_is_in_the_journal_too(server):
    """The journal says every request, also the one that nobody answered."""
    with pytest.raises(MalformedBodyError):
        ask(server, "POST", "/things", b"{")
    [entry] = ask(server, "GET", "/_rig/journal").payload["data"]
    assert (entry["status"], "MalformedBodyError" in entry["problem"]) == (None, True)


def test_the_journal_is_bounded(server):
    """However many requests come, only the newest stay, and long bodies are cut."""
    for _ in range(2100):
        ask(server, "GET", "/open")
    ask(server, "POST", "/things", b'"' + b"x" * 100_000 + b'"')
    ask(server, "GET", "/open", **{f"x-{number}": "y" * 10_000 for number in range(100)})
    entries = server.journal.entries()
    assert len(entries) == 2000
    assert len(entries[-2].request_body) == 16_384
    assert sum(map(len, entries[-1].request_headers.values())) <= 64 * 2_048


@pytest.mark.parametrize(
    ("body", "status", "paths"),
    [
        pytest.param(b'{"advance_seconds": 900}', 200, [], id="a quarter of an hour"),
        pytest.param(b"{}", 422, ["advance_seconds"], id="nothing said"),
        pytest.param(b'{"advance_seconds": "900"}', 422, ["advance_seconds"], id="a text"),
        pytest.param(b'{"advance_seconds": true}', 422, ["advance_seconds"], id="a boolean"),
        pytest.param(b'{"advance_seconds": -1}', 422, ["advance_seconds"], id="backwards"),
        pytest.param(b'{"advance_seconds": 1e300}', 422, ["advance_seconds"], id="for ever"),
        pytest.param(b'{"minutes": 1, "hours": 2}', 422, ["minutes", "hours"], id="unknown keys, both named"),
        pytest.param(b"[]", 400, [], id="no object"),
        pytest.param(b"{", 400, [], id="broken JSON"),
    ],
)
def test_the_clock_is_moved_by_a_number_of_seconds(server, at, body, status, paths):
    """`{"advance_seconds": N}` moves the clock; anything else is explained and moves nothing. (Ours)"""
    answer = ask(server, "POST", "/_rig/clock", body)
    told = msgspec.json.decode(answer.body())
    assert answer.status == status
    assert server.clock.now() == at(900 if status == 200 else 0)
    if status != 200:
        assert [problem["path"] for problem in told["error"]["problems"]] == paths


def test_reset_settle_and_accounts(server):
    """The controls that every server has. (Ours)"""
    ask(server, "POST", "/things", b"1")
    assert ask(server, "POST", "/_rig/settle").payload == {"jobs_worked": 0, "set_aside": []}
    assert ask(server, "POST", "/_rig/accounts", b'{"name": "x"}').payload == {"name": "x", "passcode": "new-pass"}
    assert ask(server, "POST", "/_rig/reset").payload == {"reset": "thing"}
    assert server.service == []
    assert server.journal.entries() == []


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "²", "9" * 5000])
def test_a_bad_limit_is_explained(server, limit):
    """The journal's limit is a whole number of at least 1. (Ours)"""
    assert ask(server, "GET", "/_rig/journal", query={"limit": limit}).status == 422
