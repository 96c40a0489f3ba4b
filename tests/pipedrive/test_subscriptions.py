"""Managing webhooks from outside."""

from dataclasses import replace

import pytest

from mock_servers.rig.exchange import ApiError

HOOK = "https://hooks.zapier.com/hooks/7"
WANTED = {"subscription_url": HOOK, "event_action": "change", "event_object": "deal"}


def test_a_new_subscription_as_it_is_answered(api):
    """201 with the whole object, version 2.0, no name needed. (facts 5.1)"""
    assert api("POST", "/v1/webhooks", WANTED) == (
        201,
        {
            "status": "ok",
            "success": True,
            "data": {
                "id": 1,
                "company_id": 700_101,
                "owner_id": 5010,
                "user_id": 5010,
                "event_action": "change",
                "event_object": "deal",
                "subscription_url": HOOK,
                "version": "2.0",
                "is_active": 1,
                "add_time": "2026-09-01T08:15:30.412Z",
                "remove_time": None,
                "type": "general",
                "http_auth_user": None,
                "http_auth_password": None,
                "remove_reason": None,
                "last_delivery_time": None,
                "last_http_status": None,
                "admin_id": 5010,
                "name": None,
            },
        },
    )


def test_none_is_an_empty_list(api):
    """`[]`, unlike other lists of v1. (facts 2.1, assumed)"""
    assert api("GET", "/v1/webhooks") == (200, {"status": "ok", "success": True, "data": []})


def test_list_and_delete(api, subscribe):
    """The same may be there twice; deleted it is gone. (facts 5.1)"""
    first, second = subscribe(), subscribe()
    assert api.data("GET", "/v1/webhooks") == [first, second]
    assert api("DELETE", f"/v1/webhooks/{first['id']}") == (200, {"status": "ok", "success": True})
    assert api.data("GET", "/v1/webhooks") == [second]


@pytest.mark.parametrize(
    ("more", "errors"),
    [
        pytest.param(
            {"subscription_url": "nowhere"}, {"subscription_url": ["invalid or non-reachable URL"]}, id="no address"
        ),
        pytest.param(
            {"subscription_url": "https://example.com/hook"},
            {"subscription_url": ["invalid or non-reachable URL", "example.com is not this machine."]},
            id="an address that may not be called, with the reason",
        ),
        pytest.param(
            {"subscription_url": "http://a..b/"},
            {
                "subscription_url": [
                    "invalid or non-reachable URL",
                    "a..b is no host name: each part between dots has 1 to 63 characters.",
                ]
            },
            id="a host with an empty part",
        ),
        pytest.param(
            {"subscription_url": "https://api.pipedrive.com/v1/deals"},
            {"subscription_url": ["invalid or non-reachable URL"]},
            id="our own API",
        ),
        pytest.param(
            {"event_action": "updated"},
            {"event_action": ["must be one of create, change, delete, *"]},
            id="v1's action, without a version",
        ),
        pytest.param({"version": "1.0"}, {"version": ["1.0 is not imitated yet"]}, id="version 1.0"),
        pytest.param({"user_id": 99}, {"user_id": ["User not found"]}, id="no such user"),
    ],
)
def test_what_cannot_be_subscribed_to(api, more, errors):
    """400 with the faults under their keys. (facts 5.1)"""
    status, body = api("POST", "/v1/webhooks", {**WANTED, **more})
    assert (status, body) == (400, {"status": "error", "success": False, "errors": errors})
    assert api.data("GET", "/v1/webhooks") == []


def test_a_user_has_at_most_forty(api, app, subscribe):
    """The 41st is a 422; an app has forty of its own per user, and a deleted one makes room. (facts 5.1)"""
    for _ in range(40):
        subscribe()
    full = (422, {"status": "error", "success": False, "errors": {"user_id": ["webhooks limit reached"]}})
    assert api("POST", "/v1/webhooks", WANTED) == full
    assert len(api.data("GET", "/v1/webhooks")) == 40
    assert app("POST", "/v1/webhooks", WANTED)[0] == 201
    api("DELETE", "/v1/webhooks/1")
    assert api("POST", "/v1/webhooks", WANTED)[0] == 201


def test_ids_go_on_after_a_reset(api, subscribe, pipedrive):
    """Who still knows an id from before deletes nobody's new webhook with it. (ours)"""
    old = subscribe()
    pipedrive.reset()
    new = subscribe()
    assert (old["id"], new["id"]) == (1, 2)
    assert api("DELETE", "/v1/webhooks/1")[0] == 404
    assert api.data("GET", "/v1/webhooks") == [new]


@pytest.mark.parametrize("id", ["99", "first"])
def test_deleting_what_is_not_there(api, id):
    """404 in the shape of the webhooks. (facts 5.1)"""
    assert api("DELETE", f"/v1/webhooks/{id}") == (
        404,
        {"status": "error", "success": False, "errors": {"id": ["not found"]}},
    )


def test_deleting_someone_elses(api, subscribe, pipedrive):
    """403 "Forbidden". (facts 5.1)"""
    subscribe()
    screen = pipedrive.at_the_screen()
    rep = replace(screen, user=pipedrive.list_users(screen)[1])
    with pytest.raises(ApiError, match="Forbidden"):
        pipedrive.subscriptions.remove(rep, 1)
    assert len(api.data("GET", "/v1/webhooks")) == 1


def test_an_app_sees_only_its_own(api, app, subscribe):
    """Made with OAuth it is of type application, and an app sees only what it made. (facts 5.1)"""
    subscribe()
    own = app.data("POST", "/v1/webhooks", WANTED)
    assert own["type"] == "application"
    assert app.data("GET", "/v1/webhooks") == [own]
    assert len(api.data("GET", "/v1/webhooks")) == 2
    assert app("DELETE", "/v1/webhooks/1") == (403, {"success": False, "message": "Forbidden"})


def test_an_own_address_is_kept_as_a_name(api, subscribe, database):
    """A state folder knows no port: the address of our own Zapier is stored as a name. (ours)"""
    subscribe()
    with database.read() as connection:
        stored = connection.execute("SELECT subscription_url FROM webhook").fetchone()[0]
    assert stored == "zapier:/hooks/7"
