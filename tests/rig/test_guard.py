"""Who may call us, and where we may call."""

import pytest

from mock_servers.rig.exchange import Request
from mock_servers.rig.guard import Guard, RefusedAddressError

GUARD = Guard(stands_for=("*.pipedrive.com",), allowed_hosts=("rig.test", "*.lan.test"))


def call(method="GET", path="/v1/deals", **headers):
    return Request(method, path, headers={"host": "127.0.0.1:8401", **headers})


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        pytest.param("127.0.0.1:8401", True, id="loopback address"),
        pytest.param("localhost", True, id="localhost"),
        pytest.param("in1.localhost:8402", True, id="a child of localhost"),
        pytest.param("[::1]:8401", True, id="loopback of IPv6"),
        pytest.param("northlight.pipedrive.com", True, id="a vendor name we stand for"),
        pytest.param("rig.test:80", True, id="a name allowed by the user"),
        pytest.param("a.lan.test", True, id="a child of an allowed name"),
        pytest.param("evil.example", False, id="a foreign name, as in DNS rebinding"),
        pytest.param("pipedrive.com.evil.example", False, id="a vendor name in front of a foreign one"),
        pytest.param("evilpipedrive.com", False, id="a vendor name without its dot"),
        pytest.param("192.168.1.5", False, id="another machine's address"),
        pytest.param("", False, id="none at all"),
        pytest.param("[::1", False, id="half an address"),
    ],
)
def test_only_our_own_names_are_answered(host, is_ours):
    """A Host that is not loopback, a vendor name we stand for, or allowed by name is refused. (Ours)"""
    problem = GUARD.find_problem(call(host=host))
    assert (problem is None) == is_ours
    assert problem is None or "--allow-host" in problem


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        pytest.param(call("POST", "/_rig/reset", **JSON), None, id="a change with JSON"),
        pytest.param(
            call("POST", "/api/zaps", **{"content-type": "application/json; charset=utf-8"}), None, id="charset"
        ),
        pytest.param(call("POST", "/_rig/reset"), "application/json", id="a change without a content type"),
        pytest.param(call("DELETE", "/api/zaps/1"), None, id="a deletion without a body"),
        pytest.param(call("PATCH", "/api/zaps/1", **{"content-type": "text/plain"}), "application/json", id="as text"),
        pytest.param(
            call("POST", "/v1/deals", **{"content-type": "text/plain"}), None, id="vendor routes are not ours"
        ),
        pytest.param(call("POST", "/_rig/reset", origin="https://evil.example", **JSON), "evil.example", id="origin"),
        pytest.param(call("POST", "/oauth/authorize", origin="https://evil.example"), "evil.example", id="form origin"),
        pytest.param(call("POST", "/oauth/authorize", origin="http://["), "http://[", id="half an origin"),
        pytest.param(call("POST", "/oauth/authorize", origin="null"), "null", id="an opaque origin"),
        pytest.param(call("POST", "/oauth/authorize", origin="http://127.0.0.1:8401"), None, id="our own origin"),
        pytest.param(call("POST", "/_rig/reset", origin="http://127.0.0.1:9999", **JSON), "9999", id="another port"),
        pytest.param(
            call("POST", "/_rig/reset", **JSON, **{"sec-fetch-site": "cross-site"}), "another site", id="cross-site"
        ),
        pytest.param(call("GET", "/_rig/journal", origin="https://evil.example"), None, id="reading needs no check"),
    ],
)
def test_no_foreign_page_may_change_anything(request_, part):
    """Changes need JSON on our own API, and never a foreign Origin or Sec-Fetch-Site. (Ours)"""
    problem = GUARD.find_problem(request_)
    assert problem is None if part is None else part in problem


def test_controls_need_the_token_where_others_can_reach_the_rig():
    """With a control token, `/_rig/` asks for it; without one (loopback only) it is open. (Ours)"""
    guarded = Guard(control_token="t0ken-t0ken")
    assert guarded.find_control_problem(call(authorization="Bearer t0ken-t0ken")) is None
    assert "control token" in guarded.find_control_problem(call())
    assert "control token" in guarded.find_control_problem(call(authorization="Bearer wrong"))
    assert Guard().find_control_problem(call()) is None
    assert "t0ken" not in repr(guarded)


NAMES = {
    "localhost": ["127.0.0.1"],
    "double.test": ["127.0.0.1", "203.0.113.9"],
    "rebound.test": ["203.0.113.9"],
    "mine.test": ["127.0.0.2"],
    "six.test": ["::1"],
}
OUT = Guard(allowed_hosts=("api.partner.test",), resolve=lambda host, port: NAMES.get(host, [host]))


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        pytest.param("127.0.0.1", "/hooks/1", "127.0.0.1", id="loopback"),
        pytest.param("localhost", "/", "127.0.0.1", id="a name that leads to loopback: the checked address is called"),
        pytest.param("mine.test", "/", "127.0.0.2", id="another loopback address"),
        pytest.param("six.test", "/", "::1", id="IPv6"),
        pytest.param("api.partner.test", "/", None, id="allowed by name"),
    ],
)
def test_calls_go_to_loopback_or_to_allowed_names(host, path, expected):
    """Every resolved address is checked, and the checked one is called. (Ours)"""
    assert OUT.permitted_address(host, 80, path) == expected


@pytest.mark.parametrize(
    ("host", "path"),
    [
        pytest.param("eu1.api.clevertap.com", "/1/upload", id="the real service"),
        pytest.param("double.test", "/", id="one address of several is elsewhere"),
        pytest.param("rebound.test", "/", id="a name that leads elsewhere"),
        pytest.param("10.0.0.8", "/", id="a private network"),
        pytest.param("169.254.169.254", "/", id="a cloud's metadata"),
        pytest.param("0.0.0.0", "/", id="the unspecified address"),
        pytest.param("127.0.0.1", "/_rig/reset", id="a control of a rig"),
        pytest.param("api.partner.test", "/_rig/clock", id="a control, even where the name is allowed"),
    ],
)
def test_nothing_else_is_called(host, path):
    """Made-up data never reaches a real account by accident, and the rig never drives a rig. (Ours)"""
    with pytest.raises(RefusedAddressError):
        OUT.permitted_address(host, 80, path)
