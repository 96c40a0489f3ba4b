"""What may an event be, and what is kept of it?"""

import pytest

from mock_servers.clevertap import events


def event(name="Seen", data=None, **members):
    return {"type": "event", "identity": "u-1", "evtName": name, "evtData": data, **members}


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(event(), id="no data"),
        pytest.param(event(data={"a": 1, "b": 1.5, "c": True, "d": "$D_1700000000"}), id="all kinds of values"),
        pytest.param(event(data={"a": None}), id="a null value"),
        pytest.param(event(data={str(n): n for n in range(100)}), id="100 properties"),
        pytest.param(event(data={**{str(n): n for n in range(100)}, "x": None}), id="nulls do not count"),
        pytest.param(event("Charged", {"Amount": 5}), id="a purchase without items"),
        pytest.param(event("Charged", {"Items": [{"Name": "a"}, {}]}), id="a purchase with items"),
        pytest.param(event("Charged", {"Items": []}), id="a purchase of nothing"),
        pytest.param(event("Charged", {"Items": None}), id="items that are null, which says nothing"),
        pytest.param(event(data={"Items": "x"}), id="Items of another event, which mean nothing"),
        pytest.param(event("Web Page Viewed: Home"), id="a reserved name with a suffix"),
    ],
)
def test_good_events(record):
    """Flat data of scalars; only a Charged event has items. (docs/events; documented)"""
    assert events.find_problem(record) is None


@pytest.mark.parametrize(
    "items",
    [
        pytest.param({}, id="an object"),
        pytest.param("x", id="a text"),
        pytest.param("", id="a blank text"),
        pytest.param(5, id="a number"),
        pytest.param(True, id="true"),
        pytest.param([1], id="numbers"),
        pytest.param([{"a": []}], id="items with lists"),
        pytest.param([{"Items": [{}]}], id="items with items"),
    ],
)
def test_items_are_flat_objects(items):
    """The items of a purchase are a list of flat objects, nothing else. (docs/events; documented, the code assumed)

    Texts, numbers and booleans were once let through, as with every other property.
    """
    problem = events.find_problem(event("Charged", {"Items": items}))
    assert problem is not None
    assert problem.code == 512


@pytest.mark.parametrize("name", ["Notification Sent", "STAYED", "wzrk_d", "identity error", "App Installed"])
def test_reserved_names_in_any_spelling(name):
    """Only CleverTap raises system events. (docs/upload-events-api; documented; case from the SDK: observed)"""
    assert events.is_reserved(name)
    assert not events.is_reserved("Charged")


def test_what_is_kept():
    """Names trimmed, nulls and nameless values dropped, in items too. (Assumed)"""
    record = event(" Charged ", {"Amount": 5, "x": None, " ": 1, "Items": [{"Name": "a", "x": None}]})
    assert events.read_name(record) == "Charged"
    assert events.read_properties(record) == {"Amount": 5, "Items": [{"Name": "a"}]}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param({}, "API", id="nothing said"),
        pytest.param({"$source": "Pipedream"}, "Pipedream", id="$source"),
        pytest.param({"source": "Segment"}, "Segment", id="source"),
        pytest.param({"$source": 5, "source": " "}, "API", id="nonsense"),
    ],
)
def test_where_an_event_comes_from(members, expected):
    """The CT Source is API unless the client says its name. (docs/events: documented; the members: observed)"""
    assert events.read_source(event(**members)) == expected
