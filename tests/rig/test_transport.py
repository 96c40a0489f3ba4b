"""The sessions that all HTTP between the parts goes through."""

import io
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter

from mock_servers.rig.clock import Clock
from mock_servers.rig.guard import Guard
from mock_servers.rig.journal import Journal
from mock_servers.rig.transport import (
    AnswerTooLargeError,
    DirectAdapter,
    ForbiddenAddressError,
    GuardedAdapter,
    RecordingAdapter,
    make_session,
)


class Scripted(HTTPAdapter):
    """Answers every request with one status and headers, and remembers what was asked."""

    def __init__(self, status=200, **headers):
        super().__init__()
        self.status, self.headers, self.seen = status, headers, []

    def send(self, request, *args, **kwargs):
        self.seen.append(request)
        raw = urllib3.HTTPResponse(io.BytesIO(b"ok"), self.headers, self.status, preload_content=False)
        return self.build_response(request, raw)


@pytest.fixture
def server():
    """A real server on loopback that answers with the Host it was asked for; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.headers["Host"].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield httpd.server_port
        httpd.shutdown()
        thread.join()


def test_a_redirect_leads_nowhere():
    """It is an answer like any other, also where the caller forgot to say so."""
    adapter = Scripted(302, Location="https://evil.example/")
    answer = make_session(adapter).get("http://127.0.0.1/")
    assert (answer.status_code, len(adapter.seen)) == (302, 1)


def test_no_proxy_of_the_environment_and_no_cookie():
    """Settings of the machine and cookies of a server change nothing."""
    adapter = Scripted(200, **{"Set-Cookie": "session=1; Path=/"})
    session = make_session(adapter)
    session.get("http://127.0.0.1/")
    session.get("http://127.0.0.1/")
    assert session.trust_env is False
    assert "Cookie" not in adapter.seen[1].headers


def test_the_checked_address_is_called_under_the_name_that_was_asked_for(server):
    """A name that leads to loopback is resolved once: the call goes to that address, with the name as Host."""
    guard = Guard(resolve=lambda host, port: ["127.0.0.1"])
    with make_session(GuardedAdapter(guard)) as session:
        answer = session.get(f"http://somewhere.test:{server}/", timeout=10)
    assert answer.text == f"somewhere.test:{server}"
    assert answer.url == f"http://somewhere.test:{server}/"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://eu1.api.clevertap.com/1/upload", id="the real service"),
        pytest.param("http://user@203.0.113.9/", id="an address with a user name"),
        pytest.param("http://127.0.0.1@203.0.113.9/", id="a loopback address as user name"),
        pytest.param("http://127.0.0.1:8400/%5Frig/reset", id="a control, percent-encoded"),
    ],
)
def test_what_is_forbidden_is_a_connection_error(url):
    """So whoever calls handles it like a service that cannot be reached; nothing is sent."""
    guard = Guard(resolve=lambda host, port: [host if host[0].isdigit() else "203.0.113.9"])
    with make_session(GuardedAdapter(guard)) as session, pytest.raises(ForbiddenAddressError) as refused:
        session.post(url, json={}, timeout=10)
    assert isinstance(refused.value, requests.ConnectionError)


def test_an_unknown_host_in_process_says_who_is_there():
    """Nothing in this process answers for it, and no socket is tried."""
    with pytest.raises(ForbiddenAddressError, match=r"Nothing in this process answers for example\.com"):
        make_session(DirectAdapter({})).get("https://example.com/")


def test_a_call_is_in_the_journal_also_when_nothing_came_back(at):
    """What went out, when, and why there is no answer; secrets are masked."""
    journal, clock = Journal(), Clock.frozen(at(0))
    session = make_session(RecordingAdapter(DirectAdapter({}), "zapier", journal, clock))
    with pytest.raises(ForbiddenAddressError):
        session.post("https://example.com/?api_token=5ecret-5ecret", json={"passcode": "5ecret-5ecret"})
    [entry] = journal.entries("zapier")
    assert (entry.direction, entry.status) == ("out", None)
    assert "Nothing in this process" in entry.view()["problem"]
    assert "5ecret" not in str(entry.view())


@pytest.fixture
def answering():
    """A server that answers as a function says that writes to the socket; gives its address."""
    opened = []

    def start(write):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                try:
                    write(self.wfile, stop)
                except OSError:
                    pass  # the caller has gone, as it should
                self.close_connection = True

            def log_message(self, *_):
                pass

        stop = threading.Event()
        httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        opened.append((httpd, thread, stop))
        return f"http://127.0.0.1:{httpd.server_port}/"

    yield start
    for httpd, thread, stop in opened:
        stop.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def drip(beginning, piece):
    """Sends a piece every few milliseconds until the test ends."""

    def write(wfile, stop):
        wfile.write(beginning)
        while not stop.wait(0.02):
            wfile.write(piece)
            wfile.flush()

    return write


@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x", id="the body comes in drops"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n", id="the headers come in drops"),
        pytest.param(b"", b"", id="nothing comes"),
    ],
)
def test_a_time_out_is_for_the_whole_call(answering, beginning, piece):
    """A receiver that answers a byte at a time held up settling, the clock and the end of the rig for ever."""
    url = answering(drip(beginning, piece))
    with make_session(GuardedAdapter(Guard())) as session, pytest.raises(requests.RequestException):
        session.post(url, timeout=0.2)


def test_an_answer_without_end_is_not_kept(answering):
    """A receiver that streamed gigabytes filled the memory of the rig."""
    url = answering(lambda wfile, stop: [wfile.write(b"HTTP/1.1 200 OK\r\n\r\n"), *iter_write(wfile, stop)])
    with make_session(GuardedAdapter(Guard())) as session, pytest.raises(AnswerTooLargeError):
        session.post(url, timeout=30)


def iter_write(wfile, stop):
    while not stop.is_set():
        yield wfile.write(b"x" * 1_000_000)


def test_an_answer_is_read_whole_and_its_connection_used_again(server):
    """What was read is there like any answer's, compressed or not, and two calls need one connection."""
    with make_session(GuardedAdapter(Guard())) as session:
        answers = [session.get(f"http://127.0.0.1:{server}/", timeout=10) for _ in range(2)]
    assert [answer.text for answer in answers] == [f"127.0.0.1:{server}"] * 2
