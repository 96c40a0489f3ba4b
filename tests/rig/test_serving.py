"""Sockets: connections that are kept, requests that end where they end, and an end that drops nothing in hand."""

import io
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import msgspec
import pytest

from mock_servers.rig import bodies
from mock_servers.rig.serving import BREATH_SECONDS, HttpServer, TakenPortError, listen


def echo(environ, start_response):
    """Answers with method, path and body."""
    body = environ["wsgi.input"].read()
    said = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} ".encode() + body
    start_response("200 OK", [("Content-Length", str(len(said))), ("Content-Type", "text/plain")])
    return [said]


@contextmanager
def served(app):
    server = HttpServer(app, listen("127.0.0.1", 0))
    server.start()
    try:
        yield server
    finally:
        server.drain()


@pytest.fixture
def server():
    with served(echo) as running:
        yield running


@contextmanager
def connected(server):
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as connection:
        yield connection


def talk(server, *parts):
    """Send these bytes over one connection and read until the server closes it."""
    with connected(server) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_a_connection_is_kept_for_the_next_request(server):
    """Two requests over one connection get two answers, and none of them says that it closes."""
    answer = talk(server, GET, GET)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert b"Connection: close" not in answer


def test_requests_sent_at_once_are_answered_in_their_order(server):
    """A client may send the next request before the first is answered; each body ends where it says."""
    post = b"POST /%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
    answer = talk(server, b"".join(post % number for number in range(3)))
    assert [answer.index(b"POST /%d abc" % number) for number in range(3)] == sorted(
        answer.index(b"POST /%d abc" % number) for number in range(3)
    )


def test_a_body_that_the_app_does_not_read_is_not_taken_for_the_next_request():
    """The rest of a request never becomes another one."""

    def deaf(environ, start_response):
        start_response("204 No Content", [])
        return []

    with served(deaf) as server:
        answer = talk(
            server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n", GET
        )
    assert answer.count(b"HTTP/1.1 204") == 2


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde", id="chunks"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", b"abc",
                     id="a chunk with an extension, and a trailer"),
        pytest.param(b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", b"ab", id="the same length twice"),
    ],
)  # fmt: skip
def test_bodies_end_where_they_say(server, request_, body):
    """By chunks or by a length. (RFC 9112, 6)"""
    answer = talk(server, b"POST /x HTTP/1.1\r\nHost: localhost\r\n" + request_, GET)
    assert b"POST /x " + body in answer
    assert answer.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nab", id="two lengths"),
        pytest.param(b"Content-Length: -1\r\n\r\n", id="a negative length"),
        pytest.param(b"Content-Length: 1e3\r\n\r\n", id="a length that is no number"),
        pytest.param(b"Transfer-Encoding: gzip\r\n\r\n", id="an unknown coding"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", id="a chunk without a size"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n", id="a chunk longer than it says"),
        pytest.param(b"Content-Length: 10\r\n\r\nabc", id="a body that breaks off"),
        pytest.param(b"Content-Length : 2\r\n\r\nab", id="a blank before the colon"),
        pytest.param(b"no header\r\nContent-Length: 2\r\n\r\nab", id="a line without a colon"),
        pytest.param(b"Host: evil.example\r\n\r\n", id="two hosts"),
        pytest.param(b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", id="chunks and a length"),
    ],
)
def test_a_body_without_a_clear_end_is_refused_and_the_connection_closed(server, request_):
    """What follows could be anything, so nothing more is read. (RFC 9112, 6.3)"""
    answer = talk(server, b"POST /x HTTP/1.1\r\nHost: localhost\r\n" + request_)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'GARBAGE "quoted"', id="no request line"),
        pytest.param(b"GET / HTTP/9.9", id="a version that does not exist"),
        pytest.param(b"GET /" + b"a" * 70_000 + b" HTTP/1.1", id="a line that is too long"),
    ],
)
def test_what_is_no_request_gets_an_error_like_all_others(server, line):
    """`{"error": {"code", "message", "problems"}}`, in JSON, and the connection is closed. (Ours)"""
    head, _, body = talk(server, line + b"\r\nHost: localhost\r\n\r\n").partition(b"\r\n\r\n")
    assert b"Connection: close" in head
    assert set(msgspec.json.decode(body)["error"]) == {"code", "message", "problems"}


def test_a_body_that_is_too_large_is_not_read():
    """The app is told the length, so it can answer in its own shape; the connection is closed after that."""
    announced = []

    def app(environ, start_response):
        announced.append(environ["CONTENT_LENGTH"])
        start_response("413 Too Large", [("Content-Length", "0")])
        return []

    with served(app) as server:
        size = bodies.LARGEST_BODY + 1
        answer = talk(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nabc" % size)
    assert announced == [str(size)]
    assert b"Connection: close" in answer


def test_a_client_that_is_still_sending_sees_the_refusal():
    """The rest of a body that is too large is taken in for a while, so that the answer arrives."""

    def app(environ, start_response):
        start_response("413 Too Large", [("Content-Length", "0")])
        return []

    with served(app) as server, connected(server) as connection:
        size = bodies.LARGEST_BODY + 8_000_000
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        piece = b"x" * 1_000_000
        for _ in range(size // len(piece)):
            connection.sendall(piece)
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 413")


def test_nobody_is_told_to_go_on_with_a_body_that_is_too_large():
    """The refusal comes alone."""

    def app(environ, start_response):
        start_response("413 Too Large", [("Content-Length", "0")])
        return []

    with served(app) as server:
        head = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n"
        assert talk(server, head).startswith(b"HTTP/1.1 413")


def test_an_empty_line_before_a_request_means_nothing(server):
    """Some clients send one after a body. (RFC 9112, 2.2)"""
    assert talk(server, b"\r\n" + GET, b"\r\n" + GET).count(b"HTTP/1.1 200") == 2


def test_a_client_that_wants_to_be_told_to_go_on_is_told_once(server):
    """`Expect: 100-continue` gets one interim answer, at once, before the body is sent."""
    with connected(server) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n")
        connection.sendall(b"Expect: 100-continue\r\n\r\n")
        reader = connection.makefile("rb")
        assert reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        connection.sendall(b"ab")
        rest = reader.read()
    assert rest.count(b"HTTP/1.1") == 1
    assert rest.endswith(b"POST /x ab")


def test_an_answer_without_a_length_ends_with_its_connection():
    """So that a stream of unknown length can be served."""

    def stream(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter([b"one ", b"two"])

    with served(stream) as server:
        answer = talk(server, GET)
    assert b"Connection: close" in answer
    assert answer.endswith(b"one two")


def test_head_has_no_body(server):
    """The next answer begins right after the headers."""
    answer = talk(server, b"HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n", GET)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.count(b"GET /a") == 1


def test_old_clients_are_let_go(server):
    """HTTP/1.0 without keep-alive, or a client that says close."""
    assert talk(server, b"GET /a HTTP/1.0\r\n\r\n").count(b"Connection: close") == 1
    assert talk(server, b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").count(b"Connection: close") == 1


def test_draining_finishes_what_is_in_hand_and_begins_nothing_new():
    """The request in hand is answered, with a word that the connection closes; then nothing is listening."""
    entered, may_go_on = threading.Event(), threading.Event()

    def slow(environ, start_response):
        entered.set()
        assert may_go_on.wait(10)
        return echo(environ, start_response)

    server = HttpServer(slow, listen("127.0.0.1", 0))
    server.start()
    answers = []
    client = threading.Thread(target=lambda: answers.append(talk(server, GET)))
    client.start()
    assert entered.wait(10)
    ending = threading.Thread(target=server.drain)
    ending.start()
    threading.Timer(0.1, may_go_on.set).start()
    ending.join(10)
    client.join(10)
    assert b"GET /a" in answers[0]
    assert b"Connection: close" in answers[0]
    with pytest.raises(ConnectionRefusedError):
        talk(server, GET)


def test_a_client_that_hangs_up_hurts_nobody(server, capfd):
    """No traceback, and the next client is served."""
    with connected(server) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
    with connected(server):
        pass
    assert b"GET /a" in talk(server, GET)
    assert capfd.readouterr() == ("", "")


OUT_OF_FILES = """
import os, resource, socket, threading, time
from http.client import HTTPConnection
from mock_servers.rig.serving import HttpServer, listen

resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

class Watched(HttpServer):
    tries, third = [], threading.Event()

    def get_request(self):
        self.tries.append(time.monotonic())
        if len(self.tries) == 3:
            self.third.set()
        return super().get_request()

def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

server = Watched(app, listen("127.0.0.1", 0))
server.start()
first = HTTPConnection(*server.server_address)
first.request("GET", "/")
assert first.getresponse().read() == b"ok"  # the loop is running
server.tries.clear()

late = socket.socket()
held = []
try:
    while True:
        held.append(os.dup(0))
except OSError:
    late.connect(server.server_address)
assert server.third.wait(10)
print(server.tries[2] - server.tries[0])
for file in held:
    os.close(file)
late.sendall(b"GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
answer = late.makefile("rb").read()
assert answer.endswith(b"ok"), answer
server.drain()
"""


def test_a_server_out_of_files_waits_and_lets_people_in_later():
    """It takes a breath between two tries, and who waited at the door is answered once there are files again."""
    ended = subprocess.run([sys.executable, "-c", OUT_OF_FILES], capture_output=True, text=True, timeout=60)

    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) >= BREATH_SECONDS  # two breaths, less what the clock rounds


def test_a_taken_port_and_a_foreign_address_are_said():
    """With what to do."""
    with listen("127.0.0.1", 0) as taken, pytest.raises(TakenPortError, match=r"is taken\. .*--port"):
        listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(TakenPortError, match=r"Cannot listen on 203\.0\.113\.7"):
        listen("203.0.113.7", 0)


def test_any_split_of_a_chunked_body_reads_the_same():
    """Chunks are only how it travels."""
    from email.message import Message

    headers = Message()
    headers["Transfer-Encoding"] = "chunked"
    text = b"The whole body, however it is cut."
    for size in (1, 7, len(text)):
        chunks = [text[start : start + size] for start in range(0, len(text), size)]
        sent = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
        assert bodies.read_body(headers, io.BytesIO(sent)).content == text
