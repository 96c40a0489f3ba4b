"""Pipelines and their stages: what a body may hold, and which stage a deal goes to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from . import checks
from .checks import Fault, Input, Version

FIRST_STAGES = ("Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started")
"""The stages of a new account's pipeline. Source: facts/pipedrive.md 3.6 (assumed)."""
FIRST_PIPELINE = "Pipeline"
NO_NAME = "Name must be given."


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline; the one with the lowest `order_nr` is the default. Source: facts/pipedrive.md 3.6 (documented)."""

    ENTITY: ClassVar = "pipeline"

    id: int
    name: str
    order_nr: int
    add_time: datetime
    update_time: datetime | None = None
    is_deleted: bool = False
    is_deal_probability_enabled: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `deal_probability` in percent. Source: facts/pipedrive.md 3.6 (documented)."""

    ENTITY: ClassVar = "stage"

    id: int
    name: str
    pipeline_id: int
    order_nr: int
    add_time: datetime
    update_time: datetime | None = None
    is_deleted: bool = False
    deal_probability: int = 100
    is_deal_rot_enabled: bool = False
    days_to_rotten: int | None = None


_PERCENT = checks.whole(0, 100)
_DAYS = checks.whole(0, 36_500)
_ORDER = checks.whole(0, 1_000_000)

V2_PIPELINE_INPUTS = {
    "name": Input("name", checks.name),
    "is_deal_probability_enabled": Input("is_deal_probability_enabled", checks.flag),
}
V2_STAGE_INPUTS = {
    "name": Input("name", checks.name),
    "pipeline_id": Input("pipeline_id", checks.identifier),
    "deal_probability": Input("deal_probability", _PERCENT),
    "is_deal_rot_enabled": Input("is_deal_rot_enabled", checks.flag),
    "days_to_rotten": Input("days_to_rotten", checks.nullable(_DAYS)),
}
V1_PIPELINE_INPUTS = {
    "name": Input("name", checks.loose_text),
    "deal_probability": Input("is_deal_probability_enabled", checks.loose_flag),
    "order_nr": Input("order_nr", checks.loosely(_ORDER)),
    "active": Input("is_active", checks.loose_flag),
}
V1_STAGE_INPUTS = {
    "name": Input("name", checks.loose_text),
    "pipeline_id": Input("pipeline_id", checks.loosely(checks.identifier)),
    "deal_probability": Input("deal_probability", checks.loosely(_PERCENT)),
    "rotten_flag": Input("is_deal_rot_enabled", checks.loose_flag),
    "rotten_days": Input("days_to_rotten", checks.loosely(_DAYS)),
    "order_nr": Input("order_nr", checks.loosely(_ORDER)),
}
"""Source of all four: facts/pipedrive.md 4.5 (documented keys)."""


def read_pipeline_fields(
    body: Mapping[str, object], version: Version, *, is_new: bool
) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a pipeline, and everything that is wrong with them."""
    inputs = V2_PIPELINE_INPUTS if version == "v2" else V1_PIPELINE_INPUTS
    fields, faults = checks.read(body, inputs, is_strict=version == "v2")
    if "is_active" in fields:
        fields["is_deleted"] = not fields.pop("is_active")
    return _without_nulls(fields), faults + _missing(body, fields, version, is_new, ("name",))


def read_stage_fields(
    body: Mapping[str, object], version: Version, *, is_new: bool
) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a stage, and everything that is wrong with them."""
    inputs = V2_STAGE_INPUTS if version == "v2" else V1_STAGE_INPUTS
    fields, faults = checks.read(body, inputs, is_strict=version == "v2")
    return _without_nulls(fields), faults + _missing(body, fields, version, is_new, ("name", "pipeline_id"))


def _without_nulls(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None or key == "days_to_rotten"}


def _missing(
    body: Mapping[str, object], fields: Mapping[str, Any], version: Version, is_new: bool, keys: Iterable[str]
) -> list[Fault]:
    faults = []
    for key in keys:
        if key not in body:
            if is_new:
                faults.append(Fault(key, NO_NAME) if version == "v1" and key == "name" else checks.required(key))
        elif version == "v1" and key in fields and not str(fields[key] or "").strip():
            faults.append(Fault(key, NO_NAME) if key == "name" else checks.required(key))
    return faults


def changed_pipeline(pipeline: Pipeline, fields: Mapping[str, Any], now: datetime) -> Pipeline:
    """The pipeline after an update; the very same one if nothing changes."""
    after = replace(pipeline, **fields)
    return pipeline if after == pipeline else replace(after, update_time=now)


def changed_stage(stage: Stage, fields: Mapping[str, Any], now: datetime) -> Stage:
    """The stage after an update; the very same one if nothing changes."""
    after = replace(stage, **fields)
    return stage if after == stage else replace(after, update_time=now)


def deleted_pipeline(pipeline: Pipeline, now: datetime) -> Pipeline:
    """The pipeline after its deletion; its deals stay. Source: facts/pipedrive.md 4.5 (assumed)."""
    return replace(pipeline, is_deleted=True, update_time=now)


def deleted_stage(stage: Stage, now: datetime) -> Stage:
    """The stage after its deletion; its deals stay. Source: facts/pipedrive.md 4.5 (assumed)."""
    return replace(stage, is_deleted=True, update_time=now)


def new_pipeline(fields: Mapping[str, Any], others: Iterable[Pipeline], *, id: int, now: datetime) -> Pipeline:
    """The pipeline that a create makes: after the `others`, unless v1 says where."""
    return replace(Pipeline(id, fields["name"], next_order(others), now), **fields)


def new_stage(fields: Mapping[str, Any], others: Iterable[Stage], *, id: int, now: datetime) -> Stage:
    """The stage that a create makes: after the `others` of its pipeline, unless v1 says where."""
    pipeline_id = fields["pipeline_id"]
    order_nr = next_order(other for other in others if other.pipeline_id == pipeline_id)
    return replace(Stage(id, fields["name"], pipeline_id, order_nr, now), **fields)


def next_order(others: Iterable[Pipeline | Stage]) -> int:
    """New ones go to the end. Source: facts/pipedrive.md 4.5 (documented for pipelines)."""
    return max((other.order_nr for other in others if not other.is_deleted), default=0) + 1


def choose_stage(
    fields: Mapping[str, Any], stages: Iterable[Stage], pipelines: Iterable[Pipeline], current: int | None = None
) -> Stage | Fault | None:
    """Where the deal goes, None if it stays where it is; `current` is the pipeline it is in, None for a new deal.

    A stage alone decides the pipeline too; a pipeline alone means its first stage; given both, the stage wins;
    given neither, a new deal goes to the first stage of the default pipeline. Stages and pipelines must exist.
    Source: facts/pipedrive.md 4.3 rules 1-5 (documented; rule 4 assumed for v2 deals; the texts are assumed,
    and that naming the pipeline it is in already moves nothing).
    """
    alive = {pipeline.id: pipeline for pipeline in pipelines if not pipeline.is_deleted}
    open_stages = [stage for stage in stages if not stage.is_deleted and stage.pipeline_id in alive]
    if "stage_id" in fields:
        found = next((stage for stage in open_stages if stage.id == fields["stage_id"]), None)
        return found or Fault("stage_id", "Stage not found")
    pipeline_id = fields.get("pipeline_id")
    if pipeline_id is None:
        if current is not None:
            return None
        pipeline_id = min(alive.values(), key=lambda each: (each.order_nr, each.id)).id if alive else None
    elif pipeline_id not in alive:
        return Fault("pipeline_id", "Pipeline not found")
    elif pipeline_id == current:
        return None
    inside = [stage for stage in open_stages if stage.pipeline_id == pipeline_id]
    if not inside:
        return Fault("pipeline_id", "Stage not found")
    return min(inside, key=lambda stage: (stage.order_nr, stage.id))
