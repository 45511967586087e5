"""Calls operations of registered contracts: what leaves and what comes back is validated."""

import logging
import random
import re
from collections.abc import Callable, Mapping

import httpx2

from contracts import catalog
from contracts.errors import TreatyError
from contracts.model import Contract
from contracts.problem import Detail
from orchestration import tracing
from orchestration.interpreter import Request
from orchestration.outcome import Failure, Outcome
from orchestration.schemas import Schemas
from orchestration.systems.auth import SignIn
from orchestration.systems.binding import Binding, Prepared
from orchestration.systems.pressure import Class, Pressure, Sharing
from orchestration.systems.settings import Limit, SystemSettings
from orchestration.systems.turns import PressureError

_CONNECT_SECONDS = 5.0
_MAX_CAUSES = 5
_MAX_RETRY = 86_400.0
_SECONDS = re.compile(r"[0-9]{1,9}")
_CATEGORIES: Mapping[int, str] = {
    400: "validation", 401: "permission", 403: "permission", 404: "validation", 405: "bug",
    406: "bug", 408: "transient", 409: "conflict", 410: "validation", 412: "conflict",
    413: "validation", 415: "bug", 422: "validation", 423: "conflict", 425: "transient",
    429: "transient", 500: "outage", 502: "outage", 503: "transient", 504: "outage",
}  # fmt: skip
_LOG = "treaty.systems"


class System:
    """One system of an environment, by its contract."""

    def __init__(
        self,
        name: str,
        contract: Contract,
        settings: SystemSettings,
        draw: Callable[[], float] = random.random,
        sharing: Sharing | None = None,
    ) -> None:
        self.name, self._settings, self._draw = name, settings, draw
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(settings.timeout_seconds, connect=_CONNECT_SECONDS),
            follow_redirects=False, trust_env=False, cert=_certificate(settings), verify=settings.ca or True,
        )  # fmt: skip
        self._sign_in = SignIn(settings.auth, self._client)
        limits: dict[Class, Limit] = {} if settings.limit is None else {"all": settings.limit}
        limits |= {kind: limit for kind, limit in settings.limits.items()}  # noqa: C416  # a wider key
        self._pressure = Pressure(limits, sharing)
        schemas = Schemas(contract)
        self._bindings = {
            operation.operation_id: Binding(contract, operation, schemas)
            for operation in contract.operations
            if operation.operation_id
        }

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def binding(self, operation: str) -> Binding | None:
        """Return an operation of the contract by its id."""
        return self._bindings.get(operation)

    def call(self, request: Request) -> Outcome:
        """Call the operation, once. Never raises: what went wrong is the outcome."""
        binding = self.binding(request.operation.partition(".")[2])
        if binding is None:
            return self._failed("bug", f"{request.operation} is no operation of the contract")
        prepared, errors = binding.prepare(request.inputs, request.body, request.key)
        if prepared is None:
            said = f"the call of {request.operation} breaks the contract: {_told(errors)}"
            return self._failed("mapping", said)
        try:
            kind: Class = "read" if prepared.method.upper() in ("GET", "HEAD") else "write"
            with self._pressure.call(kind), tracing.call(request.operation) as trace:
                return self._exchange(request.operation, binding, prepared, trace)
        except PressureError as error:
            said = f"{self.name}: {error.sentence}"
            return self._failed(error.category, said, error.seconds, patient=error.patient)
        except TreatyError as error:
            away = error.problem.type is catalog.UNREACHABLE
            return self._failed(
                "outage" if away else "permission", f"{self.name}: {error.problem.detail}"
            )

    def _exchange(
        self, operation: str, binding: Binding, prepared: Prepared, trace: Mapping[str, str]
    ) -> Outcome:
        for last in (False, True):
            try:
                response = self._client.request(
                    prepared.method,
                    self._settings.base_url.rstrip("/") + prepared.target,
                    headers={**trace, **prepared.headers, **self._sign_in.headers()},
                    content=prepared.body or None,
                )
            except httpx2.HTTPError as error:
                self._pressure.failed()
                said = f"{operation}: {self.name} does not answer ({type(error).__name__})"
                return self._failed("outage", said)
            # A token may have been revoked before its time: sign in anew, once.
            if response.status_code == 401 and not last and self._sign_in.forget():  # noqa: PLR2004  # RFC 9110 section 15.5.2
                continue
            break
        return self._read(operation, binding, response)

    def _read(self, operation: str, binding: Binding, response: httpx2.Response) -> Outcome:
        status = response.status_code
        logging.getLogger(_LOG).info("%s answered %d", operation, status)
        if status >= 500:  # noqa: PLR2004  # RFC 9110 section 15.6
            self._pressure.failed()
        else:
            self._pressure.succeeded()
        if status >= 300:  # noqa: PLR2004  # RFC 9110 section 15.4
            category = _CATEGORIES.get(status, "outage" if status >= 500 else "bug")  # noqa: PLR2004  # as above
            said = f"{operation} answered {status}"
            return self._failed(category, said, _retry_after(response), missing=status == 404)  # noqa: PLR2004  # RFC 9110 section 15.5.5
        media = response.headers.get("content-type", "")
        value, errors = binding.read(status, media, response.content)
        if errors:
            said = f"{operation} answered off its contract: {_told(errors)}"
            return self._failed("bug", said)
        return Outcome(value)

    def _failed(
        self, category: str, said: str, retry: float | None = None, *,
        missing: bool = False, patient: bool = False,
    ) -> Outcome:  # fmt: skip
        failure = Failure(category, said[:500], retry, self._draw(), missing, patient)  # type: ignore[arg-type]  # one of `Category`
        return Outcome(failure=failure)


def _certificate(settings: SystemSettings) -> tuple[str, str] | str | None:
    if settings.certificate is not None and settings.certificate_key is not None:
        return settings.certificate, settings.certificate_key
    return settings.certificate


def _told(errors: tuple[Detail, ...]) -> str:
    return "; ".join(f"{error.pointer} {error.detail}" for error in errors[:_MAX_CAUSES])


def _retry_after(response: httpx2.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    seconds = float(value) if _SECONDS.fullmatch(value) else None
    return seconds if seconds is None else min(seconds, _MAX_RETRY)
