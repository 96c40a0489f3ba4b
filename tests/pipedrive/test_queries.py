"""Rules of lists: what a query asks for, and the cursor to the next page."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_servers.pipedrive import queries
from mock_servers.pipedrive.pipelines import Stage
from mock_servers.pipedrive.queries import Cursor, Listing, Order

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)


def test_what_a_plain_list_of_deals_holds():
    """All that is neither deleted nor archived, by id, a hundred at a time. (facts 2.2, 2.3, 3.1)"""
    listing, faults = queries.read_v2({}, "deal", NOW)
    assert faults == []
    assert listing.filters == {"is_archived": False, "status": ("open", "won", "lost")}
    assert (listing.orders, listing.limit) == ((Order("id"),), 100)


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        pytest.param({"stage_id": "12"}, {"stage_id": 12}, id="one stage"),
        pytest.param({"ids": "901,902"}, {"id": (901, 902)}, id="some ids"),
        pytest.param({"status": "won,lost"}, {"status": ("won", "lost")}, id="two statuses"),
        pytest.param({"owner_id": ""}, {}, id="an empty filter is none"),
        pytest.param({"colour": "red"}, {}, id="an unknown parameter is ignored"),
    ],
)
def test_filters_of_v2(query, filters):
    """The documented filters of deals. (facts 3.1)"""
    listing, faults = queries.read_v2(query, "deal", NOW)
    assert faults == []
    assert listing.filters == {"is_archived": False, "status": ("open", "won", "lost"), **filters}


def test_deleted_deals_are_listed_for_30_days():
    """`status=deleted` covers the last 30 days. (facts 3.1)"""
    listing, _ = queries.read_v2({"status": "deleted"}, "deal", NOW)
    assert listing.deleted_since == NOW - timedelta(days=30)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        pytest.param({"limit": "501"}, "limit", id="a limit above the maximum"),
        pytest.param({"limit": "0"}, "limit", id="a limit of nothing"),
        pytest.param({"limit": "ten"}, "limit", id="a limit that is no number"),
        pytest.param({"limit": "9" * 5000}, "limit", id="a very long limit"),
        pytest.param({"cursor": "%%%"}, "cursor", id="a cursor that does not decode"),
        pytest.param({"sort_by": "title"}, "sort_by", id="an unsortable field"),
        pytest.param({"sort_direction": "up"}, "sort_direction", id="an unknown direction"),
        pytest.param({"stage_id": "first"}, "stage_id", id="an id that is no number"),
        pytest.param({"status": "open,gone"}, "status", id="an unknown status"),
        pytest.param({"ids": ",".join(map(str, range(1, 102)))}, "ids", id="over a hundred ids"),
        pytest.param({"updated_since": "2026-09-01T00:00:00.000Z"}, "updated_since", id="a time with milliseconds"),
        pytest.param({"updated_since": "yesterday"}, "updated_since", id="no time"),
        pytest.param({"filter_id": "71"}, "filter_id", id="a filter, of which there are none"),
    ],
)
def test_what_v2_refuses_in_a_query(query, path):
    """A bad parameter is a fault under its name. (facts 2.2 assumed, 2.4 observed)"""
    assert [fault.path for fault in queries.read_v2(query, "deal", NOW)[1]] == [path]


def test_all_wrong_parameters_are_named():
    """Several things wrong at once: all are reported."""
    faults = queries.read_v2({"limit": "x", "sort_by": "x", "stage_id": "x"}, "deal", NOW)[1]
    assert sorted(fault.path for fault in faults) == ["limit", "sort_by", "stage_id"]


@pytest.mark.parametrize(
    ("query", "orders"),
    [
        pytest.param({}, (Order("id"),), id="by id"),
        pytest.param(
            {"sort": "add_time DESC, id ASC"}, (Order("add_time", True), Order("id")), id="several, with directions"
        ),
        pytest.param({"sort": "update_time desc"}, (Order("update_time", True),), id="in lower case"),
    ],
)
def test_sorting_in_v1(query, orders):
    """`sort=add_time DESC, id ASC`. (facts 2.3)"""
    listing, faults = queries.read_v1(query, "deal", NOW, 5010)
    assert faults == []
    assert listing.orders == orders


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"limit": "9999"}, ("limit", 500), id="a limit above the maximum is cut"),
        pytest.param({"start": "200"}, ("start", 200), id="from the 201st on"),
    ],
)
def test_paging_in_v1(query, expected):
    """`start` and `limit`. (facts 2.2)"""
    listing, faults = queries.read_v1(query, "deal", NOW, 5010)
    assert faults == []
    assert getattr(listing, expected[0]) == expected[1]


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        pytest.param({}, {"status": ("open", "won", "lost")}, id="all that is not deleted"),
        pytest.param({"status": "all_not_deleted"}, {"status": ("open", "won", "lost")}, id="said so"),
        pytest.param({"status": "deleted"}, {"status": ("deleted",)}, id="the deleted ones"),
        pytest.param({"user_id": "5011"}, {"status": ("open", "won", "lost"), "owner_id": 5011}, id="of one sales rep"),
        pytest.param(
            {"user_id": "5011", "owned_by_you": "1"},
            {"status": ("open", "won", "lost"), "owner_id": 5010},
            id="yours wins over another's",
        ),
    ],
)
def test_filters_of_v1(query, filters):
    """The documented filters of v1 deals. (facts 3.2)"""
    assert queries.read_v1(query, "deal", NOW, 5010)[0].filters == {"is_archived": False, **filters}


def test_a_cursor_is_the_first_item_of_the_next_page():
    """base64url of JSON with field, value, direction and id. (facts 2.2 observed)"""
    cursor = queries.write_cursor(Cursor(Order("id"), 3, 3))
    assert "=" not in cursor
    assert cursor == "eyJmaWVsZCI6ImlkIiwiZmllbGRWYWx1ZSI6Mywic29ydERpcmVjdGlvbiI6ImFzYyIsImlkIjozfQ"


@given(
    st.sampled_from(["id", "add_time", "update_time", "order_nr"]),
    st.integers(1, 2**40),
    st.booleans(),
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_a_cursor_survives_being_written_and_read(key, number, is_descending, moment):
    """Reading a written cursor gives the same cursor."""
    is_time = key in queries.TIME_KEYS
    value = moment.replace(tzinfo=UTC, microsecond=0) if is_time else number
    cursor = Cursor(Order(key, is_descending), value, number)
    assert queries.read_cursor(queries.write_cursor(cursor)) == cursor


@given(st.one_of(st.text(), st.binary().map(lambda found: found.decode("latin-1"))))
def test_no_text_breaks_the_reading_of_cursors(text):
    """Whatever stands there, it is a cursor or it is not."""
    assert queries.read_cursor(text) is None or isinstance(queries.read_cursor(text), Cursor)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=6,
    ),
    st.dictionaries(
        st.sampled_from(["field", "fieldValue", "sortDirection", "id"]),
        st.none() | st.integers() | st.sampled_from(["id", "asc", "add_time", "2026-09-01T00:00:00Z", "9999"]),
    ),
)
def test_no_json_breaks_the_reading_of_cursors(anything, nearly):
    """JSON of another shape, or with wrong values, is no cursor."""
    import base64

    for parts in (anything, nearly):
        text = base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode()
        assert queries.read_cursor(text) is None or isinstance(queries.read_cursor(text), Cursor)


def test_a_cursor_knows_the_sorting():
    """With a cursor alone the sorting goes on as it was; another sorting is refused. (facts 2.2, assumed)"""
    cursor = queries.write_cursor(Cursor(Order("add_time", True), NOW, 3))
    listing, faults = queries.read_v2({"cursor": cursor}, "deal", NOW)
    assert (faults, listing.orders) == ([], (Order("add_time", True),))
    assert [fault.path for fault in queries.read_v2({"cursor": cursor, "sort_by": "id"}, "deal", NOW)[1]] == ["cursor"]


def test_one_record_more_than_the_limit_means_a_next_page():
    """The record too many is where the next page begins; without one it is the last. (facts 2.2)"""
    stages = [Stage(number, "x", 1, number, NOW) for number in (1, 2, 3)]
    page = queries.page_of(stages, Listing(limit=2))
    assert ([stage.id for stage in page.records], page.cursor) == ([1, 2], Cursor(Order("id"), 3, 3))
    assert queries.page_of(stages, Listing(limit=3)).next_cursor is None


def test_where_there_was_no_update_the_creation_counts():
    """Sorting by `update_time`, null counts as `add_time`. (facts 2.3, assumed)"""
    listing = Listing(orders=(Order("update_time"),), limit=1)
    page = queries.page_of([Stage(1, "x", 1, 1, NOW), Stage(2, "y", 1, 2, NOW)], listing)
    assert page.cursor == Cursor(Order("update_time"), NOW, 2)
