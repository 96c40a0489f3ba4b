"""Whatever is sent, it is answered; nothing that a client can send is a fault of ours."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_servers.pipedrive import checks, deals, organizations, persons, pipelines, queries, webhooks

NASTY_TEXTS = st.sampled_from(
    ("", " ", "\x00", "\ud800", "9" * 400, "1e999", "-0", "NaN", "0x10", "²", "2026-13-01", "9999-12-31T23:59:59Z",
     "0001-01-01T00:00:00+14:00", "2026-09-01 08:15:30", "x" * 300, "1,2,,x", "true", "EUR", "open")
)  # fmt: skip
NASTY_NUMBERS = st.sampled_from([0, -1, 2**31, 2**53 + 1, 2**63, 2**64, 10**400, 1.5, -0.0, 1e308])
KEYS_INSIDE = st.sampled_from(["value", "label", "primary", "country"]) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NASTY_NUMBERS | NASTY_TEXTS | st.text(max_size=10) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS_INSIDE, inner, max_size=3),
    max_leaves=5,
)

READERS = {
    "deals": (deals.read_fields, deals.V1_INPUTS, deals.V2_INPUTS),
    "persons": (persons.read_fields, persons.V1_INPUTS, persons.V2_INPUTS),
    "organizations": (organizations.read_fields, organizations.V1_INPUTS, organizations.V2_INPUTS),
    "pipelines": (pipelines.read_pipeline_fields, pipelines.V1_PIPELINE_INPUTS, pipelines.V2_PIPELINE_INPUTS),
    "stages": (pipelines.read_stage_fields, pipelines.V1_STAGE_INPUTS, pipelines.V2_STAGE_INPUTS),
}


def bodies(*tables):
    keys = sorted({key for table in tables for key in table} | {"custom_fields", "id", "add_time"})
    return st.dictionaries(st.sampled_from(keys) | st.text(max_size=5), VALUES, max_size=6)


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_every_body_is_judged(kind, data):
    """A body has faults or it has none; judging never fails."""
    read_fields, *tables = READERS[kind]
    body = data.draw(bodies(*tables))
    for version in ("v1", "v2"):
        for is_new in (True, False):
            _, faults = read_fields(body, version, is_new=is_new)
            assert all(isinstance(fault, checks.Fault) for fault in faults)


@given(bodies(webhooks.INPUTS))
def test_every_subscription_is_judged(body):
    """The same for webhooks."""
    _, faults = webhooks.read_fields(body)
    assert all(isinstance(fault, checks.Fault) for fault in faults)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_every_body_is_answered(api, kind, data):
    """Create and update through the whole server: stored and shown, or refused with 4xx, in both versions."""
    _, *tables = READERS[kind]
    body = data.draw(bodies(*tables))
    try:
        content = msgspec.json.encode(body)
    except UnicodeEncodeError:
        return
    for method, path in (
        ("POST", f"/api/v2/{kind}"),
        ("PATCH", f"/api/v2/{kind}/1"),
        ("POST", f"/v1/{kind}"),
        ("PUT", f"/v1/{kind}/1"),
    ):
        answer = api.ask(method, path, content)
        assert answer.status in {200, 201, 400, 403, 404}, answer
        assert msgspec.json.decode(answer.body())["success"] is (answer.status < 400)
    for path in (f"/api/v2/{kind}", f"/v1/{kind}"):
        assert api.ask("GET", path).status == 200


QUERY_KEYS = st.sampled_from(
    ("limit", "cursor", "start", "sort", "sort_by", "sort_direction", "ids", "status", "stage_id", "person_id",
     "updated_since", "updated_until", "user_id", "owned_by_you", "filter_id", "pipeline_id", "owner_id", "deal_id",
     "first_char")
)  # fmt: skip
QUERIES = st.dictionaries(QUERY_KEYS, NASTY_TEXTS | st.text(max_size=20) | st.integers().map(str), max_size=4)


@given(QUERIES, st.sampled_from(sorted(queries.V2_LISTS)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_query_is_answered(api, query, entity):
    """A list is given or refused with 400, whatever the parameters."""
    for prefix in ("/api/v2", "/v1"):
        answer = api.ask("GET", f"{prefix}/{entity}s", **query)
        assert answer.status in {200, 400}


@pytest.mark.parametrize("path", ["/api/v2/deals", "/v1/deals", "/v1/webhooks"])
@given(body=st.binary(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_content_is_answered(api, path, body):
    """Bytes that are no JSON are refused with 400."""
    for media_type in ("application/json", "application/x-www-form-urlencoded"):
        assert api.ask("POST", path, body, headers={"content-type": media_type}).status == 400
