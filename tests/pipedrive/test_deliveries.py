"""Webhooks on their way: one job each, up to four attempts, kept with the change that caused them."""

import base64

import pytest

AT = "2026-09-01T08:1"


@pytest.fixture
def move(api):
    """Moves deal 1 to a stage; makes the deal first."""
    api.data("POST", "/api/v2/deals", {"title": "Birch"})
    return lambda stage_id=2: api.data("PATCH", "/api/v2/deals/1", {"stage_id": stage_id})


def test_a_move_is_told(move, subscribe, receiver, dispatcher):
    """A move reaches the subscriber as a change whose `previous` has the old stage. (facts 5.2)"""
    subscribe()
    move(2)
    assert receiver.received == []
    dispatcher.settle()
    [body] = receiver.bodies
    assert (body["meta"]["action"], body["meta"]["entity"], body["meta"]["change_source"]) == ("change", "deal", "api")
    assert (body["data"]["stage_id"], body["previous"]["stage_id"]) == (2, 1)


def test_how_it_is_posted(move, subscribe, receiver, dispatcher):
    """JSON to the address, ten seconds, not signed, with our own mark of the delivery. (facts 5.2, 5.5)"""
    subscribe()
    move()
    dispatcher.settle()
    [request] = receiver.received
    assert (request.method, request.url) == ("POST", "https://hooks.zapier.com/hooks/7")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"] == "Pipedrive Webhooks"
    assert request.headers["X-Zaprig-Delivery"] == "pipedrive/1/1"
    assert "Authorization" not in request.headers
    assert receiver.timeouts == [10]


def test_basic_authentication(move, subscribe, receiver, dispatcher):
    """Basic auth when set, in UTF-8. (facts 5.2)"""
    subscribe(http_auth_user="zoë", http_auth_password="sésame")
    move()
    dispatcher.settle()
    sent = str(receiver.received[0].headers["Authorization"]).removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "zoë:sésame"


def test_nobody_hears_of_nothing(move, subscribe, receiver, dispatcher, api):
    """A patch that changes nothing, and a write that is refused, cause no delivery. (facts 4.4)"""
    subscribe("*", "*")
    api.data("PATCH", "/api/v2/deals/1", {"title": "Birch"})
    assert api("PATCH", "/api/v2/deals/1", {"title": "Oak", "stage_id": 99})[0] == 400
    assert dispatcher.settle() == 0


def test_only_who_wants_it_hears_of_it(move, subscribe, receiver, dispatcher):
    """Each subscription hears of its own object and action only. (facts 5.6)"""
    subscribe("create", "deal")
    subscribe("change", "person")
    wanted = subscribe("*", "deal")
    move()
    dispatcher.settle()
    assert [body["meta"]["webhook_id"] for body in receiver.bodies] == [str(wanted["id"])]


def test_the_same_address_twice_hears_twice(move, subscribe, receiver, dispatcher):
    """The same URL and event may be registered twice, and both fire. (facts 5.1, observed)"""
    subscribe()
    subscribe()
    move()
    dispatcher.settle()
    assert [body["meta"]["webhook_id"] for body in receiver.bodies] == ["1", "2"]


@pytest.mark.parametrize(
    ("path", "body", "entity"),
    [
        pytest.param("persons", {"name": "Lena"}, "person", id="person"),
        pytest.param("organizations", {"name": "Birch"}, "organization", id="organization"),
        pytest.param("pipelines", {"name": "Partners"}, "pipeline", id="pipeline"),
        pytest.param("stages", {"name": "Next", "pipeline_id": 1}, "stage", id="stage"),
        pytest.param("deals", {"title": "Birch"}, "deal", id="deal"),
    ],
)
def test_every_kind_is_told(api, subscribe, receiver, dispatcher, path, body, entity):
    """Create, change and delete of every kind. (facts 5.1, 5.2)"""
    subscribe("*", entity)
    id = api.data("POST", f"/api/v2/{path}", body)["id"]
    name = "title" if entity == "deal" else "name"
    api.data("PATCH", f"/api/v2/{path}/{id}", {name: "Oak"})
    api("DELETE", f"/api/v2/{path}/{id}")
    dispatcher.settle()
    created, changed, deleted = receiver.bodies
    assert [each["meta"]["action"] for each in receiver.bodies] == ["create", "change", "delete"]
    assert {each["meta"]["entity"] for each in receiver.bodies} == {entity}
    assert {each["meta"]["entity_id"] for each in receiver.bodies} == {str(id)}
    assert (created["previous"], created["data"][name]) == (None, body[name])
    assert (changed["previous"][name], changed["data"][name]) == (body[name], "Oak")
    assert (deleted["data"], deleted["previous"]) == (None, changed["data"])


def test_a_failed_delivery_comes_again_three_times(move, subscribe, receiver, dispatcher, later, clock):
    """Retries after 3, 30 and 150 seconds, the same event, `attempt` counts; then it is dropped. (facts 5.5)"""
    subscribe()
    receiver.statuses = [500, None, 302, 404]
    times = []
    receiver.before_answer = lambda: times.append((clock.milliseconds() - start) / 1000)
    start = clock.milliseconds()
    move()
    later(1000)
    assert times == [0, 3, 33, 183]
    assert [body["meta"]["attempt"] for body in receiver.bodies] == [1, 2, 3, 4]
    assert len({body["meta"]["id"] for body in receiver.bodies}) == 1
    assert receiver.deliveries == ["pipedrive/1/1", "pipedrive/1/2", "pipedrive/1/3", "pipedrive/1/4"]
    assert dispatcher.earliest_due_at() is None


def test_a_retry_tells_what_was_then(move, subscribe, receiver, later, api):
    """A retry carries the state of its own change, not a later one. (facts 5.5, 5.6)"""
    subscribe()
    receiver.statuses = [500]
    move(2)
    later(0)
    move(3)
    later(10)
    by_attempt = [(body["data"]["stage_id"], body["meta"]["attempt"]) for body in receiver.bodies]
    assert by_attempt == [(2, 1), (3, 1), (2, 2)]


def test_a_success_ends_it(move, subscribe, receiver, dispatcher, later):
    """Once delivered it does not come again. (facts 5.5)"""
    subscribe()
    receiver.statuses = [503, 204]
    move()
    later(1000)
    assert len(receiver.received) == 2


def test_redirects_are_not_followed(move, subscribe, receiver, dispatcher):
    """A redirect is a failure. (facts 5.5)"""
    subscribe()
    receiver.statuses = [302]
    move()
    dispatcher.settle()
    assert [request.url for request in receiver.received] == ["https://hooks.zapier.com/hooks/7"]


@pytest.mark.parametrize("status", [200, 500, None])
def test_the_subscription_knows_its_last_delivery(move, subscribe, receiver, dispatcher, api, status):
    """`last_delivery_time` and `last_http_status` are those of the last attempt. (facts 5.1)"""
    subscribe()
    receiver.statuses = [status]
    move()
    dispatcher.settle()
    [found] = api.data("GET", "/v1/webhooks")
    assert (found["last_delivery_time"], found["last_http_status"]) == ("2026-09-01T08:15:30.412Z", status)


def test_a_removed_subscription_hears_nothing_more(move, subscribe, receiver, later, api, dispatcher):
    """What waits for a removed subscription is dropped. (assumed)"""
    subscribe()
    receiver.statuses = [500]
    move()
    later(0)
    api("DELETE", "/v1/webhooks/1")
    assert dispatcher.earliest_due_at() is None
    later(1000)
    assert len(receiver.received) == 1


def test_removed_while_it_was_called(move, subscribe, receiver, later, api, jobs):
    """A subscription removed during the call ends it without a trace."""
    subscribe()
    receiver.statuses = [500]
    receiver.before_answer = lambda: api("DELETE", "/v1/webhooks/1")
    move()
    later(1000)
    assert (len(receiver.received), jobs.find_problems()) == (1, [])


def test_no_transaction_is_held_during_a_call(move, subscribe, receiver, dispatcher, api):
    """The receiver may itself write to us while it is called. (ours)"""
    subscribe()
    receiver.before_answer = lambda: api.data("POST", "/api/v2/persons", {"name": "Lena"})
    move()
    dispatcher.settle()
    assert len(api.data("GET", "/api/v2/persons")) == 1


def test_a_delivery_survives_a_restart(move, subscribe, receiver, dispatcher, make_pipedrive):
    """A waiting delivery is worked by whoever opens the file next, under the same number. (ours, D8)"""
    subscribe()
    move()
    make_pipedrive()
    dispatcher.settle()
    assert receiver.deliveries == ["pipedrive/1/1"]


def test_numbers_of_deliveries_go_on_after_a_reset(move, subscribe, receiver, dispatcher, pipedrive, api):
    """A reset never gives a delivery or an event the number of an earlier one. (ours)"""
    for _ in range(2):
        subscribe()
        api.data("POST", "/api/v2/deals", {"title": "Birch"})
        api.data("PATCH", "/api/v2/deals/1", {"stage_id": 2})
        dispatcher.settle()
        pipedrive.reset()
    assert receiver.deliveries == ["pipedrive/1/1", "pipedrive/2/1"]
    assert len({body["meta"]["id"] for body in receiver.bodies}) == 2


def test_what_the_user_interface_changes_says_so(subscribe, receiver, dispatcher, pipedrive, move):
    """`change_source` is app for the user interface. (facts 5.2)"""
    subscribe()
    pipedrive.move_deal(pipedrive.at_the_screen(), 1, 3)
    dispatcher.settle()
    assert receiver.bodies[0]["meta"]["change_source"] == "app"


def test_an_app_is_named_by_its_type(app, receiver, dispatcher, api):
    """`meta.type` is application for what an OAuth app subscribed to; its own deals are of the marketplace."""
    wanted = {"subscription_url": "https://hooks.zapier.com/hooks/7", "event_action": "create", "event_object": "deal"}
    app.data("POST", "/v1/webhooks", wanted)
    app.data("POST", "/api/v2/deals", {"title": "Birch"})
    dispatcher.settle()
    [body] = receiver.bodies
    assert (body["meta"]["type"], body["data"]["origin"]) == ("application", "Marketplace")
    assert body["data"]["origin_id"]
