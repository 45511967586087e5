"""The PSA behind its two contracts: 2.0.0, and 1.4.0 as a flat view of the same projects."""

from collections.abc import Callable

from contracts import catalog
from contracts.document import Json
from contracts.problem import Detail, Problem
from orchestration.sandbox.state import Records, State
from orchestration.serving import Answer, Answerer, Call, refuse

_DEFAULT_LIMIT = 20


def newest(state: State) -> Answerer:
    """Return who answers contract 2.0.0."""
    handlers: dict[str, Callable[[State, Call], Answer]] = {
        "listProjects": _list_projects,
        "createProject": _create_project,
        "getProject": _get_project,
        "updateProject": _update_project,
        "listTimeEntries": _list_time,
        "createTimeEntry": _create_time,
        "listResources": _list_resources,
        "getResource": _get_resource,
    }
    return lambda call: handlers[call.operation.name](state, call)


def oldest(state: State) -> Answerer:
    """Return who answers contract 1.4.0."""

    def answer(call: Call) -> Answer:
        if call.operation.name == "getProject":
            project = state.projects.get(f"PRJ-{int(str(call.values['projectId'])):04}")
            return Answer(200, _flat(project)) if project else _missing("project")
        limit = int(str(call.values.get("limit", _DEFAULT_LIMIT)))
        flat: list[Json] = [_flat(project) for project in list(state.projects.values())[:limit]]
        return Answer(200, {"projects": flat})

    return answer


def _flat(project: dict[str, Json]) -> dict[str, Json]:
    manager = project["project_manager"]
    return {
        "id": int(str(project["project_id"])[4:]),
        "name": project["name"],
        "client": project["client"],
        "state": "closed" if project["status"] == "closed" else "open",
        "currency": project["currency"],
        "budget_cost": project["budget_cost"],
        "manager_email": manager["email"] if isinstance(manager, dict) else None,
    }


def _page(records: list[dict[str, Json]], call: Call) -> Answer:
    start = int(str(call.values.get("cursor", "0")))
    limit = int(str(call.values.get("limit", _DEFAULT_LIMIT)))
    items: list[Json] = [*records[start : start + limit]]
    following = str(start + limit) if start + limit < len(records) else None
    return Answer(200, {"items": items, "next": following})


def _missing(what: str) -> Answer:
    return refuse(Problem(catalog.NOT_FOUND, f"There is no such {what}."))


def _full() -> Answer:
    return refuse(Problem(catalog.CONFLICT, "The sandbox is full; delete its data folder."))


def _one(records: Records, key: Json, what: str) -> Answer:
    found = records.get(str(key))
    return Answer(200, found) if found else _missing(what)


def _list_projects(state: State, call: Call) -> Answer:
    wanted = call.values.get("status")
    return _page([p for p in state.projects.values() if wanted in (None, p["status"])], call)


def _create_project(state: State, call: Call) -> Answer:
    if state.full:
        return _full()
    project = state.add_project(call.body if isinstance(call.body, dict) else {})
    return Answer(201, project, {"Location": f"/projects/{project['project_id']}"})


def _get_project(state: State, call: Call) -> Answer:
    return _one(state.projects, call.values["projectId"], "project")


def _update_project(state: State, call: Call) -> Answer:
    project_id = str(call.values["projectId"])
    if project_id not in state.projects:
        return _missing("project")
    changes = call.body if isinstance(call.body, dict) else {}
    return Answer(200, state.change_project(project_id, changes))


def _list_time(state: State, call: Call) -> Answer:
    project_id = str(call.values["projectId"])
    if project_id not in state.projects:
        return _missing("project")
    return _page([e for e in state.time_entries.values() if e["project_id"] == project_id], call)


def _create_time(state: State, call: Call) -> Answer:
    project_id = str(call.values["projectId"])
    facts = call.body if isinstance(call.body, dict) else {}
    if project_id not in state.projects:
        return _missing("project")
    if state.full:
        return _full()
    if facts["resource_id"] not in state.resources:
        unknown = (Detail("there is no such resource", "/body/resource_id"),)
        return refuse(Problem(catalog.CONFLICT, "There is no such resource.", unknown))
    return Answer(201, state.add_time(project_id, facts))


def _list_resources(state: State, call: Call) -> Answer:
    return _page(list(state.resources.values()), call)


def _get_resource(state: State, call: Call) -> Answer:
    return _one(state.resources, call.values["resourceId"], "resource")
