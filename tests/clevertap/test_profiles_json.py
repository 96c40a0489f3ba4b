"""Reading users back by what they did: a query gives a cursor, a cursor a page."""

import msgspec
import pytest

from mock_servers.clevertap.exports import Export, write_cursor
from mock_servers.clevertap.queries import Occurrence, Query

PATH = "/1/profiles.json"
DAY = {"event_name": "Seen", "from": 20240115, "to": 20240115}
MIDNIGHT = 1_705_276_800
DAY_SECONDS = 86_400


def seen(identity, ts=MIDNIGHT, name="Seen", **data):
    return {"type": "event", "identity": identity, "evtName": name, "ts": ts, "evtData": data}


def profile(identity, **data):
    return {"type": "profile", "identity": identity, "profileData": data}


def identities(records):
    return [record["identity"] for record in records]


def ask(caller, method, **query):
    answer = caller.ask(method, PATH, **query)
    return answer.status, msgspec.json.decode(answer.body())


def test_a_page_shows_users_as_a_look_up_does(caller):
    """The record is that of profile.json. (3.2; documented)"""
    caller.upload(profile("u-1", Name="Ada", Email="ada@example.com", Plan="Pro", Age=40), seen("u-1"))
    caller.upload({"type": "profile", "identity": "u-1", "objectId": "__a"})
    caller.upload({"type": "token", "objectId": "__a", "tokenData": {"id": "t", "type": "fcm"}})
    caller.post("/1/subscribe", {"d": [{"type": "email", "value": "ada@example.com", "status": "Unsubscribe"}]})
    assert caller.records(PATH, DAY) == [caller.profile(identity="u-1")]


def test_both_steps_by_get_and_by_post(caller):
    """Two clients ask otherwise than the documentation says, and get the same. (3.2; observed)"""
    caller.upload(*(seen(f"u-{n}") for n in range(3)))
    text = msgspec.json.encode(DAY).decode()
    asked = caller.post(PATH, DAY, batch_size="2")
    assert ask(caller, "GET", query=text, batch_size="2") == asked
    assert (asked[0], set(asked[1])) == (200, {"status", "cursor"})
    first = ask(caller, "GET", cursor=asked[1]["cursor"])
    assert ask(caller, "POST", cursor=asked[1]["cursor"]) == first
    assert (first[0], list(first[1])) == (200, ["status", "next_cursor", "records"])
    last = ask(caller, "POST", cursor=first[1]["next_cursor"])
    assert (last[0], list(last[1])) == (200, ["status", "records"])
    assert identities(first[1]["records"] + last[1]["records"]) == ["u-0", "u-1", "u-2"]


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        pytest.param("3", [3, 3, 1], id="a part"),
        pytest.param("7", [7], id="all"),
        pytest.param("8", [7], id="more than there are"),
        pytest.param("0", [1] * 7, id="less than one"),
        pytest.param("-3", [1] * 7, id="less than nothing"),
        pytest.param("50000", [7], id="more than there may be"),
    ],
)
def test_every_user_once(caller, size, sizes):
    """In the order of their making, whatever the size of a page and however often they did it. (3.2; documented)"""
    caller.upload(*(seen(f"u-{n}", MIDNIGHT + n) for n in range(7)), *(seen(f"u-{n}") for n in range(7)))
    pages = caller.pages(PATH, DAY, batch_size=size)
    assert [len(page) for page in pages] == sizes
    assert [identity for page in pages for identity in identities(page)] == [f"u-{n}" for n in range(7)]


def test_nobody_is_an_empty_page(caller):
    """An event that nobody did, or that nobody ever heard of. (Assumed)"""
    caller.upload(seen("u-1", MIDNIGHT - 1))
    assert caller.pages(PATH, DAY) == [[]]
    assert caller.pages(PATH, {**DAY, "event_name": "Unheard of"}) == [[]]


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param({}, id="all on unless switched off"),
        pytest.param({"profile": "false"}, id="no custom properties"),
        pytest.param({"events": "false"}, id="no counts"),
        pytest.param({"app": "false"}, id="no devices"),
        pytest.param({"app": "0", "events": "0", "profile": "0"}, id="nothing of it"),
    ],
)
def test_what_is_told_of_a_user_can_be_chosen(caller, flags):
    """Three flags of the address, kept from page to page. (3.2: `app` documented, the others observed)"""
    members = {"profile": "profileData", "events": "events", "app": "platformInfo"}
    caller.upload(profile("u-1", Name="Ada", Plan="Pro"), seen("u-1"), seen("u-2"))
    for record in caller.records(PATH, DAY, batch_size="1", **flags):
        assert set(members.values()) & set(record) == {member for flag, member in members.items() if flag not in flags}
        assert {"identity", "all_identities", "systemProfileData"} <= set(record)


def on_event(name, *comparison):
    return {"event_properties": [condition(name, *comparison)]}


def on_user(name, *comparison):
    return {"common_profile_properties": {"profile_fields": [condition(name, *comparison)]}}


def condition(name, *comparison):
    return {"name": name, **dict(zip(("operator", "value"), comparison, strict=False))}


def did(name, **more):
    return {"event_name": name, "from": 20240115, "to": 20240115, **more}


@pytest.fixture
def shop(caller):
    """Three users: a pays 50 and 150, b pays 200 and has things in the cart twice, c pays a day before."""
    caller.upload(
        profile("a", **{"Customer Type": "Platinum", "Born": "$D_0"}),
        profile("b", **{"Customer Type": "Gold", "Tags": ["x", "y"], "Gender": "F"}),
        seen("a", name="Charged", Amount=50, Plan="Pro"),
        seen("a", name="Charged", Amount=150),
        seen("b", name="Charged", Amount="200", Plan="Free"),
        seen("b", name="Added To Cart"),
        seen("b", name="Added To Cart", Item="Bicycle"),
        seen("c", MIDNIGHT - 1, name="Charged", Amount=1),
        seen("c", name="Uninstalled"),
    )
    return caller


CHARGED = {"event_name": "Charged", "from": 20240101, "to": 20240115}
CART = {"did_any": {"any_events": [did("Added To Cart"), did("Charged")]}}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, "abc", id="no filter"),
        pytest.param({"from": 20240115}, "ab", id="fewer days"),
        pytest.param(on_event("Amount", "greater_than", 100), "ab", id="one event of several is enough"),
        pytest.param(on_event("Amount", "equals", [1, 200]), "bc", id="any of a list"),
        pytest.param(
            {"event_properties": [condition("Amount", "greater_than", 100), condition("Plan", "equals", "Pro")]},
            "",
            id="both filters, of the same event",
        ),
        pytest.param({"props": [condition("Plan", "equals", "Free")]}, "b", id="the old name of the filters"),
        pytest.param(on_event("Plan", "not_equals", "Pro"), "abc", id="another event that is not so"),
        pytest.param(on_event("Plan", "contains", "re"), "b", id="contains"),
        pytest.param(on_user("Customer Type", "equals", ["Platinum", "Gold"]), "ab", id="properties of the user"),
        pytest.param(on_user("Customer Type", "not_equals", "Gold"), "ac", id="one that is not so, or absent"),
        pytest.param(on_user("Customer Type", "does_not_exist"), "c", id="one that is absent"),
        pytest.param(on_user("Gender", "equals", "F"), "b", id="a system property"),
        pytest.param(on_user("Tags", "contains", "y"), "b", id="one of several values"),
        pytest.param(on_user("Born", "less_than", "$D_1"), "a", id="a date"),
        pytest.param(
            on_user("Customer Type", "exists") | on_event("Amount", "less_than", 100), "a", id="user and event"
        ),
        pytest.param({"advanced_query": {"did_all": [did("Added To Cart")]}}, "b", id="did all"),
        pytest.param(
            {"advanced_query": {"did_all": [did("Added To Cart", **on_event("Item", "equals", "Car"))]}},
            "",
            id="but not so",
        ),
        pytest.param({"advanced_query": {"did_none": [did("Uninstalled")]}}, "ab", id="did none"),
        pytest.param(
            {"advanced_query": {"did_none": [did("Uninstalled"), did("Added To Cart")]}}, "a", id="none of two"
        ),
        pytest.param({"advanced_query": CART}, "ab", id="did any"),
        pytest.param(
            {"advanced_query": {"did_any": {**CART["did_any"], "operator": "greater_than", "value": 2}}},
            "b",
            id="often",
        ),
        pytest.param(
            {"advanced_query": {"did_any": {**CART["did_any"], "operator": "equals", "value": 0}}}, "c", id="not at all"
        ),
        pytest.param(
            {"advanced_query": {"did_all": [did("Charged")], "did_none": [did("Added To Cart")], **CART}},
            "a",
            id="all three",
        ),
        pytest.param({"advanced_query": {"did_none": [did("Unheard of")]}}, "abc", id="none of what nobody did"),
        pytest.param({"advanced_query": {"did_all": [did("Unheard of")]}}, "", id="all of what nobody did"),
    ],
)
def test_only_the_users_who_are_meant(shop, more, expected):
    """Filters on the event, on the user, on what else they did; the same question counts as many. (3.5; documented)"""
    assert "".join(identities(shop.records(PATH, {**CHARGED, **more}, batch_size="1"))) == expected
    assert shop.post("/1/counts/profiles.json", {**CHARGED, **more}) == (
        200,
        {"status": "success", "count": len(expected)},
    )


def test_days_are_the_accounts(caller, clevertap):
    """They begin at midnight in its time zone. (3.2; documented)"""
    clevertap.change_settings(caller.account_id, {"time_zone": "Asia/Kolkata"})
    first = MIDNIGHT - 19_800
    for identity, ts in {"a": first - 1, "b": first, "c": first + DAY_SECONDS - 1, "d": first + DAY_SECONDS}.items():
        caller.upload(seen(identity, ts))
    assert identities(caller.records(PATH, DAY)) == ["b", "c"]


def test_pages_go_on_where_users_come_and_go(caller):
    """Who is deleted between two pages is missing, nobody else. (Assumed)"""
    caller.upload(*(seen(f"u-{n}") for n in range(4)))
    told = caller.post(PATH, DAY, batch_size="2")[1]
    first = ask(caller, "GET", cursor=told["cursor"])[1]
    caller.post("/1/delete/profiles.json", {"identity": ["u-1", "u-2"]})
    caller.upload(seen("u-4"))
    last = ask(caller, "GET", cursor=first["next_cursor"])[1]
    assert identities(first["records"]) == ["u-0", "u-1"]
    assert identities(last["records"]) == ["u-3", "u-4"]


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="none"),
        pytest.param("abc", id="made up"),
        pytest.param(write_cursor(Export(kind="events", query=Query(Occurrence("Seen", 0, 1)))), id="of events.json"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_cursor_of_something_else_is_a_400(caller, method, cursor):
    """Also one of the other export. (Assumed)"""
    status, told = ask(caller, method, cursor=cursor)
    assert (status, told["status"], told["code"]) == (400, "fail", 400)


def test_a_cursor_opens_no_other_account(caller, newcomer):
    """It carries a question, not an answer. (Design D14)"""
    caller.upload(seen("u-1"))
    cursor = caller.post(PATH, DAY)[1]["cursor"]
    assert msgspec.json.decode(newcomer.ask("GET", PATH, cursor=cursor).body())["records"] == []


@pytest.mark.parametrize("operator", ["like", "EQUALS", 5, ["equals"]])
def test_an_unknown_operator_is_a_400(caller, operator):
    """The fail envelope says which are known. (3.5; assumed)"""
    status, told = caller.post(PATH, {**DAY, **on_event("a", operator, 1)})
    assert status == 400
    assert "greater_than_equals" in told["error"]
