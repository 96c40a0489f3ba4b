"""Rules of pipelines and stages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mock_servers.pipedrive import pipelines
from mock_servers.pipedrive.checks import Fault
from mock_servers.pipedrive.pipelines import Pipeline, Stage

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)
SALES, PARTNERS, OLD = (
    Pipeline(1, "Sales", 2, NOW),
    Pipeline(2, "Partners", 1, NOW),
    Pipeline(3, "Old", 0, NOW, is_deleted=True),
)
STAGES = [
    Stage(11, "Lead In", 1, 2, NOW),
    Stage(12, "Contact Made", 1, 1, NOW),
    Stage(21, "First Call", 2, 1, NOW),
    Stage(22, "Gone", 2, 0, NOW, is_deleted=True),
    Stage(31, "Forgotten", 3, 1, NOW),
]


@pytest.mark.parametrize(
    ("fields", "current", "expected"),
    [
        pytest.param({}, None, 21, id="nothing said: first stage of the default pipeline"),
        pytest.param({"stage_id": 11}, None, 11, id="a stage decides its pipeline"),
        pytest.param({"pipeline_id": 1}, None, 12, id="a pipeline means its first stage"),
        pytest.param({"stage_id": 11, "pipeline_id": 2}, None, 11, id="the stage wins over the pipeline"),
        pytest.param({"stage_id": 11, "pipeline_id": 99}, None, 11, id="a pipeline beside a stage is ignored"),
        pytest.param({}, 1, None, id="nothing said of an old deal: it stays"),
        pytest.param({"pipeline_id": 1}, 1, None, id="the pipeline it is in: it stays"),
        pytest.param({"pipeline_id": 2}, 1, 21, id="another pipeline: its first stage"),
        pytest.param({"stage_id": 99}, None, Fault("stage_id", "Stage not found"), id="no such stage"),
        pytest.param({"stage_id": 22}, None, Fault("stage_id", "Stage not found"), id="a deleted stage"),
        pytest.param({"stage_id": 31}, None, Fault("stage_id", "Stage not found"), id="in a deleted pipeline"),
        pytest.param({"pipeline_id": 99}, None, Fault("pipeline_id", "Pipeline not found"), id="no such pipeline"),
        pytest.param({"pipeline_id": 3}, None, Fault("pipeline_id", "Pipeline not found"), id="a deleted pipeline"),
    ],
)
def test_where_a_deal_goes(fields, current, expected):
    """A stage alone, a pipeline alone, both, or neither: where the deal goes. (facts 4.3 rules 1 to 5)"""
    found = pipelines.choose_stage(fields, STAGES, [SALES, PARTNERS, OLD], current)
    assert (found.id if isinstance(found, Stage) else found) == expected


def test_a_company_without_stages_takes_no_deal():
    """With nowhere to go a deal is refused, not put nowhere."""
    assert pipelines.choose_stage({}, [], [], None) == Fault("pipeline_id", "Stage not found")


@pytest.mark.parametrize(
    ("version", "body", "reasons"),
    [
        pytest.param("v2", {"name": "Won soon", "pipeline_id": 1}, [], id="v2 complete"),
        pytest.param("v2", {}, ["Parameter 'name' is required", "Parameter 'pipeline_id' is required"], id="v2 empty"),
        pytest.param("v2", {"name": "", "pipeline_id": 1}, ["must not be empty"], id="v2 empty name"),
        pytest.param(
            "v2",
            {"name": "x", "pipeline_id": 1, "order_nr": 1},
            ["Parameter 'order_nr' is not allowed for this request"],
            id="v2 order is read-only",
        ),
        pytest.param("v1", {"name": "x", "pipeline_id": "1", "rotten_days": "5"}, [], id="v1 numbers as text"),
        pytest.param("v1", {"name": "", "pipeline_id": 1}, ["Name must be given."], id="v1 empty name"),
    ],
)
def test_what_a_new_stage_needs(version, body, reasons):
    """A stage needs a name and a pipeline. (facts 4.3 rule 6, 4.5)"""
    assert [fault.reason for fault in pipelines.read_stage_fields(body, version, is_new=True)[1]] == reasons


def test_new_ones_go_to_the_end():
    """New pipelines and stages come last, a stage within its pipeline. (facts 4.5)"""
    stage = pipelines.new_stage({"name": "Next", "pipeline_id": 2}, STAGES, id=23, now=NOW)
    pipeline = pipelines.new_pipeline({"name": "Next"}, [SALES, PARTNERS, OLD], id=4, now=NOW)
    assert (stage.order_nr, pipeline.order_nr) == (2, 3)


def test_a_change_that_changes_nothing_is_none():
    """A patch that changes nothing leaves the very same stage or pipeline. (facts 4.4)"""
    later = NOW + timedelta(days=1)
    assert pipelines.changed_stage(STAGES[0], {"name": "Lead In"}, later) is STAGES[0]
    assert pipelines.changed_pipeline(SALES, {"name": "Sales"}, later) is SALES
    assert pipelines.changed_pipeline(SALES, {"name": "New"}, later) == replace(SALES, name="New", update_time=later)
