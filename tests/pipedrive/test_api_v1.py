"""API v1 from outside: the old shapes, nested and lenient."""

import msgspec
import pytest

DEAL_KEYS = {
    "id", "creator_user_id", "user_id", "person_id", "org_id", "stage_id", "title", "value", "currency", "archive_time",
    "add_time", "update_time", "stage_change_time", "active", "deleted", "is_archived", "status", "probability",
    "next_activity_date", "next_activity_time", "next_activity_id", "last_activity_id", "last_activity_date",
    "lost_reason", "visible_to", "close_time", "pipeline_id", "won_time", "first_won_time", "lost_time",
    "products_count", "files_count", "notes_count", "followers_count", "email_messages_count", "activities_count",
    "done_activities_count", "undone_activities_count", "participants_count", "expected_close_date",
    "last_incoming_mail_time", "last_outgoing_mail_time", "label", "local_won_date", "local_lost_date",
    "local_close_date", "origin", "origin_id", "channel", "channel_id", "stage_order_nr", "person_name", "org_name",
    "next_activity_subject", "next_activity_type", "next_activity_duration", "next_activity_note", "formatted_value",
    "weighted_value", "formatted_weighted_value", "weighted_value_currency", "rotten_time", "owner_name", "cc_email",
    "org_hidden", "person_hidden", "acv", "arr", "mrr", "acv_currency", "arr_currency", "mrr_currency",
}  # fmt: skip
"""The keys of the example. (facts 3.2)"""

ADA = {
    "id": 5010,
    "name": "Ada Moreau",
    "email": "ada@northlight.example",
    "has_pic": 0,
    "pic_hash": None,
    "active_flag": True,
    "value": 5010,
}


@pytest.fixture
def birch(api):
    """An organization, its person, and a deal of theirs."""
    org = api.data("POST", "/v1/organizations", {"name": "Birch and Sons", "address": "4 rue du Bac, Lyon"})
    person = api.data(
        "POST",
        "/v1/persons",
        {"name": "Lena Ortiz", "email": "lena@birch.example", "phone": "+33 1 23 45", "org_id": org["id"]},
    )
    body = {
        "title": "Birch rollout",
        "value": "5000",
        "currency": "EUR",
        "person_id": person["id"],
        "org_id": org["id"],
    }
    return api.data("POST", "/v1/deals", body)


def test_a_deal_holds_its_person_organization_and_owner(birch):
    """`person_id`, `org_id` and `user_id` are objects; `value` repeats the id. (facts 3.2)"""
    assert set(birch) == DEAL_KEYS
    assert birch["user_id"] == birch["creator_user_id"] == ADA
    assert birch["person_id"] == {
        "active_flag": True,
        "name": "Lena Ortiz",
        "email": [{"label": "work", "value": "lena@birch.example", "primary": True}],
        "phone": [{"label": "work", "value": "+33 1 23 45", "primary": True}],
        "owner_id": 5010,
        "value": 1,
    }
    assert birch["org_id"] == {
        "name": "Birch and Sons",
        "people_count": 1,
        "owner_id": 5010,
        "address": "4 rue du Bac, Lyon",
        "active_flag": True,
        "cc_email": "northlight@pipedrivemail.com",
        "value": 1,
    }


def test_how_v1_shows_values(birch):
    """Old times, visibility as text, whole numbers as integers, money formatted. (facts 2.4, 3.2, 4.4)"""
    assert (birch["add_time"], birch["update_time"]) == ("2026-09-01 08:15:30", "2026-09-01 08:15:30")
    assert (birch["value"], birch["formatted_value"], birch["weighted_value"]) == (5000, "€5,000", 5000)
    assert (birch["visible_to"], birch["active"], birch["deleted"]) == ("3", True, False)
    assert (birch["person_name"], birch["org_name"], birch["owner_name"]) == (
        "Lena Ortiz",
        "Birch and Sons",
        "Ada Moreau",
    )
    assert birch["cc_email"] == "northlight+deal1@pipedrivemail.com"


def test_a_single_deal_has_more_around_it(api, birch):
    """`additional_data` and `related_objects` of one deal. (facts 3.2)"""
    _, body = api("GET", "/v1/deals/1")
    assert body["data"] == birch
    assert body["additional_data"] == {"dropbox_email": "northlight+deal1@pipedrivemail.com"}
    assert body["related_objects"]["user"] == {"5010": {key: ADA[key] for key in ADA if key != "value"}}
    assert body["related_objects"]["person"]["1"]["id"] == 1
    assert body["related_objects"]["organization"]["1"]["name"] == "Birch and Sons"


def test_a_deal_is_related_to_its_stage_and_pipeline(api, birch):
    """Both as v1 has them; the stage names its pipeline and company. (facts 3.2)"""
    for path in ("/v1/deals/1", "/v1/deals"):
        related = api("GET", path)[1]["related_objects"]
        assert related["stage"] == {"1": {**api.data("GET", "/v1/stages")[0], "company_id": 700_101}}
        assert related["pipeline"] == {"1": api.data("GET", "/v1/pipelines/1")}


def test_deals_are_counted_where_they_belong(api, birch):
    """A person and an organization say how many of their deals are open, won, lost and closed. (facts 3.4, 3.5)"""
    for fields in ({"status": "won"}, {"status": "won"}, {"status": "lost"}, {}):
        api.data("POST", "/v1/deals", {"title": "x", "person_id": 1, "org_id": 1, **fields})
    gone = api.data("POST", "/v1/deals", {"title": "x", "person_id": 1, "org_id": 1})
    api.data("DELETE", f"/v1/deals/{gone['id']}")
    for path in ("/v1/persons/1", "/v1/organizations/1"):
        found = api.data("GET", path)
        counts = [found[f"{status}_deals_count"] for status in ("open", "won", "lost", "closed")]
        assert (counts, found["related_open_deals_count"]) == ([2, 2, 1, 3], 0)
    assert api.data("GET", "/v1/persons")[0]["won_deals_count"] == 2


def test_a_pipeline_goes_and_comes_back(api):
    """`active` 0 deletes a pipeline, 1 brings it back, with its stages. (facts 4.5)"""
    assert api.data("PUT", "/v1/pipelines/1", {"active": 0})["active"] is False
    assert (api.data("GET", "/v1/pipelines"), api.data("GET", "/v1/stages")) == (None, None)
    assert api("PUT", "/v1/pipelines/1", {"name": "Sales"})[0] == 404
    assert api.data("PUT", "/v1/pipelines/1", {"active": 1})["active"] is True
    assert len(api.data("GET", "/v1/stages")) == 5
    assert api.data("GET", "/api/v2/pipelines/1")["is_deleted"] is False


def test_persons_by_their_first_letter(api):
    """`first_char` in either case, of any script. (facts 3.4)"""
    for name in ("Lena", "Émile", "leo", "Zoë", "émma"):
        api.data("POST", "/v1/persons", {"name": name})

    def names(letter):
        return [person["name"] for person in api.data("GET", "/v1/persons", first_char=letter) or []]

    assert [names(letter) for letter in "lLé"] == [["Lena", "leo"], ["Lena", "leo"], ["Émile", "émma"]]
    assert (names("x"), len(names(""))) == ([], 5)
    assert api("GET", "/v1/persons", first_char="le")[0] == 400
    assert names(" ") == names("")  # a blank is as good as none; schemathesis found that it was refused


@pytest.mark.parametrize("prefix", ["/v1", "/api/v1"])
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        pytest.param("deals", {"title": "Birch"}, 201, id="deals"),
        pytest.param("persons", {"name": "Lena"}, 201, id="persons"),
        pytest.param("organizations", {"name": "Birch"}, 201, id="organizations"),
        pytest.param("pipelines", {"name": "Partners"}, 200, id="pipelines"),
        pytest.param("stages", {"name": "Next", "pipeline_id": "1"}, 200, id="stages"),
    ],
)
def test_the_life_of_a_record(api, prefix, kind, body, status):
    """Create, read, change, delete, under both prefixes. (facts 1.1, 4.1)"""
    found, created = api("POST", f"{prefix}/{kind}", body)
    assert found == status
    path = f"{prefix}/{kind}/{created['data']['id']}"
    assert api.data("GET", path) == created["data"]
    name = "title" if kind == "deals" else "name"
    assert api.data("PUT", path, {name: "Oak"})[name] == "Oak"
    assert api("DELETE", path) == (200, {"success": True, "data": {"id": created["data"]["id"]}})
    assert api("PUT", path, {name: "Elm"})[0] == 404


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        pytest.param("deals", {}, "Deal title must be given.", id="a deal without a title"),
        pytest.param("persons", {}, "Name must be given.", id="a person without a name"),
        pytest.param("organizations", {}, "Organization name must be given.", id="an organization without a name"),
        pytest.param("deals", {"title": "x", "value": "much"}, '"value" must be a number', id="no number"),
        pytest.param("deals", {"title": "x", "person_id": 99}, "Person not found", id="no such person"),
        pytest.param("deals", {"title": "x", "stage_id": 99}, "Stage not found", id="no such stage"),
        pytest.param(
            "deals",
            {"title": "x", "id": 5},
            "Inserting ID with POST request is not allowed."
            " If you have any questions, please contact Pipedrive support",
            id="an id",
        ),
        pytest.param("deals", b"[1]", "Bad request", id="no object"),
        pytest.param("deals", b"{", "Bad request", id="no JSON"),
    ],
)
def test_how_v1_refuses(api, path, body, error):
    """The recorded texts in v1's envelope. (facts 1.5, 4.1, 4.6; texts about wrong types assumed)"""
    assert api("POST", f"/v1/{path}", body) == (
        400,
        {
            "success": False,
            "error": error,
            "error_info": "Please check developers.pipedrive.com for more information about Pipedrive API.",
            "data": None,
            "additional_data": None,
        },
    )


@pytest.mark.parametrize(
    ("path", "error"),
    [
        pytest.param("/v1/deals/99", "Deal not found", id="a missing deal"),
        pytest.param("/v1/deals/summary", "Deal not found", id="a path that is not imitated yet"),
        pytest.param("/v1/users/find", "User not found or not accessible.", id="another one"),
    ],
)
def test_what_is_not_there(api, path, error):
    """404 in the words of its kind, also for what no id can be. (facts 1.5, observed)"""
    status, body = api("GET", path)
    assert (status, body["error"]) == (404, error)


def test_v1_takes_forms(api):
    """A v1 `POST` also takes a form. (facts 1.1)"""
    answer = api.ask(
        "POST",
        "/v1/deals",
        b"title=Birch+rollout&value=12.5&stage_id=2",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    deal = msgspec.json.decode(answer.body())["data"]
    assert (answer.status, deal["title"], deal["value"], deal["stage_id"]) == (201, "Birch rollout", 12.5, 2)


def test_an_empty_list_is_null(api):
    """v1 gives `null` for an empty list. (facts 2.1, observed)"""
    status, body = api("GET", "/v1/deals")
    assert (status, body["data"]) == (200, None)
    assert body["additional_data"]["pagination"] == {"start": 0, "limit": 100, "more_items_in_collection": False}


def test_paging(full_api):
    """`next_start` only when there is more. (facts 2.2)"""
    _, first = full_api("GET", "/v1/deals", limit="20")
    assert first["additional_data"]["pagination"] == {
        "start": 0,
        "limit": 20,
        "more_items_in_collection": True,
        "next_start": 20,
    }
    _, second = full_api("GET", "/v1/deals", limit="20", start="20")
    assert [deal["id"] for deal in second["data"]] == [21, 22, 23, 24, 25]
    assert "next_start" not in second["additional_data"]["pagination"]


def test_sorting(full_api):
    """`sort=stage_id DESC, id ASC`. (facts 2.3)"""
    found = full_api.data("GET", "/v1/deals", sort="stage_id DESC, id ASC")
    keys = [(-deal["stage_id"], deal["id"]) for deal in found]
    assert keys == sorted(keys)
    assert full_api("GET", "/v1/deals", sort="colour")[0] == 400


def test_a_person_without_an_email(api):
    """One empty entry instead of none. (facts 3.4, observed)"""
    person = api.data("POST", "/v1/persons", {"name": "Lena"})
    assert person["email"] == person["phone"] == [{"value": "", "primary": True}]
    assert (person["primary_email"], person["first_char"], person["last_name"]) == (None, "l", None)


def test_a_deleted_person_stays_in_the_deal(api, birch):
    """The deal keeps its link and shows the person as inactive. (facts 4.5, assumed)"""
    api("DELETE", "/v1/persons/1")
    person = api.data("GET", "/v1/deals/1")["person_id"]
    assert (person["name"], person["active_flag"]) == ("Lena Ortiz", False)


def test_pipelines_and_stages(api):
    """Pipelines without paging, one of them selected; stages know their pipeline's name. (facts 3.6)"""
    status, body = api("GET", "/v1/pipelines")
    assert (status, set(body)) == (200, {"success", "data"})
    assert [(pipeline["name"], pipeline["selected"]) for pipeline in body["data"]] == [("Pipeline", True)]
    stages = api.data("GET", "/v1/stages", pipeline_id="1")
    assert [(stage["order_nr"], stage["pipeline_name"]) for stage in stages] == [(n, "Pipeline") for n in range(1, 6)]


def test_weighted_value(api):
    """Value times probability: the deal's, else the stage's where the pipeline uses it. (facts 4.4)"""
    api.data("POST", "/v1/deals", {"title": "x", "value": 200, "probability": 25})
    assert api.data("GET", "/v1/deals/1")["weighted_value"] == 50
    api.data("PUT", "/v1/pipelines/1", {"deal_probability": 1})
    api.data("PUT", "/v1/stages/1", {"deal_probability": "10"})
    api.data("POST", "/v1/deals", {"title": "y", "value": 200})
    assert api.data("GET", "/v1/deals/2")["weighted_value"] == 20


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        pytest.param(5000, "EUR", "€5,000", id="whole"),
        pytest.param(1234.5, "EUR", "€1,234.50", id="with cents"),
        pytest.param(-7, "USD", "-$7", id="negative"),
        pytest.param(1e300, "CHF", None, id="very large, of a currency without a symbol here"),
    ],
)
def test_formatted_money(api, value, currency, expected):
    """Symbol first, thousands with commas. (facts 4.4)"""
    found = api.data("POST", "/v1/deals", {"title": "x", "value": value, "currency": currency})["formatted_value"]
    assert found == expected or (expected is None and found.startswith("CHF 1,000,000,000,"))
