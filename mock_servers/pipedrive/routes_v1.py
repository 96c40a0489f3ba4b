"""API v1: the same records in the old shape. Lenient in, nested objects out, offsets to page.

Every path is served with and without `/api` before it. Source: facts/pipedrive.md 1.1.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ..rig.exchange import Answer, Request
from ..rig.routes import Routes
from . import errors, payloads
from .bodies import json_or_form, record_id
from .checks import Fault
from .companies import Caller
from .deals import Deal
from .emulator import Pipedrive
from .errors import answers
from .neighbours import Neighbours
from .organizations import Organization
from .payloads import View
from .payloads_v1 import (
    deal_v1,
    list_v1,
    one_v1,
    organization_v1,
    person_v1,
    pipeline_v1,
    related,
    single_deal_v1,
    stage_in_list_v1,
    stage_v1,
)
from .persons import Person
from .queries import Page

Record = TypeVar("Record", Deal, Person, Organization)

routes = Routes()

NO_ID = "Inserting ID with POST request is not allowed. If you have any questions, please contact Pipedrive support"


def both(path: str) -> tuple[str, str]:
    """The two ways to write a path of v1."""
    return f"/v1{path}", f"/api/v1{path}"


def new_body(request: Request) -> dict[str, Any]:
    """The body of a create, which may not say its id. Source: facts/pipedrive.md 4.1 (observed)."""
    body = json_or_form(request)
    if "id" in body:
        raise errors.invalid([Fault("id", NO_ID)])
    return body


def one_with_related(
    pipedrive: Pipedrive,
    caller: Caller,
    record: Record,
    view: Callable[[Record, Neighbours], View],
    status: int = 200,
) -> Answer:
    """One record, and beside it what it points to. Source: facts/pipedrive.md 3.2, 3.4 (documented)."""
    near = pipedrive.neighbours(caller, [record])
    return Answer(status, one_v1(view(record, near), related_objects=related([record], near)))


def page_with_related(
    pipedrive: Pipedrive, caller: Caller, page: Page[Record], view: Callable[[Record, Neighbours], View]
) -> Answer:
    """A page of records, and beside it what they point to. Source: facts/pipedrive.md 3.2, 3.4 (documented)."""
    near = pipedrive.neighbours(caller, page.records)
    views = [view(record, near) for record in page.records]
    return Answer(200, list_v1(views, page, related_objects=related(page.records, near)))


@routes.get(*both("/deals"))
@answers("v1")
def list_deals(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of deals."""
    page = pipedrive.list_deals(caller, request.query, "v1")
    return page_with_related(pipedrive, caller, page, deal_v1)


@routes.get(*both("/deals/<id>"))
@answers("v1")
def get_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One deal."""
    deal = pipedrive.get_deal(caller, record_id(request, "deal"))
    near = pipedrive.neighbours(caller, [deal])
    return Answer(200, single_deal_v1(deal, near))


@routes.post(*both("/deals"))
@answers("v1")
def create_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a deal."""
    deal = pipedrive.add_deal(caller, new_body(request), "v1")
    return one_with_related(pipedrive, caller, deal, deal_v1, status=201)


@routes.put(*both("/deals/<id>"))
@answers("v1")
def update_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a deal; what is not named stays."""
    deal = pipedrive.update_deal(caller, record_id(request, "deal"), json_or_form(request), "v1")
    return one_with_related(pipedrive, caller, deal, deal_v1)


@routes.delete(*both("/deals/<id>"))
@answers("v1")
def delete_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a deal."""
    deal = pipedrive.delete_deal(caller, record_id(request, "deal"))
    return Answer(200, payloads.deleted(deal.id))


@routes.get(*both("/persons"))
@answers("v1")
def list_persons(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of persons."""
    page = pipedrive.list_persons(caller, request.query, "v1")
    return page_with_related(pipedrive, caller, page, person_v1)


@routes.get(*both("/persons/<id>"))
@answers("v1")
def get_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One person."""
    person = pipedrive.get_person(caller, record_id(request, "person"))
    return one_with_related(pipedrive, caller, person, person_v1)


@routes.post(*both("/persons"))
@answers("v1")
def create_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a person."""
    person = pipedrive.add_person(caller, new_body(request), "v1")
    return one_with_related(pipedrive, caller, person, person_v1, status=201)


@routes.put(*both("/persons/<id>"))
@answers("v1")
def update_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a person; what is not named stays."""
    person = pipedrive.update_person(caller, record_id(request, "person"), json_or_form(request), "v1")
    return one_with_related(pipedrive, caller, person, person_v1)


@routes.delete(*both("/persons/<id>"))
@answers("v1")
def delete_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a person."""
    person = pipedrive.delete_person(caller, record_id(request, "person"))
    return Answer(200, payloads.deleted(person.id))


@routes.get(*both("/organizations"))
@answers("v1")
def list_organizations(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of organizations."""
    page = pipedrive.list_organizations(caller, request.query, "v1")
    return page_with_related(pipedrive, caller, page, organization_v1)


@routes.get(*both("/organizations/<id>"))
@answers("v1")
def get_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One organization."""
    organization = pipedrive.get_organization(caller, record_id(request, "organization"))
    return one_with_related(pipedrive, caller, organization, organization_v1)


@routes.post(*both("/organizations"))
@answers("v1")
def create_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create an organization."""
    organization = pipedrive.add_organization(caller, new_body(request), "v1")
    return one_with_related(pipedrive, caller, organization, organization_v1, status=201)


@routes.put(*both("/organizations/<id>"))
@answers("v1")
def update_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change an organization; what is not named stays."""
    organization = pipedrive.update_organization(
        caller, record_id(request, "organization"), json_or_form(request), "v1"
    )
    return one_with_related(pipedrive, caller, organization, organization_v1)


@routes.delete(*both("/organizations/<id>"))
@answers("v1")
def delete_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete an organization."""
    organization = pipedrive.delete_organization(caller, record_id(request, "organization"))
    return Answer(200, payloads.deleted(organization.id))


@routes.get(*both("/pipelines"))
@answers("v1")
def list_pipelines(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """All pipelines, without paging; the default one is selected."""
    page = pipedrive.list_pipelines(caller, {"limit": "500"}, "v1")
    default = min(page.records, key=lambda pipeline: (pipeline.order_nr, pipeline.id), default=None)
    views = [{**pipeline_v1(pipeline), "selected": pipeline is default} for pipeline in page.records]
    return Answer(200, one_v1(views or None))


@routes.get(*both("/pipelines/<id>"))
@answers("v1")
def get_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One pipeline."""
    return Answer(200, one_v1(pipeline_v1(pipedrive.get_pipeline(caller, record_id(request, "pipeline")))))


@routes.post(*both("/pipelines"))
@answers("v1")
def create_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a pipeline."""
    return Answer(200, one_v1(pipeline_v1(pipedrive.add_pipeline(caller, new_body(request), "v1"))))


@routes.put(*both("/pipelines/<id>"))
@answers("v1")
def update_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a pipeline; what is not named stays."""
    pipeline = pipedrive.update_pipeline(caller, record_id(request, "pipeline"), json_or_form(request), "v1")
    return Answer(200, one_v1(pipeline_v1(pipeline)))


@routes.delete(*both("/pipelines/<id>"))
@answers("v1")
def delete_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a pipeline."""
    pipeline = pipedrive.delete_pipeline(caller, record_id(request, "pipeline"))
    return Answer(200, payloads.deleted(pipeline.id))


@routes.get(*both("/stages"))
@answers("v1")
def list_stages(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of stages."""
    page = pipedrive.list_stages(caller, request.query, "v1")
    near = pipedrive.neighbours(caller, page.records)
    views = [stage_in_list_v1(stage, near.pipelines.get(stage.pipeline_id)) for stage in page.records]
    return Answer(200, list_v1(views, page))


@routes.get(*both("/stages/<id>"))
@answers("v1")
def get_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One stage."""
    return Answer(200, one_v1(stage_v1(pipedrive.get_stage(caller, record_id(request, "stage")))))


@routes.post(*both("/stages"))
@answers("v1")
def create_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a stage."""
    return Answer(200, one_v1(stage_v1(pipedrive.add_stage(caller, new_body(request), "v1"))))


@routes.put(*both("/stages/<id>"))
@answers("v1")
def update_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a stage; what is not named stays."""
    stage = pipedrive.update_stage(caller, record_id(request, "stage"), json_or_form(request), "v1")
    return Answer(200, one_v1(stage_v1(stage)))


@routes.delete(*both("/stages/<id>"))
@answers("v1")
def delete_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a stage."""
    stage = pipedrive.delete_stage(caller, record_id(request, "stage"))
    return Answer(200, payloads.deleted(stage.id))
