"""Reading events back: a query gives a cursor, a cursor a page."""

import msgspec
import pytest

from mock_servers.clevertap.exporting import MOST_LOOKED_AT
from mock_servers.clevertap.exports import Export, read_cursor, read_export, write_cursor
from mock_servers.clevertap.queries import Occurrence, Query, UnreadableQueryError

DAY = {"event_name": "Seen", "from": 20240115, "to": 20240115}
MIDNIGHT = 1_705_276_800
PATH = "/1/events.json"
SEEN = Query(Occurrence("Seen", 0, 1))


def export(name="Seen", since=0, until=1, **wanted):
    return Export(kind="events", query=Query(Occurrence(name, since, until)), **wanted)


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
        pytest.param(
            '{"from": 20240115, "to": 20240115}',
            "event_name: must be a text of 1 to 1,024 characters; it is missing",
            id="no name",
        ),
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


def test_all_that_is_wrong_with_a_query_is_said_at_once(caller):
    """Somebody who writes queries sees every fault. (Ours)"""
    status, told = query(caller, {"from": 5, "event_properties": [{"name": "a", "operator": "like", "value": 1}]})
    assert status == 400
    for part in ("event_name", "from", "to", "event_properties[0].operator"):
        assert part in told["error"]


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="none"),
        pytest.param("abc", id="made up"),
        pytest.param("é", id="not ASCII"),
        pytest.param(write_cursor(export(until=10**30)), id="a number that is too large"),
        pytest.param(write_cursor(export(batch_size=10**9)), id="a page that is too large"),
        pytest.param(write_cursor(export(after=(0, 10**30))), id="a place that is too large"),
        pytest.param(write_cursor(export())[:-9], id="cut off"),
        pytest.param(write_cursor(Export(kind="profiles", query=SEEN)), id="one of profiles.json"),
    ],
)
def test_a_cursor_that_is_not_ours_is_a_400(caller, cursor):
    """Never a 500. (Assumed)"""
    assert page(caller, cursor)[0] == 400


def test_a_cursor_needs_no_encoding():
    """Letters, digits, - and _ only, so that encoding it twice or not at all leads to the same. (3.2; assumed)"""
    wanted = export("Über?>", 1, 2, after=(3, 4))
    cursor = write_cursor(wanted)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert cursor.isascii()
    assert read_cursor(cursor, "events") == wanted


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
    options = {} if text is None else {"batch_size": text}
    assert read_export("events", SEEN, options).batch_size == size


@pytest.mark.parametrize("text", ["ten", "", "-", "--5", "1.5", "\u0665", "1e3"])
def test_a_size_that_is_no_number_is_refused(text):
    """It is said, not guessed. (Assumed)"""
    with pytest.raises(UnreadableQueryError, match="batch_size"):
        read_export("events", SEEN, {"batch_size": text})


PAYMENTS = [
    {"identity": "u-1", "evtData": {"Amount": 50, "Plan": "Pro", "Gift": True}},
    {"identity": "u-1", "evtData": {"Amount": 150.5, "Due": "$D_1700000000"}},
    {"identity": "u-2", "evtData": {"Amount": "200", "Plan": "Free"}},
    {"identity": "u-3", "evtData": {}},
]
PAID = {"event_name": "Charged", "from": 20240115, "to": 20240115}


def pay(caller):
    """Four payments, a second apart, of a platinum, a gold and an unknown user."""
    caller.upload(
        {"type": "profile", "identity": "u-1", "profileData": {"Customer Type": "Platinum", "Tags": ["a", "b"]}},
        {"type": "profile", "identity": "u-2", "profileData": {"Customer Type": "Gold", "Age": 40}},
        *(
            {"type": "event", "evtName": "Charged", "ts": MIDNIGHT + number, **payment}
            for number, payment in enumerate(PAYMENTS)
        ),
        {"type": "event", "identity": "u-2", "evtName": "Added To Cart", "ts": MIDNIGHT},
        {"type": "event", "identity": "u-2", "evtName": "Added To Cart", "ts": MIDNIGHT},
    )


def on_event(name, *comparison):
    return {"event_properties": [condition(name, *comparison)]}


def on_user(name, *comparison):
    return {"common_profile_properties": {"profile_fields": [condition(name, *comparison)]}}


def condition(name, *comparison):
    return {"name": name, **dict(zip(("operator", "value"), comparison, strict=False))}


def cart(**more):
    return {"event_name": "Added To Cart", "from": 20240115, "to": 20240115, **more}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, [0, 1, 2, 3], id="no filter"),
        pytest.param({"event_properties": [{"name": "Plan", "value": "Pro"}]}, [0], id="equals, if nothing is said"),
        pytest.param({"props": [{"name": "Plan", "value": ["Pro", "Free"]}]}, [0, 2], id="the old name, any of a list"),
        pytest.param(on_event("Plan", "not_equals", "Pro"), [1, 2, 3], id="not equals"),
        pytest.param(on_event("Plan", "contains", "r"), [0, 2], id="contains"),
        pytest.param(on_event("Plan", "does_not_contain", "Pr"), [1, 2, 3], id="does not contain"),
        pytest.param(on_event("Plan", "exists"), [0, 2], id="exists"),
        pytest.param(on_event("Plan", "does_not_exist"), [1, 3], id="does not exist"),
        pytest.param(on_event("Amount", "greater_than", 100), [1, 2], id="more, also as a text"),
        pytest.param(on_event("Amount", "less_than_equals", 50), [0], id="less or equal"),
        pytest.param(on_event("Gift", "equals", True), [0], id="a boolean"),
        pytest.param(on_event("Due", "greater_than_equals", "$D_1700000000"), [1], id="a date"),
        pytest.param(on_user("Customer Type", "equals", "Platinum"), [0, 1], id="a property of the user"),
        pytest.param(on_user("Age", "less_than", 50), [2], id="a system property of the user"),
        pytest.param(on_user("Tags", "equals", "b"), [0, 1], id="one of several values of the user"),
        pytest.param(on_event("Plan", "exists") | on_user("Customer Type", "exists"), [0, 2], id="event and user"),
        pytest.param(on_event("CT Source", "equals", "API"), [0, 1, 2, 3], id="where they came from"),
        pytest.param({"advanced_query": {"did_all": [cart()]}}, [2], id="did all"),
        pytest.param({"advanced_query": {"did_all": [cart(), PAID]}}, [2], id="did all of two"),
        pytest.param({"advanced_query": {"did_none": [cart()]}}, [0, 1, 3], id="did none"),
        pytest.param(
            {"advanced_query": {"did_none": [cart(**{"from": 20240114, "to": 20240114})]}}, [0, 1, 2, 3], id="days"
        ),
        pytest.param({"advanced_query": {"did_any": {"any_events": [cart()]}}}, [2], id="did any, at least once"),
        pytest.param(
            {"advanced_query": {"did_any": {"any_events": [PAID, cart()], "operator": "equals", "value": 3}}},
            [2],
            id="did any, three times in all",
        ),
        pytest.param(
            {"advanced_query": {"did_any": {"any_events": [PAID, cart()], "operator": "less_than", "value": 2}}},
            [3],
            id="did any, less than twice",
        ),
        pytest.param(
            {"advanced_query": {"did_all": [{**PAID, **on_event("Amount", "greater_than", 150)}]}},
            [0, 1, 2],
            id="did something with a property",
        ),
    ],
)
def test_only_the_events_that_are_meant(caller, more, expected):
    """Filters on the event, on the user, and on what else the user did. (3.5; documented)

    The same question counts as many.
    """
    pay(caller)
    told = caller.records(PATH, {**PAID, **more}, batch_size="2")
    assert [record["ts"] - 20240115000000 for record in told] == expected
    assert caller.post("/1/counts/events.json", {**PAID, **more})[1]["count"] == len(expected)


@pytest.mark.parametrize(
    ("flags", "absent"),
    [
        pytest.param({}, set(), id="all on unless switched off"),
        pytest.param({"profile": "false"}, {"profileData"}, id="no custom properties"),
        pytest.param({"events": "0"}, {"events"}, id="no counts"),
        pytest.param({"app": "FALSE"}, {"push_token"}, id="no fields of the app"),
        pytest.param({"app": "true", "events": "", "profile": "1"}, set(), id="all on"),
    ],
)
def test_what_is_told_of_the_user_can_be_chosen(caller, flags, absent):
    """Three flags of the address. (3.2: `app` documented, the others observed)"""
    upload(caller, MIDNIGHT)
    caller.upload({"type": "profile", "identity": "u-1", "objectId": "__a", "profileData": {"Plan": "Pro"}})
    caller.upload({"type": "event", "objectId": "__b", "evtName": "Seen", "ts": MIDNIGHT})
    caller.upload({"type": "token", "objectId": "__b", "tokenData": {"id": "t", "type": "fcm"}})
    [_, record] = caller.records(PATH, DAY, **flags)
    told = {"profileData", "events", "push_token"} & set(record["profile"])
    assert told == {"profileData", "events", "push_token"} - absent
    assert record["profile"]["objectId"] == "__b"


@pytest.mark.parametrize(
    ("zone", "first", "shown"),
    [
        pytest.param("Asia/Kolkata", MIDNIGHT - 19_800, 20240115000000, id="India, ahead of UTC"),
        pytest.param("America/New_York", MIDNIGHT + 18_000, 20240115000000, id="New York, behind"),
    ],
)
def test_days_and_times_are_the_accounts(caller, clevertap, zone, first, shown):
    """Both are in its time zone. (3.2, 3.3; documented)"""
    clevertap.change_settings(caller.account_id, {"time_zone": zone})
    upload(caller, first - 1, first, first + 86_399, first + 86_400)
    assert [record["ts"] for record in caller.records(PATH, DAY)] == [shown, shown + 235959]


def test_a_day_of_23_hours(caller, clevertap):
    """The day on which the clocks go forward ends an hour earlier. (3.2; documented for the zone)"""
    clevertap.change_settings(caller.account_id, {"time_zone": "Europe/Berlin"})
    first = 1_711_839_600
    upload(caller, first - 1, first, first + 2 * 3600, first + 23 * 3600 - 1, first + 23 * 3600)
    told = caller.records(PATH, {"event_name": "Seen", "from": 20240331, "to": 20240331})
    assert [record["ts"] for record in told] == [20240331000000, 20240331030000, 20240331235959]


def test_a_page_has_at_most_5000_events(caller):
    """More cannot be had at once. (3.3: a client asks for 50000; observed)"""
    for start in range(0, 6000, 1000):
        upload(caller, *range(MIDNIGHT + start, MIDNIGHT + start + 1000))
    assert [len(page) for page in caller.pages(PATH, DAY, batch_size="50000")] == [5000, 1000]


def test_few_matches_among_many_events(caller):
    """A page looks at so many rows and no more; with few found, or none, it goes on. (3.2; documented that it may)"""
    for start in range(0, MOST_LOOKED_AT + 1000, 1000):
        upload(caller, *range(MIDNIGHT + start, MIDNIGHT + start + 1000))
    last = MIDNIGHT + MOST_LOOKED_AT + 999
    pages = caller.pages(PATH, {**DAY, "event_properties": [{"name": "at", "value": last}]})
    assert [len(page) for page in pages] == [0, 1]


def test_a_name_is_looked_for_as_it_is_stored(caller):
    """`Deal: Won` is stored as `Deal Won`, and found by both. (Assumed)"""
    upload(caller, MIDNIGHT, name="Deal: Won")
    for name in ("Deal: Won", "Deal Won", " Deal Won "):
        _, answer = query(caller, {**DAY, "event_name": name})
        assert len(page(caller, answer["cursor"])[1]["records"]) == 1
