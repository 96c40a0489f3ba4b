"""What may an event be, and what is kept of it?"""

import pytest

from mock_servers.clevertap import events
from mock_servers.clevertap.settings import Settings

NESTED = Settings(nested_objects=True)
MANY = {str(number): number for number in range(101)}


def event(name="Seen", data=None, **members):
    return {"type": "event", "identity": "u-1", "evtName": name, "evtData": data, **members}


def code_of(record, **settings):
    problem = events.find_problem(record, Settings(**settings))
    return None if problem is None else problem.code


def cleaned(record, **settings):
    name, properties, remarks = events.clean(record, Settings(**settings))
    return name, properties, [remark.kind for remark in remarks]


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
        pytest.param(event(" Charged! ", {"Items": [{"Name": "a"}]}), id="a purchase once its name is clean"),
        pytest.param(event("Charged", {" Items": [{"Name": "a"}]}), id="items once their name is clean"),
        pytest.param(event("Charged", {"Items": []}), id="a purchase of nothing"),
        pytest.param(event("Charged", {"Items": None}), id="items that are null, which says nothing"),
        pytest.param(event("Charged", {"Items": [{str(n): n} for n in range(300)]}), id="a purchase of 300 things"),
        pytest.param(event(data={"Items": "x"}), id="Items of another event, which mean nothing"),
        pytest.param(event("Web Page Viewed: Home"), id="a reserved name with a suffix"),
        pytest.param(event("x" * 2000), id="a name that is too long, which is cut"),
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
        pytest.param([None], id="nulls"),
        pytest.param([{"a": 1}, "b"], id="a text beside an item"),
        pytest.param([{"a": []}], id="items with lists"),
        pytest.param([{"Items": [{}]}], id="items with items"),
    ],
)
@pytest.mark.parametrize("name", ["Items", " Items", "Items!"])
@pytest.mark.parametrize("nested_objects", [pytest.param(False, id="flat"), pytest.param(True, id="nested objects")])
def test_items_are_flat_objects(items, name, nested_objects):
    """The items of a purchase are a list of flat objects, nothing else. (docs/events; documented, the code assumed)

    Texts, numbers and booleans were once let through, as with every other property; and items whose name had to be
    cleaned were not looked at at all, which broke an account with nested objects.
    """
    assert code_of(event("Charged", {name: items}), nested_objects=nested_objects) == 512


@pytest.mark.parametrize("name", ["Notification Sent", "STAYED", "wzrk_d", "identity error", "App Installed"])
def test_reserved_names_in_any_spelling(name):
    """Only CleverTap raises system events. (docs/upload-events-api; documented; case from the SDK: observed)"""
    assert events.is_reserved(name)
    assert events.is_reserved(f" {name}! ")
    assert not events.is_reserved("Charged")


@pytest.mark.parametrize("name", [None, "", " ", "...", 5, True, [], {"a": 1}])
def test_an_event_has_a_name(name):
    """Blank, no text, or nothing but prohibited characters: 509. (docs/api-errors; documented. Signs alone: assumed)"""
    assert code_of(event(name)) == 509


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("Seen", 528, id="the name"),
        pytest.param(" Seen! ", 528, id="the name once it is clean"),
        pytest.param("seen", None, id="another spelling is another event"),
        pytest.param("Seen again", None, id="a longer name"),
    ],
)
def test_a_discarded_event_is_refused(name, code):
    """An event that was switched off in the dashboard is a 528. (docs/api-errors; documented)"""
    assert code_of(event(name), discarded_events=("Seen", "Other")) == code


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        pytest.param("Stayed", {"a": []}, 513, id="reserved before all else"),
        pytest.param("Seen", {"a": [], **MANY}, 528, id="discarded before the structure"),
        pytest.param("Other", {"a": [], **MANY}, 512, id="structure before the number"),
        pytest.param("Other", MANY, 522, id="the number last"),
    ],
)
def test_the_first_thing_wrong_with_an_event_decides(name, data, code):
    """Name, reserved, discarded, structure, number of properties. (facts, section 9; assumed)"""
    assert code_of(event(name, data), discarded_events=("Seen", "Stayed")) == code


def test_how_many_properties_an_event_has_is_a_setting():
    """100 by default, up to 256. (docs/upload-events-api, 2026-06-30; documented)"""
    assert code_of(event(data=MANY)) == 522
    assert code_of(event(data=MANY), event_properties=101) is None
    assert code_of(event(data={"a": 1, "b": 2}), event_properties=1) == 522


@pytest.mark.parametrize(
    ("data", "kept", "kinds"),
    [
        pytest.param({"a": {"b": 1}}, {"a": {"b": 1}}, [], id="an object"),
        pytest.param({"a": [1, {"b": None}]}, {"a": [1]}, [], id="a list"),
        pytest.param({"a": {"b": {"c": {"d": {}}}}}, {"a": {"b": {"c": {"d": "{}"}}}}, ["nested too deep"], id="deep"),
        pytest.param({"a": {}, "b": []}, {}, [], id="what is empty goes"),
        pytest.param({"a": {"$b": {"$c": 1}}}, {"a": {"b": {"c": 1}}}, ["characters removed"] * 2, id="no operations"),
        pytest.param(
            {str(n): {"a": n} for n in range(6)}, {str(n): {"a": n} for n in range(5)}, ["property dropped"], id="six"
        ),
    ],
)
def test_an_account_with_nested_objects_keeps_them(data, kept, kinds):
    """Without the beta an object is a 512. (docs/nested-objects; documented. The 512: assumed)"""
    assert code_of(event(data=data)) == 512
    assert code_of(event(data=data), nested_objects=True) is None
    assert cleaned(event(data=data), nested_objects=True) == ("Seen", kept, kinds)


def test_items_do_not_count_as_nested():
    """The items of a purchase stand beside the five of the beta, whole. (Assumed)"""
    data = {"Items": [{"a": n} for n in range(3)], **{str(n): {"a": n} for n in range(5)}}
    assert cleaned(event("Charged", data), nested_objects=True) == ("Charged", data, [])


def test_what_is_kept():
    """Names trimmed, nulls and nameless values dropped, in items too. (Assumed)"""
    record = event(" Charged ", {"Amount": 5, "x": None, " ": 1, "Items": [{"Name": "a", "x": None}]})
    assert cleaned(record) == (
        "Charged",
        {"Amount": 5, "Items": [{"Name": "a"}]},
        ["property dropped"],
    )


@pytest.mark.parametrize(
    ("record", "name", "kept", "kinds"),
    [
        pytest.param(event("Deal: Won"), "Deal Won", {}, ["characters removed"], id="a sign in the name"),
        pytest.param(event("x" * 513), "x" * 512, {}, ["name cut"], id="a long name"),
        pytest.param(event(data={"a": "é" * 257}), "Seen", {"a": "é" * 256}, ["value cut"], id="a long text"),
        pytest.param(event(data={"é" * 121: 1}), "Seen", {"é" * 120: 1}, ["name cut"], id="a long name of a property"),
        pytest.param(event(data={"a.b": 1}), "Seen", {"ab": 1}, ["characters removed"], id="a sign in it"),
        pytest.param(event(data={"a#b": 1}), "Seen", {"a#b": 1}, [], id="a hash, which events may have"),
        pytest.param(
            event(data={".": 1}), "Seen", {}, ["characters removed", "property dropped"], id="a property without a name"
        ),
        pytest.param(
            event("Charged", {"Items": [{"a.": "x" * 513}]}),
            "Charged",
            {"Items": [{"a": "x" * 512}]},
            ["characters removed", "value cut"],
            id="within items",
        ),
        pytest.param(
            event("Charged", {"Items": [{"n": n} for n in range(51)]}),
            "Charged",
            {"Items": [{"n": n} for n in range(50)]},
            ["values dropped"],
            id="51 items",
        ),
        pytest.param(
            event("Charged", {"Items": [{"n": n} for n in range(50)]}),
            "Charged",
            {"Items": [{"n": n} for n in range(50)]},
            [],
            id="50 items",
        ),
    ],
)
def test_what_is_too_much_is_cut_with_a_remark(record, name, kept, kinds):
    """The event still counts. (Limits documented, 50 items from the SDKs: observed. Cutting: assumed)"""
    assert events.find_problem(record) is None
    assert cleaned(record) == (name, kept, kinds)


@pytest.mark.parametrize("data", [pytest.param(None, id="null"), pytest.param({}, id="empty")])
def test_an_event_without_data_has_no_properties(data):
    """Absent evtData is `{}`. (The official Node example sends `{}`; observed. Absent: assumed)"""
    record = event(data=data)
    assert cleaned(record) == ("Seen", {}, [])
    del record["evtData"]
    assert cleaned(record) == ("Seen", {}, [])


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param({}, "API", id="nothing said"),
        pytest.param({"$source": "Pipedream"}, "Pipedream", id="$source"),
        pytest.param({"source": "Segment"}, "Segment", id="source"),
        pytest.param({"source": "Segment", "$source": " Pipedream "}, "Pipedream", id="both"),
        pytest.param({"source": "Segment", "$source": ""}, "Segment", id="one of them blank"),
        pytest.param({"$source": 5, "source": " "}, "API", id="nonsense"),
    ],
)
def test_where_an_event_comes_from(members, expected):
    """The CT Source is API unless the client says its name. (docs/events: documented; the members: observed)"""
    assert events.read_source(event(**members)) == expected
