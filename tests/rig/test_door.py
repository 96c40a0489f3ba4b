"""From WSGI to the pipeline and back."""

import dataclasses

import pytest
from werkzeug.test import Client

from mock_servers.config import Config
from mock_servers.rig.door import LazyDoor
from mock_servers.rig.exchange import Answer
from mock_servers.rig.routes import Routes
from mock_servers.stack import build_stack

SERVERS = ("zapier", "pipedrive", "clevertap")


@pytest.fixture
def stack():
    with build_stack(Config(deals=0)) as made:
        yield made


@pytest.mark.parametrize("name", SERVERS)
def test_the_paths_of_the_pages_are_those_that_flask_serves(stack, name):
    """What is told to the door and what Flask has registered cannot drift apart."""
    registered = {rule.rule for rule in stack.app(name).url_map.iter_rules()}
    assert stack.servers[name].pages == registered


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("kind", ["app", "lazy_app"])
def test_both_doors_serve_pages_and_the_api(stack, name, kind):
    """The Flask app, and the one that makes it with the first page."""
    client = Client(getattr(stack, kind)(name))
    page = client.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    clock = client.get("/_rig/clock")
    assert (clock.status_code, clock.mimetype) == (200, "application/json")


def test_flask_is_made_with_the_first_page(stack):
    """API clients do not wait for it."""
    made = []
    door = LazyDoor(stack.servers["zapier"], lambda server: made.append(server) or stack.app("zapier"))
    client = Client(door)
    client.get("/_rig/clock")
    assert made == []
    client.get("/")
    client.get("/")
    assert made == [stack.servers["zapier"]]


def test_head_has_the_headers_of_get_and_no_body(stack):
    """As HTTP has it."""
    client = Client(stack.app("zapier"))
    head, get = client.head("/api/apps"), client.get("/api/apps")
    assert head.data == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.data))


def test_a_body_that_is_too_large_is_refused_before_it_is_read(stack):
    """413 in the server's own shape."""
    client = Client(stack.app("clevertap"))
    too_long = {"CONTENT_LENGTH": str(65 * 1024 * 1024)}
    answer = client.post("/1/upload", data=b"x", environ_overrides=too_long)
    assert (answer.status_code, answer.json["status"]) == (413, "fail")


def test_a_fault_of_ours_is_an_answer_and_a_line_in_the_log(stack, caplog):
    """The client gets a 500 in the server's shape that names no inside; the log has the traceback."""
    broken = Routes()

    @broken.get("/broken", public=True)
    def fail(service, caller, request):
        raise ZeroDivisionError("the inside")

    server = dataclasses.replace(stack.servers["zapier"], routes=broken)
    answer = Client(LazyDoor(server, lambda _: stack.app("zapier"))).get("/broken")
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "internal_error")
    assert "the inside" not in answer.text
    assert "ZeroDivisionError: the inside" in caplog.text


@pytest.mark.parametrize("path", ["/%00", "/%FF", "/a%2Fb", "//", "/..", "/api/zaps/%F0%9F%98%80", "/" + "x" * 5000])
def test_odd_paths_are_ordinary_misses(stack, path):
    """Never a 500."""
    for name in SERVERS:
        assert Client(stack.app(name)).get(path).status_code in {401, 404}


def test_an_empty_answer_has_no_content_type(stack):
    """204 comes without a body and without saying what kind it is."""
    from mock_servers.rig.http import wire_headers

    assert wire_headers(stack.servers["zapier"], Answer(204), b"") == {"Content-Length": "0"}
