"""What does CleverTap's query language ask for, and what passes its filters?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_servers.clevertap import queries
from mock_servers.clevertap.queries import CountedOccurrences, Filter, Occurrence, Query, UnreadableQueryError

JANUARY = {"event_name": "Charged", "from": 20240101, "to": 20240131}


def read(**members):
    return queries.read_query({**JANUARY, **members}, UTC)


def refusal(**members):
    with pytest.raises(UnreadableQueryError) as refused:
        read(**members)
    return str(refused.value)


@pytest.mark.parametrize(
    ("present", "operator", "value", "expected"),
    [
        pytest.param("Won", "equals", "Won", True, id="the same text"),
        pytest.param("Won", "equals", "won", False, id="another case is another text"),
        pytest.param("Won", "not_equals", "Lost", True, id="another text"),
        pytest.param("Won", "not_equals", "Won", False, id="not another text"),
        pytest.param("Won", "equals", ["Lost", "Won"], True, id="one of several texts"),
        pytest.param("Won", "not_equals", ["Lost", "Won"], False, id="none of several texts"),
        pytest.param("pizza", "contains", "piz", True, id="part of a text"),
        pytest.param("pizza", "does_not_contain", "piz", False, id="not part of a text"),
        pytest.param("pizza", "contains", ["sushi", "piz"], True, id="any part"),
        pytest.param("Room 5", "contains", 5, True, id="a number in a text"),
        pytest.param(5, "equals", 5.0, True, id="whole number and decimal"),
        pytest.param("5", "equals", 5, True, id="text of a number and number"),
        pytest.param(5.5, "equals", "5.50", True, id="number and text of a number"),
        pytest.param("5", "equals", "5.0", False, id="two texts are compared as texts"),
        pytest.param("five", "equals", 5, False, id="a word is no number"),
        pytest.param("10", "greater_than", 9, True, id="text of a number is more"),
        pytest.param("10", "greater_than", "9", True, id="two texts of numbers are compared as numbers"),
        pytest.param(5, "greater_than", 5, False, id="as much is not more"),
        pytest.param(5, "greater_than_equals", 5, True, id="as much is at least as much"),
        pytest.param(-1, "less_than", 0, True, id="less"),
        pytest.param(0, "less_than_equals", -1, False, id="not less"),
        pytest.param(5, "less_than", [1, 9], True, id="less than any"),
        pytest.param("Won", "greater_than", "Lost", False, id="words have no order"),
        pytest.param(True, "equals", True, True, id="boolean"),
        pytest.param(True, "equals", "True", True, id="boolean as text, as documented"),
        pytest.param(True, "equals", "false", False, id="the other boolean as text"),
        pytest.param(True, "equals", 1, False, id="true is not 1"),
        pytest.param(1, "equals", True, False, id="1 is not true"),
        pytest.param(True, "greater_than", 0, False, id="booleans have no order"),
        pytest.param("$D_900", "less_than", "$D_1000", True, id="earlier date"),
        pytest.param("$D_1000", "equals", "$D_1000", True, id="the same date"),
        pytest.param("$D_900", "less_than", 1000, False, id="a date is no number"),
        pytest.param(["a", "b"], "equals", "b", True, id="one of the property's values"),
        pytest.param(["a", "b"], "not_equals", "b", False, id="none of the property's values"),
        pytest.param(["red", "blue"], "contains", "lu", True, id="part of one of the property's values"),
        pytest.param(["5", "50"], "greater_than", 49, True, id="one of the property's values is more"),
        pytest.param({"a": 1}, "equals", "a", False, id="an object equals nothing"),
        pytest.param({"a": 1}, "exists", None, True, id="an object exists"),
        pytest.param("", "exists", None, True, id="an empty text exists"),
        pytest.param("", "does_not_exist", None, False, id="an empty text does not not exist"),
        pytest.param(10**400, "greater_than", 1.5, True, id="a number no float can hold"),
        pytest.param(10**5000, "contains", "1", False, id="a number Python does not write out"),
    ],
)
def test_a_property_passes_a_filter(present, operator, value, expected):
    """Operators and lists are documented and observed; how types meet is assumed. (docs/clevertap-query-language)"""
    wanted = tuple(value) if isinstance(value, list) else value
    assert queries.passes(Filter("P", operator, wanted), {"P": present}) is expected


@pytest.mark.parametrize("operator", queries.OPERATORS)
def test_an_absent_property_passes_only_denials(operator):
    """What is not there is not equal to anything. (assumed)"""
    expected = operator in {"does_not_exist", "not_equals", "does_not_contain"}
    assert queries.passes(Filter("P", operator, "x"), {"p": "x"}) is expected


def test_the_example_of_the_documentation():
    """All parts of a query are read. (docs/clevertap-query-language; documented)"""
    before = {"event_name": "Seen", "from": 20240101, "to": 20240101, "event_properties": [{"name": "a", "value": 1}]}
    query = read(
        event_properties=[{"name": "Amount", "operator": "greater_than", "value": 100}],
        common_profile_properties={"profile_fields": [{"name": "Plan", "operator": "equals", "value": ["Pro", "Max"]}]},
        advanced_query={
            "did_all": [before],
            "did_none": [before, before],
            "did_any": {"any_events": [before], "operator": "less_than", "value": 10},
        },
    )
    start = 1_704_067_200
    seen = Occurrence("Seen", start, start + 86_400, (Filter("a", "equals", 1),))
    assert query == Query(
        Occurrence("Charged", start, start + 31 * 86_400, (Filter("Amount", "greater_than", 100),)),
        profile_filters=(Filter("Plan", "equals", ("Pro", "Max")),),
        did_all=(seen,),
        did_none=(seen, seen),
        did_any=CountedOccurrences((seen,), "less_than", 10),
    )


def test_the_old_name_of_event_properties():
    """Old clients say `props`. (npm package clevertap; observed)"""
    assert read(props=[{"name": "value", "operator": "contains", "value": "piz"}]).occurrence.filters == (
        Filter("value", "contains", "piz"),
    )


def test_what_nobody_knows_is_ignored():
    """Members of other APIs, empty groups and null do not spoil a query. (assumed)"""
    assert read(groups={}, demographics=[], event_properties=None, advanced_query={"did_some": 1}) == read()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({}, ("greater_than_equals", 1), id="nothing: at least once"),
        pytest.param({"value": 3}, ("equals", 3), id="a number: exactly so often"),
        pytest.param({"operator": "less_than", "value": 3}, ("less_than", 3), id="both"),
    ],
)
def test_how_often_any_of_several_events(said, expected):
    """`operator` and `value` of `did_any` are about the number of times. (documented; the defaults are assumed)"""
    query = read(advanced_query={"did_any": {"any_events": [JANUARY], **said}})
    assert (query.did_any.operator, query.did_any.value) == expected


@pytest.mark.parametrize(
    ("operator", "passing"),
    [
        ("equals", [2]),
        ("not_equals", [0, 1, 3]),
        ("greater_than", [3]),
        ("greater_than_equals", [2, 3]),
        ("less_than", [0, 1]),
        ("less_than_equals", [0, 1, 2]),
    ],
)
def test_numbers_of_times(operator, passing):
    """A number of times is compared with 2."""
    assert [number for number in range(4) if queries.counts(operator, 2, number)] == passing


@pytest.mark.parametrize(
    ("zone", "day", "first", "hours"),
    [
        pytest.param("UTC", 20240301, "2024-03-01T00:00+00:00", 24, id="UTC"),
        pytest.param("Asia/Kolkata", 20240301, "2024-02-29T18:30+00:00", 24, id="half an hour beside"),
        pytest.param("Europe/Berlin", 20240331, "2024-03-30T23:00+00:00", 23, id="the day summer time begins"),
        pytest.param("Europe/Berlin", 20241027, "2024-10-26T22:00+00:00", 25, id="the day summer time ends"),
        pytest.param("America/Sao_Paulo", 20181104, "2018-11-04T03:00+00:00", 23, id="a day without midnight"),
        pytest.param("Pacific/Apia", 20111230, "2011-12-30T10:00+00:00", 0, id="a day that never was"),
    ],
)
def test_days_begin_and_end_in_the_zone_of_the_account(zone, day, first, hours):
    """Both days are included, in the account's time zone. (docs/get-events-api; documented)"""
    occurrence = queries.read_query({**JANUARY, "from": day, "to": day}, ZoneInfo(zone)).occurrence
    assert datetime.fromtimestamp(occurrence.since, UTC) == datetime.fromisoformat(first)
    assert occurrence.until - occurrence.since == hours * 3600


@pytest.mark.parametrize("day", [10000101, 99991231])
def test_the_first_and_the_last_day(day):
    """The borders of time are no error."""
    assert queries.read_query({**JANUARY, "from": day, "to": day}, ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("members", "path"),
    [
        pytest.param({"event_name": None}, "event_name", id="no name"),
        pytest.param({"event_name": " "}, "event_name", id="blank name"),
        pytest.param({"event_name": "\ud800"}, "event_name", id="a name nothing can store"),
        pytest.param({"from": "20240101"}, "from", id="a day as text"),
        pytest.param({"from": True}, "from", id="a day as boolean"),
        pytest.param({"to": 20240230}, "to", id="a day that is in no calendar"),
        pytest.param({"to": 10**5000}, "to", id="a day beyond every number"),
        pytest.param({"from": 20240201}, "from", id="from after to"),
        pytest.param({"event_properties": {"name": "a"}}, "event_properties", id="filters are no list"),
        pytest.param({"event_properties": ["a"]}, "event_properties[0]", id="a filter is no object"),
        pytest.param({"event_properties": [{"value": 1}]}, "event_properties[0].name", id="a filter without name"),
        pytest.param({"event_properties": [{"name": "a"}]}, "event_properties[0].value", id="a filter without value"),
        pytest.param({"props": [{"name": "a", "operator": "is", "value": 1}]}, "props[0].operator", id="operator"),
        pytest.param(
            {"props": [{"name": "a", "operator": [], "value": 1}]}, "props[0].operator", id="operator is list"
        ),
        pytest.param({"props": [{"name": "a", "value": []}]}, "props[0].value", id="no values"),
        pytest.param({"props": [{"name": "a", "value": ["b"] * 101}]}, "props[0].value", id="too many values"),
        pytest.param({"props": [{"name": "a", "value": [["b"]]}]}, "props[0].value", id="a list in a list"),
        pytest.param({"props": [{"name": "a", "value": float("nan")}]}, "props[0].value", id="no number at all"),
        pytest.param({"props": [{"name": "a", "value": 10**5000}]}, "props[0].value", id="a huge number"),
        pytest.param({"props": [{"name": "a", "value": "\udfff"}]}, "props[0].value", id="half a letter"),
        pytest.param({"props": [{"name": "a", "value": "b" * 1025}]}, "props[0].value", id="a long text"),
        pytest.param(
            {"props": [{"name": "a", "operator": "less_than", "value": "b"}]}, "props[0].value", id="less than a word"
        ),
        pytest.param({"props": [{"name": "a", "value": 1}] * 10_000}, "props", id="10,000 filters"),
        pytest.param({"common_profile_properties": []}, "common_profile_properties", id="common is no object"),
        pytest.param({"advanced_query": "x"}, "advanced_query", id="advanced is no object"),
        pytest.param({"advanced_query": {"did_all": [{}]}}, "advanced_query.did_all[0].event_name", id="did_all"),
        pytest.param({"advanced_query": {"did_any": {}}}, "advanced_query.did_any", id="any of no events"),
        pytest.param(
            {"advanced_query": {"did_any": {"any_events": [JANUARY], "operator": "contains", "value": 1}}},
            "advanced_query.did_any.operator",
            id="an operator that does not count",
        ),
        pytest.param(
            {"advanced_query": {"did_any": {"any_events": [JANUARY], "operator": "equals"}}},
            "advanced_query.did_any.value",
            id="an operator without number",
        ),
    ],
)
def test_what_is_wrong_is_named(members, path):
    """The message says where. (assumed: a 400 for an unknown operator)"""
    assert refusal(**members).startswith(f"{path}: ")


@pytest.mark.parametrize("group", queries.NOT_IMITATED)
def test_a_filter_that_is_not_imitated_is_refused_by_name(group):
    """Better no answer than that of another question. (the groups are documented, that they are refused is ours)"""
    wanted = [{"name": "city", "value": "Paris"}]
    assert f"{group}: this filter is not imitated" in refusal(**{group: wanted})
    assert f"common_profile_properties.{group}: " in refusal(common_profile_properties={group: wanted})
    assert f"did_none[0].{group}: " in refusal(advanced_query={"did_none": [{**JANUARY, group: wanted}]})


def test_all_faults_are_named_together():
    """Whoever asks need not ask once per fault."""
    message = refusal(event_name="", to=7, event_properties=[{"operator": "bigger"}])
    assert message == (
        "event_name: must be a text of 1 to 1,024 characters, not ''; "
        "to: must be a day as a number, such as 20240131, not 7; "
        "event_properties[0].name: must be a text of 1 to 1,024 characters; it is missing; "
        "event_properties[0].operator: 'bigger' is not known; known are equals, not_equals, greater_than, "
        "greater_than_equals, less_than, less_than_equals, contains, does_not_contain, exists, does_not_exist"
    )


def test_very_many_faults_are_counted():
    """A hundred faults make a message a person can still read."""
    assert refusal(event_properties=[1] * 100).endswith("; and 80 more")


def test_a_query_that_no_cursor_could_carry_is_refused():
    """A cursor stands in an address, and addresses have a length. (ours)"""
    assert "too long" in refusal(event_properties=[{"name": "a", "value": "b" * 1000}] * 33)


@pytest.mark.parametrize("body", [None, [], "Charged", 1])
def test_a_query_is_an_object(body):
    """Anything else says so."""
    with pytest.raises(UnreadableQueryError, match="must be a JSON object"):
        queries.read_query(body, UTC)


def deep():
    value = []
    for _ in range(100_000):
        value = [value]
    return value


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
filters = st.lists(
    st.fixed_dictionaries(
        {"name": st.text(max_size=3), "value": anything}, optional={"operator": st.sampled_from(queries.OPERATORS)}
    ),
    max_size=3,
)
days = st.dates().map(lambda day: int(f"{day:%Y%m%d}"))
events = st.fixed_dictionaries(
    {"event_name": st.text(max_size=5), "from": days, "to": days},
    optional={"event_properties": filters | anything, "props": filters, "geo_radius": anything},
)
bodies = st.builds(
    dict.__or__,
    events,
    st.fixed_dictionaries(
        {},
        optional={
            "common_profile_properties": st.fixed_dictionaries({"profile_fields": filters}) | anything,
            "advanced_query": st.fixed_dictionaries(
                {}, optional={"did_all": st.lists(events, max_size=2), "did_none": anything, "did_any": anything}
            ),
        },
    ),
)


@given(anything | bodies, st.dictionaries(st.text(max_size=3), anything))
@example({**JANUARY, "props": [{"name": "a", "value": deep()}]}, {})
@example({**JANUARY, "props": deep()}, {})
@example({"event_name": deep(), "from": deep()}, {})
@example({**JANUARY, "event_name": "a", "props": [{"name": 10**5000, "operator": 10**5000}]}, {})
def test_a_query_is_read_or_refused_and_survives_a_cursor(body, properties):
    """Whatever comes, there is a query that JSON can carry or a message that can be written, and no other error."""
    try:
        query = queries.read_query(body, ZoneInfo("Europe/Berlin"))
    except UnreadableQueryError as refused:
        str(refused).encode()
        return
    assert msgspec.json.decode(msgspec.json.encode(query), type=Query) == query
    for filter in query.occurrence.filters + query.profile_filters:
        assert queries.passes(filter, properties) in (True, False)


@given(anything, anything.filter(lambda value: not isinstance(value, dict)))
def test_denials_are_the_opposite(present, value):
    """`not_equals` and `does_not_contain` are true exactly if `equals` and `contains` are not."""
    wanted = tuple(value) if isinstance(value, list) else value
    for operator, denial in (("equals", "not_equals"), ("contains", "does_not_contain"), ("exists", "does_not_exist")):
        is_so, is_not_so = (queries.passes(Filter("P", each, wanted), {"P": present}) for each in (operator, denial))
        assert is_so is not is_not_so


@pytest.mark.parametrize(
    "written",
    [
        b'{"occurrence": {"event_name": "a", "since": 9223372036854775807, "until": 1}}',
        b'{"occurrence": {"event_name": "a", "since": 1, "until": 1, "filters": [{"name": "a", "operator": "is"}]}}',
        b'{"occurrence": {"event_name": "a", "since": 1, "until": 1, "filters": [{"name": "a", "value": 1e999}]}}',
    ],
)
def test_a_forged_query_is_no_query(written):
    """Who writes a cursor by hand cannot bring in what the database cannot take."""
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(written, type=Query)
