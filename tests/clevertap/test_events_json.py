"""Reading events back: a query gives a cursor, a cursor a page."""

import msgspec
import pytest

from mock_servers.clevertap.exports import EventQuery, UnreadableQueryError, read_cursor, read_query, write_cursor

DAY = {"event_name": "Seen", "from": 20240115, "to": 20240115}
MIDNIGHT = 1_705_276_800


def upload(caller, *moments, name="Seen"):
    caller.upload(
        *({"type": "event", "identity": "u-1", "evtName": name, "ts": ts, "evtData": {"at": ts}} for ts in moments)
    )


def query(caller, body=DAY, **wanted):
    answer = caller.ask("POST", "/1/events.json", body=msgspec.json.encode(body), **wanted)
    return answer.status, msgspec.json.decode(answer.body())


def page(caller, cursor, method="GET"):
    answer = caller.ask(method, "/1/events.json", cursor=cursor)
    return answer.status, msgspec.json.decode(answer.body())


def test_events_come_with_who_did_them(caller):
    """A page has the user, the properties, and the time as a number yyyyMMddHHmmss. (3.3; documented and observed)"""
    caller.upload({"type": "profile", "identity": "u-1", "profileData": {"Name": "Ada", "Plan": "Pro"}})
    upload(caller, MIDNIGHT + 3661)
    _, answer = query(caller)
    status, told = page(caller, answer["cursor"])
    [event] = told["records"]
    assert (status, set(told)) == (200, {"status", "records"})
    assert event["ts"] == 20240115010101
    assert event["event_props"] == {"at": MIDNIGHT + 3661, "CT Source": "API"}
    assert event["session_props"] == {}
    profile = event["profile"]
    assert (profile["identity"], profile["name"], profile["profileData"]) == ("u-1", "Ada", {"Plan": "Pro"})
    assert profile["events"]["Seen"]["count"] == 1


def test_pages_go_on_until_next_cursor_is_absent(caller):
    """Every event once, in the order of its time, and no page has a member `cursor`. (3.2, 3.3; documented)"""
    moments = [MIDNIGHT + (number % 3) for number in range(7)]
    upload(caller, *moments)
    _, answer = query(caller, batch_size="3")
    cursor, found, sizes = answer["cursor"], [], []
    while cursor is not None:
        _, told = page(caller, cursor)
        assert "cursor" not in told
        found += [event["event_props"]["at"] for event in told["records"]]
        sizes.append(len(told["records"]))
        cursor = told.get("next_cursor")
    assert found == sorted(moments)
    assert sizes == [3, 3, 1]


def test_pages_are_read_by_post_too(caller):
    """A real client sends POST for pages. (3.2; observed)"""
    upload(caller, MIDNIGHT)
    _, answer = query(caller)
    assert page(caller, answer["cursor"], "POST") == page(caller, answer["cursor"])


def ask_in_address(caller, text, **wanted):
    answer = caller.ask("GET", "/1/events.json", query=text, **wanted)
    return answer.status, msgspec.json.decode(answer.body())


def test_a_query_may_stand_in_the_address_of_a_get(caller):
    """The npm package `clevertap` asks `GET ...?batch_size=10&query=<JSON>`, and always got an empty list from us.

    (3.2, 3.3; observed in its code)
    """
    upload(caller, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + 2)
    status, answer = ask_in_address(caller, msgspec.json.encode(DAY).decode(), batch_size="2")
    assert (status, set(answer)) == (200, {"status", "cursor"})
    assert answer == query(caller, batch_size="2")[1]
    assert len(page(caller, answer["cursor"])[1]["records"]) == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param('{"event_name": "Seen",', "Malformed request", id="broken JSON"),
        pytest.param("", "Malformed request", id="nothing"),
        pytest.param("[" * 100_000, "Malformed request", id="a hundred thousand brackets"),
        pytest.param("[]", "The query must be a JSON object", id="a list"),
        pytest.param("{}", "event_name is mandatory", id="no name"),
    ],
)
def test_a_query_in_the_address_follows_the_rules_of_the_body(caller, text, error):
    """What is a 400 in a POST is the same 400 here. (Assumed)"""
    assert ask_in_address(caller, text) == (400, {"status": "fail", "error": error, "code": 400})
    answer = caller.ask("POST", "/1/events.json", body=text.encode())
    assert (answer.status, msgspec.json.decode(answer.body())["error"]) == (400, error)


def test_a_cursor_decides_over_a_query(caller):
    """With a cursor a GET is a page, whatever query stands beside it. (Assumed)"""
    upload(caller, MIDNIGHT)
    _, answer = query(caller)
    status, told = ask_in_address(caller, "broken", cursor=answer["cursor"])
    assert (status, len(told["records"])) == (200, 1)


def test_a_get_without_cursor_and_query_says_so(caller):
    """The 400 names both. (Assumed)"""
    answer = caller.ask("GET", "/1/events.json", batch_size="10")
    assert (answer.status, msgspec.json.decode(answer.body())["error"]) == (400, "One of query and cursor is mandatory")


def test_only_the_name_and_the_days_asked_for(caller):
    """Both days are included, nothing before and after them, and no other name. (3.2; documented)"""
    upload(caller, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 86_399, MIDNIGHT + 86_400)
    upload(caller, MIDNIGHT, name="Other")
    _, answer = query(caller)
    _, told = page(caller, answer["cursor"])
    assert [event["event_props"]["at"] for event in told["records"]] == [MIDNIGHT, MIDNIGHT + 86_399]


@pytest.mark.parametrize(
    ("body", "part"),
    [
        pytest.param([], "object", id="a list"),
        pytest.param({}, "event_name", id="nothing"),
        pytest.param({**DAY, "event_name": " "}, "event_name", id="a blank name"),
        pytest.param({**DAY, "from": "20240115"}, "from", id="a day as text"),
        pytest.param({**DAY, "to": 20240230}, "to", id="a day that is not in the calendar"),
        pytest.param({**DAY, "to": 2024}, "to", id="a year"),
        pytest.param({**DAY, "to": True}, "to", id="a boolean"),
        pytest.param({**DAY, "to": 10**30}, "to", id="a huge number"),
    ],
)
def test_a_query_that_says_nothing_is_a_400(caller, body, part):
    """The fail envelope says which member. (Assumed)"""
    status, told = query(caller, body)
    assert (status, told["status"]) == (400, "fail")
    assert part in told["error"]


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="none"),
        pytest.param("abc", id="made up"),
        pytest.param("é", id="not ASCII"),
        pytest.param(write_cursor(EventQuery("Seen", 0, 10**30)), id="a number that is too large"),
        pytest.param(write_cursor(EventQuery("Seen", 0, 1, 10**9)), id="a page that is too large"),
    ],
)
def test_a_cursor_that_is_not_ours_is_a_400(caller, cursor):
    """Never a 500. (Assumed)"""
    assert page(caller, cursor)[0] == 400


def test_a_cursor_needs_no_encoding():
    """Letters, digits, - and _ only, so that encoding it twice or not at all leads to the same. (3.2; assumed)"""
    cursor = write_cursor(EventQuery("Über?>", 1, 2, after=(3, 4)))
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert cursor.isascii()
    assert read_cursor(cursor) == EventQuery("Über?>", 1, 2, after=(3, 4))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        pytest.param(None, 50, id="none asked for"),
        pytest.param("10", 10, id="as asked"),
        pytest.param("50000", 5000, id="more than there may be"),
        pytest.param("0", 1, id="less than one"),
        pytest.param("-5", 1, id="less than nothing"),
        pytest.param("-" + "9" * 5000, 1, id="less than any number"),
    ],
)
def test_the_size_of_a_page_is_kept_within_bounds(text, size):
    """From 1 to 5000. (3.3; documented, that more is cut: observed, that less is raised: assumed)"""
    assert read_query(DAY, text).batch_size == size


@pytest.mark.parametrize("text", ["ten", "", "-", "--5", "1.5", "\u0665", "1e3"])
def test_a_size_that_is_no_number_is_refused(text):
    """It is said, not guessed. (Assumed)"""
    with pytest.raises(UnreadableQueryError, match="batch_size"):
        read_query(DAY, text)
