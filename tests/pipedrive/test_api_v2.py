"""API v2 from outside: statuses, shapes, lists."""

from datetime import timedelta

import pytest

DEAL_KEYS = [
    "id", "title", "creator_user_id", "value", "person_id", "org_id", "stage_id", "currency", "add_time", "update_time",
    "status", "probability", "lost_reason", "visible_to", "close_time", "pipeline_id", "won_time", "lost_time",
    "stage_change_time", "local_won_date", "local_lost_date", "local_close_date", "expected_close_date",
    "custom_fields", "owner_id", "label_ids", "is_deleted", "origin", "origin_id", "channel", "channel_id", "acv",
    "arr", "mrr", "is_archived", "archive_time",
]  # fmt: skip
"""In the order of a recorded answer. (facts 3.1)"""

KINDS = {
    "deals": {"title": "Birch"},
    "persons": {"name": "Lena Ortiz"},
    "organizations": {"name": "Birch and Sons"},
    "pipelines": {"name": "Partners"},
    "stages": {"name": "Lead In", "pipeline_id": 1},
}


def test_a_new_deal_as_it_is_answered(api):
    """200, the whole deal, in the recorded order of keys. (facts 3.1, 4.1)"""
    person = api.data("POST", "/api/v2/persons", {"name": "Lena Ortiz"})
    status, body = api(
        "POST",
        "/api/v2/deals",
        {"title": "Birch", "value": 5000, "currency": "EUR", "person_id": person["id"], "probability": 40},
    )
    assert (status, body["success"], body["additional_data"]) == (200, True, None)
    deal = body["data"]
    assert list(deal) == DEAL_KEYS
    assert (deal["value"], deal["currency"], deal["person_id"], deal["probability"]) == (5000.0, "EUR", 1, 40)
    assert (deal["add_time"], deal["update_time"]) == ("2026-09-01T08:15:30Z", None)
    assert (deal["stage_id"], deal["pipeline_id"], deal["visible_to"], deal["origin"]) == (1, 1, 3, "API")


def test_the_value_is_a_float(api):
    """`5000.0` on the wire. (facts 2.4, observed)"""
    assert b'"value":5000.0' in api.ask("POST", "/api/v2/deals", {"title": "Birch", "value": 5000}).body()


@pytest.mark.parametrize("kind", KINDS)
def test_the_life_of_a_record(api, kind):
    """Create, read, list, delete: 200 each; then it is marked deleted and in no list. (facts 4.1)"""
    created = api.data("POST", f"/api/v2/{kind}", KINDS[kind])
    path = f"/api/v2/{kind}/{created['id']}"
    assert api.data("GET", path) == created
    assert created in api.data("GET", f"/api/v2/{kind}")
    assert api("DELETE", path) == (200, {"success": True, "data": {"id": created["id"]}})
    assert api.data("GET", path)["is_deleted"] is True
    assert created["id"] not in [each["id"] for each in api.data("GET", f"/api/v2/{kind}")]
    assert api("DELETE", path)[0] == api("PATCH", path, {})[0] == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_patch_changes_what_it_names(api, clock, kind):
    """PATCH: only what is named, and the time of the update; nothing new changes nothing. (facts 4.1, 4.4)"""
    created = api.data("POST", f"/api/v2/{kind}", KINDS[kind])
    name = "title" if kind == "deals" else "name"
    path = f"/api/v2/{kind}/{created['id']}"
    clock.move_to(clock.now() + timedelta(minutes=1))
    assert api.data("PATCH", path, {name: created[name]}) == created
    changed = api.data("PATCH", path, {name: "Oak"})
    assert (changed[name], changed["update_time"]) == ("Oak", "2026-09-01T08:16:30Z")
    expected = {**created, name: "Oak", "update_time": "2026-09-01T08:16:30Z"}
    if kind == "persons":
        expected |= {"first_name": "Oak", "last_name": None}
    assert changed == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "id",
    [
        pytest.param("99", id="no such id"),
        pytest.param("9" * 30, id="a huge id"),
        pytest.param("0", id="zero"),
        pytest.param("search", id="a path that is not imitated yet"),
        pytest.param("-1", id="a negative number"),
        pytest.param("٣", id="a digit of another script"),
    ],
)
def test_ids_that_lead_nowhere(api, kind, id):
    """404 "Entity was not found" for what is not there, be it a number or not. (facts 1.5; assumed for deals)"""
    for method in ("GET", "PATCH", "DELETE"):
        found, body = api(method, f"/api/v2/{kind}/{id}", {} if method == "PATCH" else None)
        assert (found, body["success"]) == (404, False)
        assert (body["error"], body["error_info"]) == ("Entity was not found", "Object was not found.")


def test_how_v2_refuses_a_body(api):
    """All faults in one text, with the code of a schema violation. (facts 1.5, 4.6)"""
    assert api("POST", "/api/v2/deals", {"title": "x", "colour": "red", "value": "1", "person_id": 99}) == (
        400,
        {
            "success": False,
            "error": "Validation failed: colour: Parameter 'colour' is not allowed for this request;"
            " value: Expected 'number'; person_id: Person not found",
            "error_info": "Please check developers.pipedrive.com for more information about Pipedrive API.",
            "data": None,
            "additional_data": None,
            "code": "ERR_SCHEMA_VALIDATION_FAILED",
        },
    )


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"NaN", b'{"title": "\\ud800"}', b"\xff", b"title=x", b"[" * 100_000]
)
def test_v2_wants_a_json_object(api, body):
    """Body missing, not JSON or no object: 400. (facts 4.1, assumed)"""
    for method, path in (("POST", "/api/v2/deals"), ("PATCH", "/api/v2/deals/1")):
        assert api(method, path, body)[0] == 400


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        pytest.param({"stage_id": 99}, "stage_id: Stage not found", id="stage"),
        pytest.param({"pipeline_id": 99}, "pipeline_id: Pipeline not found", id="pipeline"),
        pytest.param({"person_id": 99}, "person_id: Person not found", id="person"),
        pytest.param({"org_id": 99}, "org_id: Organization not found", id="organization"),
        pytest.param({"owner_id": 99}, "owner_id: User not found", id="owner"),
    ],
)
def test_a_deal_points_to_nothing_that_is_not_there(api, fields, error):
    """What a deal points to must exist, on create and update. (facts 4.3 rule 5, 4.6)"""
    deal = api.data("POST", "/api/v2/deals", {"title": "Birch"})
    for status, body in (
        api("POST", "/api/v2/deals", {"title": "x", **fields}),
        api("PATCH", f"/api/v2/deals/{deal['id']}", fields),
    ):
        assert (status, body["error"]) == (400, f"Validation failed: {error}")


def test_a_move_shows_when_it_was(api, clock):
    """`stage_change_time` and `update_time` are the time of the move. (facts 4.4)"""
    deal = api.data("POST", "/api/v2/deals", {"title": "Birch"})
    clock.move_to(clock.now() + timedelta(hours=1))
    moved = api.data("PATCH", f"/api/v2/deals/{deal['id']}", {"stage_id": 3})
    assert moved["stage_id"] == 3
    assert moved["stage_change_time"] == moved["update_time"] == "2026-09-01T09:15:30Z"


def test_local_dates_are_where_the_company_is(api, clock):
    """Won at 23:30 UTC in summer is the next day in London. (facts 3.1, assumed)"""
    deal = api.data("POST", "/api/v2/deals", {"title": "Birch"})
    clock.move_to(clock.now().replace(hour=23, minute=30))
    won = api.data("PATCH", f"/api/v2/deals/{deal['id']}", {"status": "won"})
    assert (won["won_time"][:10], won["local_won_date"], won["local_close_date"]) == (
        "2026-09-01",
        "2026-09-02",
        "2026-09-02",
    )


def test_archived_deals_are_apart(api):
    """Archived deals are in a list of their own and cannot be edited until they return. (facts 3.1, 4.3 rule 7)"""
    path = f"/api/v2/deals/{api.data('POST', '/api/v2/deals', {'title': 'Birch'})['id']}"
    archived = api.data("PATCH", path, {"is_archived": True})
    assert api.data("GET", "/api/v2/deals") == []
    assert api.data("GET", "/api/v2/deals/archived") == [archived]
    assert api("PATCH", path, {"title": "Oak"})[0] == 403
    assert api.data("PATCH", path, {"is_archived": False})["archive_time"] is None
    assert len(api.data("GET", "/api/v2/deals")) == 1


def test_a_deleted_deal_can_be_read_for_30_days(api, clock):
    """Read with `is_deleted`, listed by `status=deleted`, gone after 30 days. (facts 3.1, 4.4)"""
    path = f"/api/v2/deals/{api.data('POST', '/api/v2/deals', {'title': 'Birch'})['id']}"
    api("DELETE", path)
    clock.move_to(clock.now() + timedelta(days=29))
    assert (api.data("GET", path)["status"], len(api.data("GET", "/api/v2/deals", status="deleted"))) == ("deleted", 1)
    clock.move_to(clock.now() + timedelta(days=2))
    assert api("GET", path)[0] == 404
    assert api.data("GET", "/api/v2/deals", status="deleted") == []


def test_fields_of_contact_sync_are_forbidden(api):
    """`job_title` and its like without contact sync: 403. (facts 4.5, observed)"""
    assert api("POST", "/api/v2/persons", {"name": "Lena", "job_title": "Buyer"})[0] == 403


def test_a_person_as_it_is_answered(api):
    """Names split, contacts with label and primary. (facts 3.3)"""
    body = {"name": "Lena Ortiz", "emails": [{"value": "lena@birch.example"}], "phones": [{"value": "+33 1 23 45"}]}
    assert api.data("POST", "/api/v2/persons", body) == {
        "id": 1,
        "name": "Lena Ortiz",
        "first_name": "Lena",
        "last_name": "Ortiz",
        "add_time": "2026-09-01T08:15:30Z",
        "update_time": None,
        "visible_to": 3,
        "custom_fields": {},
        "owner_id": 5010,
        "label_ids": [],
        "org_id": None,
        "is_deleted": False,
        "picture_id": None,
        "phones": [{"label": "work", "value": "+33 1 23 45", "primary": True}],
        "emails": [{"label": "work", "value": "lena@birch.example", "primary": True}],
    }


def test_a_person_must_keep_a_name(api):
    """Either part of a name may be empty, not both. (facts 4.5)"""
    api.data("POST", "/api/v2/persons", {"first_name": "", "last_name": "Ortiz"})
    assert api("PATCH", "/api/v2/persons/1", {"last_name": ""})[0] == 400
    assert api("POST", "/api/v2/persons", {"first_name": "", "last_name": ""})[0] == 400


def test_an_empty_list_is_a_list(api):
    """v2 gives `[]` and no cursor. (facts 2.1, observed)"""
    assert api("GET", "/api/v2/deals") == (200, {"success": True, "data": [], "additional_data": {"next_cursor": None}})


@pytest.mark.parametrize("sort_by", ["id", "add_time", "update_time"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_walking_through_all_pages(full_api, sort_by, direction):
    """Following the cursor, every deal comes once, in order. (facts 2.2, 2.3)"""
    query = {"sort_by": sort_by, "sort_direction": direction, "limit": "7"}
    found, cursor = [], ""
    while cursor is not None:
        status, body = full_api("GET", "/api/v2/deals", **query, cursor=cursor)
        assert status == 200
        found += body["data"]
        cursor = body["additional_data"]["next_cursor"]
    keys = [((deal[sort_by] or deal["add_time"]) if sort_by != "id" else 0, deal["id"]) for deal in found]
    assert len(keys) == 25
    assert keys == sorted(set(keys), reverse=direction == "desc")


def test_a_page_is_no_snapshot(api):
    """A cursor points at the next record: one deleted meanwhile is not shown. (facts 2.2, observed)"""
    for title in "abcd":
        api.data("POST", "/api/v2/deals", {"title": title})
    cursor = api("GET", "/api/v2/deals", limit="2")[1]["additional_data"]["next_cursor"]
    api("DELETE", "/api/v2/deals/3")
    assert [deal["title"] for deal in api.data("GET", "/api/v2/deals", limit="2", cursor=cursor)] == ["d"]


def test_updated_since_is_inclusive_until_exclusive(api, clock):
    """A deal that was never updated counts with its creation. (facts 2.4)"""
    api.data("POST", "/api/v2/deals", {"title": "old"})
    api.data("POST", "/api/v2/deals", {"title": "changed"})
    clock.move_to(clock.now() + timedelta(hours=1))
    api.data("PATCH", "/api/v2/deals/2", {"value": 1})
    for query, titles in (
        ({"updated_since": "2026-09-01T09:15:30Z"}, ["changed"]),
        ({"updated_until": "2026-09-01T09:15:30Z"}, ["old"]),
        ({"updated_since": "2026-09-01T10:15:30+02:00", "updated_until": "2026-09-01T08:15:31Z"}, ["old"]),
    ):
        assert [deal["title"] for deal in api.data("GET", "/api/v2/deals", **query)] == titles


def test_filters_of_the_lists(full_api):
    """Every filter leaves just what fits. (facts 3.1, 3.3, 3.6)"""
    for key, value in {"stage_id": 2, "owner_id": 5011, "person_id": 2, "org_id": 1, "pipeline_id": 1}.items():
        found = full_api.data("GET", "/api/v2/deals", **{key: str(value)})
        assert found
        assert {deal[key] for deal in found} == {value}
    assert [deal["id"] for deal in full_api.data("GET", "/api/v2/deals", ids="3,99,1")] == [1, 3]
    assert {deal["status"] for deal in full_api.data("GET", "/api/v2/deals", status="won,lost")} == {"won", "lost"}
    assert {person["org_id"] for person in full_api.data("GET", "/api/v2/persons", org_id="2")} == {2}
    assert len(full_api.data("GET", "/api/v2/stages", pipeline_id="1", sort_by="order_nr")) == 5


def test_the_person_of_a_deal(full_api):
    """`deal_id` lists the deal's person, and nobody for a deal that is not there or has none. (facts 3.3)"""
    ids = {deal["id"]: deal["person_id"] for deal in full_api.data("GET", "/api/v2/deals")}
    alone = full_api.data("POST", "/api/v2/deals", {"title": "Of nobody"})
    for deal_id, expected in [(3, [ids[3]]), (5, [ids[5]]), (99, []), (alone["id"], [])]:
        found = full_api.data("GET", "/api/v2/persons", deal_id=str(deal_id))
        assert [person["id"] for person in found] == expected
    other = str(ids[3] + 1)
    assert full_api.data("GET", "/api/v2/persons", deal_id="3", ids=other) == []
    assert full_api("GET", "/api/v2/persons", deal_id="first")[0] == 400


def test_the_stages_of_a_deleted_pipeline_are_not_listed(api):
    """Gone with their pipeline, alone or asked for by it. (facts 3.6, assumed)"""
    partners = api.data("POST", "/api/v2/pipelines", {"name": "Partners"})
    stage = api.data("POST", "/api/v2/stages", {"name": "First call", "pipeline_id": partners["id"]})
    listed = {"pipeline_id": str(partners["id"])}
    assert api.data("GET", "/api/v2/stages", **listed) == api.data("GET", "/api/v2/stages")[5:] == [stage]
    api.data("DELETE", f"/api/v2/pipelines/{partners['id']}")
    assert api.data("GET", "/api/v2/stages", **listed) == []
    assert api.data("GET", "/v1/stages", **listed) is None
    assert len(api.data("GET", "/api/v2/stages")) == len(api.data("GET", "/v1/stages")) == 5


@pytest.mark.parametrize("kind", ["deals", "persons", "organizations"])
def test_custom_fields(api, kind):
    """An empty object may be sent; one unknown key in it fails the whole write. (facts 4.2, 8 no. 7)"""
    name = "title" if kind == "deals" else "name"
    made = api.data("POST", f"/api/v2/{kind}", {name: "Birch", "custom_fields": {}})
    assert made["custom_fields"] == {}
    path = f"/api/v2/{kind}/{made['id']}"
    assert api.data("PATCH", path, {"custom_fields": {}}) == made
    status, body = api("PATCH", path, {name: "Oak", "custom_fields": {"5b1f": 1, "c0ff": None}})
    assert status == 400
    assert body["error"] == "Validation failed: " + "; ".join(
        f"custom_fields.{key}: Parameter '{key}' is not allowed for this request" for key in ("5b1f", "c0ff")
    )
    assert api.data("GET", path) == made
    assert api("PATCH", path, {"custom_fields": None})[0] == 400


def test_a_bad_query_is_400(api):
    """A cursor that does not decode, a limit above the maximum: 400. (facts 2.2, assumed)"""
    status, body = api("GET", "/api/v2/deals", cursor="x", limit="501")
    assert (status, body["code"]) == (400, "ERR_SCHEMA_VALIDATION_FAILED")
    assert body["error"] == (
        "Validation failed: cursor: Invalid cursor; limit: must be a whole number between 1 and 500"
    )


def test_the_seeded_company(full_api):
    """25 deals, each with a person that can be reached and an organization; five stages in one pipeline. (facts 3.6)"""
    deals = full_api.data("GET", "/api/v2/deals")
    persons = {person["id"]: person for person in full_api.data("GET", "/api/v2/persons")}
    assert len(deals) == 25
    assert all(persons[deal["person_id"]]["emails"] and persons[deal["person_id"]]["phones"] for deal in deals)
    assert [stage["name"] for stage in full_api.data("GET", "/api/v2/stages")] == [
        "Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started",
    ]  # fmt: skip
    assert [pipeline["name"] for pipeline in full_api.data("GET", "/api/v2/pipelines")] == ["Pipeline"]


def test_ids_go_on_after_the_seeded_ones(full_api):
    """Ids rise by one per kind. (facts 4.1, assumed)"""
    assert full_api.data("POST", "/api/v2/deals", {"title": "Birch"})["id"] == 26
    assert full_api.data("POST", "/api/v2/persons", {"name": "Lena"})["id"] == 21
    assert full_api.data("POST", "/api/v2/stages", {"name": "Next", "pipeline_id": 1})["id"] == 6


def test_a_stage_takes_its_deals_along(api):
    """A stage that moves to another pipeline keeps its deals. (assumed)"""
    pipeline = api.data("POST", "/api/v2/pipelines", {"name": "Partners"})
    deal = api.data("POST", "/api/v2/deals", {"title": "Birch", "stage_id": 2})
    api.data("PATCH", "/api/v2/stages/2", {"pipeline_id": pipeline["id"]})
    assert api.data("GET", f"/api/v2/deals/{deal['id']}")["pipeline_id"] == pipeline["id"]


def test_markup_in_a_title_is_text(api):
    """What a deal carries is data. (ours)"""
    title = "<script>alert('x')</script> \u0000 木"
    assert api.data("POST", "/api/v2/deals", {"title": title})["title"] == title
