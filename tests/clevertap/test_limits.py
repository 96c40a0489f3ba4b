"""How many calls an account may make at once, and what more of them get."""

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

SEEN = {"type": "event", "identity": "u-1", "evtName": "Seen"}
BODY = msgspec.json.encode({"d": [SEEN]})
TOO_MANY = {"status": "fail", "error": "Too many concurrent requests", "code": 429}
PATIENCE = 10
"""Seconds after which a thread that should have come is given up."""


def enforce(caller, **settings):
    wishes = {"enforce_limits": True, **settings}
    assert caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", wishes)[0] == 200


class Crowd:
    """Many threads that make the same call while the tables are locked, so that all are in hand at once."""

    def __init__(self, database, calls):
        self.database = database
        self.calls = calls

    def __call__(self, call, refused):
        """The answers of all, once `refused` of them have come while the lock is held."""
        early = []
        arrived = threading.Semaphore(0)

        def one(_):
            answer = call()
            early.append(answer)
            arrived.release()
            return answer

        with ThreadPoolExecutor(self.calls) as pool:
            with self.database.write():
                answers = pool.map(one, range(self.calls))
                for _ in range(refused):
                    assert arrived.acquire(timeout=PATIENCE)
                came_early = list(early)
            return list(answers), came_early


def test_the_sixteenth_upload_at_once_is_a_429(caller, database):
    """Fifteen calls in hand are allowed; the rest is refused at once and stores nothing. (3.8; documented)"""
    enforce(caller)
    answers, early = Crowd(database, 64)(lambda: caller.ask("POST", "/1/upload", body=BODY), refused=49)
    assert sorted(answer.status for answer in answers) == [200] * 15 + [429] * 49
    assert {answer.status for answer in early} == {429}
    assert [msgspec.json.decode(answer.body()) for answer in early] == [TOO_MANY] * 49
    assert caller.profile(identity="u-1")["events"]["Seen"]["count"] == 15


def test_other_calls_have_a_limit_of_three_each(caller, database):
    """Every other API has its own three. (3.8; documented)"""
    enforce(caller)
    subscribe = msgspec.json.encode({"d": []})
    answers, _ = Crowd(database, 10)(lambda: caller.ask("POST", "/1/subscribe", body=subscribe), refused=7)
    assert sorted(answer.status for answer in answers) == [200] * 3 + [429] * 7


def test_without_enforcement_calls_are_only_counted(caller, database):
    """Limits refuse only where an account says so, and the largest number is shown. (Ours)"""
    lock = threading.Barrier(21)

    def call():
        lock.wait(PATIENCE)
        return caller.ask("POST", "/1/upload", body=BODY)

    with ThreadPoolExecutor(20) as pool, database.write():
        answers = pool.map(lambda _: call(), range(20))
        lock.wait(PATIENCE)
    assert {answer.status for answer in answers} == {200}
    assert caller.profile(identity="u-1")["events"]["Seen"]["count"] == 20
    shown = caller.control("GET", f"/_rig/accounts/{caller.account_id}")[1]["most_calls_at_once"]
    assert 1 <= shown["/1/upload"] <= 20


def test_a_region_in_the_path_is_the_same_call(caller, newcomer):
    """`/in1/1/upload` counts as `/1/upload`. (Ours)"""
    newcomer.ask("POST", "/in1/1/upload", body=BODY)
    newcomer.ask("POST", "/1/upload", body=BODY)
    shown = newcomer.control("GET", f"/_rig/accounts/{newcomer.account_id}")[1]["most_calls_at_once"]
    assert shown == {"/1/upload": 1}


@pytest.mark.parametrize(
    ("headers", "method", "status"),
    [
        pytest.param({"x-clevertap-passcode": "wrong"}, "POST", 401, id="credentials come first"),
        pytest.param({}, "PUT", 429, id="the method comes later"),
    ],
)
def test_where_the_limit_stands_in_the_order_of_checks(caller, clevertap, headers, method, status):
    """After credentials, before the method. (Section 9; assumed)"""
    enforce(caller, upload_concurrency=1)
    account = clevertap.account(caller.account_id)
    with clevertap.concurrency.call(account, "/1/upload"):
        assert caller.ask(method, "/1/upload", body=BODY, headers=headers).status == status
    assert caller.ask("POST", "/1/upload", body=BODY).status == 200


def test_a_call_that_fails_is_in_hand_no_more(caller):
    """Whatever becomes of a call, its place is free afterwards. (Ours)"""
    enforce(caller, upload_concurrency=1)
    assert [caller.ask("POST", "/1/upload", body=b"broken").status for _ in range(3)] == [400] * 3
    assert caller.ask("POST", "/1/upload", body=BODY).status == 200


@pytest.mark.parametrize(
    ("wishes", "path"),
    [
        pytest.param({"upload_concurrency": 0}, "upload_concurrency", id="none allowed"),
        pytest.param({"colour": "red"}, "colour", id="no such setting"),
        pytest.param({"time_zone": "Mars/Base"}, "time_zone", id="no such zone"),
        pytest.param({"identity_fields": ["name"]}, "identity_fields", id="no such field"),
    ],
)
def test_a_wrong_setting_is_a_422(caller, wishes, path):
    """It is named, and nothing changes. (Ours)"""
    before = caller.control("GET", f"/_rig/accounts/{caller.account_id}")
    status, told = caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", wishes)
    assert (status, [problem["path"] for problem in told["error"]["problems"]]) == (422, [path])
    assert caller.control("GET", f"/_rig/accounts/{caller.account_id}") == before


def test_unknown_paths_are_not_counted(caller):
    """Each would else be kept for good: a long run of them grew the server's memory. (Ours)"""
    for number in range(5):
        assert caller.ask("GET", f"/1/nothing-{number}").status == 404
    caller.ask("POST", "/1/upload/", body=BODY)
    assert caller.control("GET", f"/_rig/accounts/{caller.account_id}")[1]["most_calls_at_once"] == {"/1/upload": 1}


def test_the_singular_of_a_count_is_the_same_call(caller):
    """One API has one limit, whichever of its paths is used. (3.8: documented, 8.15: observed)"""
    for name in ("profile", "profiles"):
        caller.ask("POST", f"/1/counts/{name}.json", body=b"{}")
    shown = caller.control("GET", f"/_rig/accounts/{caller.account_id}")[1]["most_calls_at_once"]
    assert shown == {"/1/counts/profiles.json": 1}


@pytest.mark.parametrize(
    ("wishes", "path"),
    [
        pytest.param({"identity_fields": ["phone", "phone"]}, "identity_fields", id="a field twice"),
        pytest.param({"upload_concurrency": 10**30}, "upload_concurrency", id="more calls than there are"),
        pytest.param({"time_zone": "localtime"}, "time_zone", id="a zone that depends on the machine"),
    ],
)
def test_a_senseless_setting_is_a_422(caller, wishes, path):
    """What no account could have is refused. (Ours)"""
    status, told = caller.control("PATCH", f"/_rig/accounts/{caller.account_id}/settings", wishes)
    assert (status, told["error"]["problems"][0]["path"]) == (422, path)
