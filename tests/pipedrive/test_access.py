"""Getting in: api tokens, access tokens, and what is said to those who have neither."""

import pytest

UNAUTHORIZED = {
    "success": False,
    "error": "unauthorized access",
    "errorCode": 401,
    "error_info": "Please check developers.pipedrive.com",
}


@pytest.mark.parametrize("path", ["/v1/users/me", "/api/v1/users/me", "/api/v2/deals", "/v1/webhooks", "/v1/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST", "PROPFIND"])
def test_without_credentials_every_path_is_401(anyone, method, path):
    """The credential is checked before routing: also for unknown paths and wrong methods. (facts 1.5, observed)"""
    answer = anyone.ask(method, path)
    assert (answer.status, answer.payload) == (401, UNAUTHORIZED)
    assert answer.headers["x-401-by-gw"] == "true"
    assert len(answer.headers["x-correlation-id"]) == 36


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        pytest.param({"x-api-token": "nobody's"}, {}, id="a wrong token in the header"),
        pytest.param({}, {"api_token": "nobody's"}, id="a wrong token in the query"),
        pytest.param({"authorization": "Bearer nobody's"}, {}, id="a wrong access token"),
        pytest.param({"authorization": "Basic YTpi"}, {}, id="another scheme"),
        pytest.param({"x-api-token": ""}, {}, id="an empty token"),
        pytest.param({"x-api-token": "\x00\xff"}, {}, id="nonsense"),
    ],
)
def test_wrong_credentials_are_401(anyone, headers, query):
    """A bad credential is answered like none. (facts 1.5, observed)"""
    answer = anyone.ask("GET", "/v1/users/me", headers=headers, **query)
    assert (answer.status, answer.payload) == (401, UNAUTHORIZED)


def test_each_refusal_has_its_own_correlation_id(anyone):
    """`x-correlation-id` is never the same twice. (facts 1.5)"""
    ids = [anyone.ask("GET", "/v1/users/me").headers["x-correlation-id"] for _ in range(3)]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("path", ["/v1/users/me", "/api/v1/users/me", "/api/v2/deals"])
def test_an_api_token_by_header_or_query(anyone, pipedrive, path):
    """Both forms open v1 and v2. (facts 1.2: header documented, query observed)"""
    token = pipedrive.default_credentials()["api_token"]
    assert anyone.ask("GET", path, headers={"x-api-token": token}).status == 200
    assert anyone.ask("GET", path, api_token=token).status == 200


def test_the_header_is_preferred_to_the_query(anyone, pipedrive):
    """Header and query both present: the header counts. (facts 1.2, assumed)"""
    token = pipedrive.default_credentials()["api_token"]
    assert anyone.ask("GET", "/v1/users/me", headers={"x-api-token": token}, api_token="wrong").status == 200
    assert anyone.ask("GET", "/v1/users/me", headers={"x-api-token": "wrong"}, api_token=token).status == 401


def test_an_api_token_is_no_access_token(anyone, pipedrive):
    """`Authorization: Bearer <api token>` is 401. (facts 1.2, observed)"""
    token = pipedrive.default_credentials()["api_token"]
    assert anyone.ask("GET", "/v1/users/me", headers={"authorization": f"Bearer {token}"}).status == 401


def test_an_api_token_looks_like_one(pipedrive):
    """40 lower-case hex characters. (facts 1.2, observed)"""
    token = pipedrive.default_credentials()["api_token"]
    assert len(token) == 40
    assert set(token) <= set("0123456789abcdef")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v2/deals", "/api/v3/deals", "/api/v2/deals/1/2"])
def test_with_credentials_an_unknown_path_is_404(api, path):
    """There is nothing else here; `/v2` without `/api` is not served. (facts 1.1)"""
    status, body = api("GET", path)
    assert (status, body["success"], body["data"]) == (404, False, None)


def test_with_credentials_a_wrong_method_is_405(api):
    """v2 changes with PATCH. (facts 1.5, 4.1)"""
    status, body = api("PUT", "/api/v2/deals/1", {})
    assert (status, body["success"], body["data"]) == (405, False, None)


def test_who_i_am(api):
    """`/users/me` has the user and the company. (facts 1.6)"""
    me = api.data("GET", "/v1/users/me")
    assert (me["id"], me["name"], me["is_you"]) == (5010, "Ada Moreau", True)
    assert (me["company_id"], me["company_name"], me["company_domain"]) == (700_101, "Northlight", "northlight")
    assert me["timezone_offset"] == "+01:00"
    assert {"app": "sales", "admin": True}.items() <= me["access"][0].items()


def test_the_users(api):
    """All users without the company; one of them; none. (facts 3.7)"""
    users = api.data("GET", "/v1/users")
    assert [(user["id"], user["is_you"]) for user in users] == [(5010, True), (5011, False)]
    assert "company_id" not in users[0]
    assert api.data("GET", "/v1/users/5011") == users[1]
    assert api("GET", "/v1/users/1") == (
        404,
        {"success": False, "error": "User not found or not accessible."},
    )


def test_user_settings(api):
    """What n8n tests its credentials with. (facts 1.7)"""
    assert api.data("GET", "/v1/userSettings")["list_limit"] == 100


def test_companies_do_not_see_each_other(api, newcomer):
    """A company's records, ids and users are its own. (facts 1.2)"""
    deal = api.data("POST", "/api/v2/deals", {"title": "Birch"})
    assert newcomer("GET", f"/api/v2/deals/{deal['id']}")[0] == 404
    assert newcomer("GET", "/v1/users/5010")[0] == 404
    assert newcomer.data("GET", "/api/v2/deals") == []
    assert newcomer.data("POST", "/api/v2/deals", {"title": "Oak"})["id"] == 1
