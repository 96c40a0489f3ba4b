"""Companies: the default one, further ones, reset and restart."""

import pytest

from mock_servers.pipedrive.companies import Credentials
from mock_servers.rig.exchange import ApiError


def control(client, method, path, body=None):
    answer = client.ask(method, path, body, headers={"content-type": "application/json"})
    return answer.status, answer.payload


def test_the_credentials_follow_from_the_seed(make_pipedrive):
    """Known again after a restart, others for another seed. (ours)"""
    first = make_pipedrive()
    assert make_pipedrive().default_credentials() == first.default_credentials()
    assert make_pipedrive(seed=2).default_credentials()["api_token"] != first.default_credentials()["api_token"]
    assert first.default_credentials()["redirect_uri"] == "https://hooks.zapier.com/oauth/callback"


def test_a_restart_makes_no_second_company(make_pipedrive, api):
    """A file that holds something is taken as it is."""
    api.data("POST", "/api/v2/deals", {"title": "Birch"})
    again = make_pipedrive(deals=25)
    caller = again.authenticate(Credentials(api_token=again.default_credentials()["api_token"]))
    assert [deal.title for deal in again.list_deals(caller, {}).records] == ["Birch"]


def test_reset_is_as_at_the_start(api, pipedrive):
    """All that was added is gone, ids begin anew, the same credentials work."""
    api.data("POST", "/api/v2/deals", {"title": "Birch"})
    token = pipedrive.add_account({})["api_token"]
    credentials = pipedrive.default_credentials()
    assert control(api, "POST", "/_rig/reset") == (200, {"reset": "pipedrive"})
    assert pipedrive.default_credentials() == credentials
    assert api.data("GET", "/api/v2/deals") == []
    assert api.data("POST", "/api/v2/deals", {"title": "Oak"})["id"] == 1
    with pytest.raises(ApiError, match="unauthorized"):
        pipedrive.authenticate(Credentials(api_token=token))


def test_a_fresh_account(api, anyone):
    """A company of one's own, empty unless deals are wished for. (ours, D14)"""
    status, made = control(anyone, "POST", "/_rig/accounts", {"company_name": "Mill & Brook", "deals": 3})
    assert (status, made["company_name"], made["company_domain"]) == (201, "Mill & Brook", "mill-brook")
    anyone.headers = {"x-api-token": made["api_token"]}
    assert (anyone.data("GET", "/v1/users/me")["id"], len(anyone.data("GET", "/api/v2/deals"))) == (made["user_id"], 3)


def test_two_companies_of_one_name(pipedrive):
    """The second gets another domain and other credentials."""
    first, second = pipedrive.add_account({"company_name": "Mill"}), pipedrive.add_account({"company_name": "Mill"})
    assert (first["company_domain"], second["company_domain"]) == ("mill", "mill-3")
    assert first["api_token"] != second["api_token"]


@pytest.mark.parametrize(
    ("wishes", "paths"),
    [
        pytest.param({"company_name": 5}, ["company_name"], id="a name that is no text"),
        pytest.param({"company_name": ""}, ["company_name"], id="an empty name"),
        pytest.param({"company_name": "\ud800"}, ["company_name"], id="a name that is no Unicode"),
        pytest.param({"deals": -1}, ["deals"], id="fewer than none"),
        pytest.param({"deals": True}, ["deals"], id="a switch"),
        pytest.param({"deals": 10**9}, ["deals"], id="too many"),
        pytest.param({"company_name": [], "deals": "5"}, ["company_name", "deals"], id="both wrong"),
    ],
)
def test_wrong_wishes_are_named(pipedrive, wishes, paths):
    """422, and every wrong wish is named."""
    with pytest.raises(ApiError) as caught:
        pipedrive.add_account(wishes)
    assert (caught.value.status, [problem["path"] for problem in caught.value.problems]) == (422, paths)
