"""Jira behind `tracker.jira` 1.0.0 and ServiceNow behind `itsm.servicenow` 1.0.0.

Neither knows an idempotency key, as in life: a caller that does not read first makes a second one.
"""

import hashlib

from contracts import catalog
from contracts.document import Json
from contracts.problem import Problem
from orchestration.sandbox.firm.store import Record, Store
from orchestration.serving import Answer, Answerer, Call


def jira(store: Store) -> Answerer:
    """Return who answers for Jira."""

    def answer(call: Call) -> Answer:
        if call.operation.name == "getProject":
            wanted = str(call.values["projectIdOrKey"])
            found = [p for p in store.all("jira", "project") if wanted in (p["key"], p["id"])]
            if not found:
                return _unknown(404, f"No project could be found with key '{wanted}'.")
            return Answer(200, found[0])
        if call.operation.name == "getIssue":
            wanted = str(call.values["issueIdOrKey"])
            issue = next(
                (i for i in store.all("jira", "issue") if wanted in (i["key"], i["id"])), None
            )
            return Answer(200, issue) if issue else _unknown(404, "Issue does not exist.")
        body = call.body if isinstance(call.body, dict) else {}
        with store.change():
            key = str(body["key"])
            if store.get("jira", "project", key) is not None:
                return _unknown(400, "A project with that key already exists.")
            own = str(10_000 + store.count("jira", "project"))
            record: Record = {
                "id": own, "key": key, "name": body["name"],
                "self": f"https://jira.example.com/rest/api/3/project/{own}",
            }  # fmt: skip
            store.put("jira", "project", key, record)
            store.noted("jira", "createProject", key, record)
        return Answer(201, {name: record[name] for name in ("id", "key", "self")})

    return answer


def _unknown(status: int, message: str) -> Answer:
    return Answer(status, {"errorMessages": [message], "errors": {}})


def jira_refusing(problem: Problem) -> Answer:
    """Return what breaks the contract as Jira writes it."""
    errors: dict[str, Json] = {
        each.pointer.rpartition("/")[2] or "body": each.detail for each in problem.errors[:5]
    }
    return Answer(_status(problem), {"errorMessages": [problem.detail], "errors": errors})


def servicenow_refusing(problem: Problem) -> Answer:
    """Return what breaks the contract as ServiceNow writes it."""
    detail = "; ".join(f"{each.pointer} {each.detail}" for each in problem.errors[:3])
    error: dict[str, Json] = {"message": problem.type.title, "detail": detail or problem.detail}
    return Answer(_status(problem), {"error": error, "status": "failure"})


def _status(problem: Problem) -> int:
    # These vendors know no 422: what they cannot take is a bad request.
    return 400 if problem.type is catalog.INVALID_REQUEST else problem.type.status


def servicenow(store: Store) -> Answerer:
    """Return who answers for ServiceNow."""

    def answer(call: Call) -> Answer:
        table = str(call.values["tableName"])
        if call.operation.name == "listRecords":
            wanted = str(call.values.get("sysparm_query", "")).removeprefix("correlation_id=")
            found = [
                r for r in store.all("servicenow", table) if wanted in ("", r["correlation_id"])
            ]
            start, limit = (
                int(str(call.values.get(f"sysparm_{n}", d)))
                for n, d in (("offset", 0), ("limit", 100))
            )
            page: list[Json] = [*found[start : start + limit]]
            return Answer(200, {"result": page})
        body = call.body if isinstance(call.body, dict) else {}
        with store.change():
            number = store.count("servicenow", table) + 1
            record: Record = {
                "sys_id": hashlib.md5(f"{table}{number}".encode(), usedforsecurity=False).hexdigest(),
                "number": f"ENG{number:07}", "state": "new", "u_project": None, **body,
            }  # fmt: skip
            store.put("servicenow", table, record["sys_id"], record)
            store.noted(
                "servicenow", "createRecord", str(body["correlation_id"]) + f"@{number}", record
            )
        return Answer(201, {"result": record})

    return answer
