"""API v2: deals, persons, organizations, pipelines and stages. Strict JSON in, bare ids out, cursors to page."""

from ..rig.exchange import Answer, Request
from ..rig.routes import Routes
from . import payloads
from .bodies import json_object, record_id
from .companies import Caller
from .emulator import Pipedrive
from .errors import answers
from .payloads import deal_v2, list_v2, one_v2, organization_v2, person_v2, pipeline_v2, stage_v2

routes = Routes()


@routes.get("/api/v2/deals")
@answers("v2")
def list_deals(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of deals."""
    page = pipedrive.list_deals(caller, request.query)
    return Answer(200, list_v2((deal_v2(deal, caller.company.timezone) for deal in page.records), page.next_cursor))


@routes.get("/api/v2/deals/archived")
@answers("v2")
def list_archived_deals(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of archived deals: they are in no other list."""
    page = pipedrive.list_deals(caller, request.query, is_archived=True)
    return Answer(200, list_v2((deal_v2(deal, caller.company.timezone) for deal in page.records), page.next_cursor))


@routes.get("/api/v2/deals/<id>")
@answers("v2")
def get_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One deal."""
    deal = pipedrive.get_deal(caller, record_id(request, "deal"))
    return Answer(200, one_v2(deal_v2(deal, caller.company.timezone)))


@routes.post("/api/v2/deals")
@answers("v2")
def create_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a deal."""
    deal = pipedrive.add_deal(caller, json_object(request))
    return Answer(200, one_v2(deal_v2(deal, caller.company.timezone)))


@routes.patch("/api/v2/deals/<id>")
@answers("v2")
def update_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a deal; what is not named stays."""
    deal = pipedrive.update_deal(caller, record_id(request, "deal"), json_object(request))
    return Answer(200, one_v2(deal_v2(deal, caller.company.timezone)))


@routes.delete("/api/v2/deals/<id>")
@answers("v2")
def delete_deal(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a deal."""
    deal = pipedrive.delete_deal(caller, record_id(request, "deal"))
    return Answer(200, payloads.deleted(deal.id))


@routes.get("/api/v2/persons")
@answers("v2")
def list_persons(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of persons."""
    page = pipedrive.list_persons(caller, request.query)
    return Answer(200, list_v2((person_v2(person) for person in page.records), page.next_cursor))


@routes.get("/api/v2/persons/<id>")
@answers("v2")
def get_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One person."""
    person = pipedrive.get_person(caller, record_id(request, "person"))
    return Answer(200, one_v2(person_v2(person)))


@routes.post("/api/v2/persons")
@answers("v2")
def create_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a person."""
    person = pipedrive.add_person(caller, json_object(request))
    return Answer(200, one_v2(person_v2(person)))


@routes.patch("/api/v2/persons/<id>")
@answers("v2")
def update_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a person; what is not named stays."""
    person = pipedrive.update_person(caller, record_id(request, "person"), json_object(request))
    return Answer(200, one_v2(person_v2(person)))


@routes.delete("/api/v2/persons/<id>")
@answers("v2")
def delete_person(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a person."""
    person = pipedrive.delete_person(caller, record_id(request, "person"))
    return Answer(200, payloads.deleted(person.id))


@routes.get("/api/v2/organizations")
@answers("v2")
def list_organizations(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of organizations."""
    page = pipedrive.list_organizations(caller, request.query)
    return Answer(200, list_v2((organization_v2(organization) for organization in page.records), page.next_cursor))


@routes.get("/api/v2/organizations/<id>")
@answers("v2")
def get_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One organization."""
    organization = pipedrive.get_organization(caller, record_id(request, "organization"))
    return Answer(200, one_v2(organization_v2(organization)))


@routes.post("/api/v2/organizations")
@answers("v2")
def create_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create an organization."""
    organization = pipedrive.add_organization(caller, json_object(request))
    return Answer(200, one_v2(organization_v2(organization)))


@routes.patch("/api/v2/organizations/<id>")
@answers("v2")
def update_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change an organization; what is not named stays."""
    organization = pipedrive.update_organization(caller, record_id(request, "organization"), json_object(request))
    return Answer(200, one_v2(organization_v2(organization)))


@routes.delete("/api/v2/organizations/<id>")
@answers("v2")
def delete_organization(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete an organization."""
    organization = pipedrive.delete_organization(caller, record_id(request, "organization"))
    return Answer(200, payloads.deleted(organization.id))


@routes.get("/api/v2/pipelines")
@answers("v2")
def list_pipelines(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of pipelines."""
    page = pipedrive.list_pipelines(caller, request.query)
    return Answer(200, list_v2((pipeline_v2(pipeline) for pipeline in page.records), page.next_cursor))


@routes.get("/api/v2/pipelines/<id>")
@answers("v2")
def get_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One pipeline."""
    pipeline = pipedrive.get_pipeline(caller, record_id(request, "pipeline"))
    return Answer(200, one_v2(pipeline_v2(pipeline)))


@routes.post("/api/v2/pipelines")
@answers("v2")
def create_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a pipeline."""
    pipeline = pipedrive.add_pipeline(caller, json_object(request))
    return Answer(200, one_v2(pipeline_v2(pipeline)))


@routes.patch("/api/v2/pipelines/<id>")
@answers("v2")
def update_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a pipeline; what is not named stays."""
    pipeline = pipedrive.update_pipeline(caller, record_id(request, "pipeline"), json_object(request))
    return Answer(200, one_v2(pipeline_v2(pipeline)))


@routes.delete("/api/v2/pipelines/<id>")
@answers("v2")
def delete_pipeline(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a pipeline."""
    pipeline = pipedrive.delete_pipeline(caller, record_id(request, "pipeline"))
    return Answer(200, payloads.deleted(pipeline.id))


@routes.get("/api/v2/stages")
@answers("v2")
def list_stages(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """A page of stages."""
    page = pipedrive.list_stages(caller, request.query)
    return Answer(200, list_v2((stage_v2(stage) for stage in page.records), page.next_cursor))


@routes.get("/api/v2/stages/<id>")
@answers("v2")
def get_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """One stage."""
    stage = pipedrive.get_stage(caller, record_id(request, "stage"))
    return Answer(200, one_v2(stage_v2(stage)))


@routes.post("/api/v2/stages")
@answers("v2")
def create_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Create a stage."""
    stage = pipedrive.add_stage(caller, json_object(request))
    return Answer(200, one_v2(stage_v2(stage)))


@routes.patch("/api/v2/stages/<id>")
@answers("v2")
def update_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Change a stage; what is not named stays."""
    stage = pipedrive.update_stage(caller, record_id(request, "stage"), json_object(request))
    return Answer(200, one_v2(stage_v2(stage)))


@routes.delete("/api/v2/stages/<id>")
@answers("v2")
def delete_stage(pipedrive: Pipedrive, caller: Caller, request: Request) -> Answer:
    """Delete a stage."""
    stage = pipedrive.delete_stage(caller, record_id(request, "stage"))
    return Answer(200, payloads.deleted(stage.id))
