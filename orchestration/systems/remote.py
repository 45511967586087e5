"""A system on premises, reached by way of its site's agents; judged by its contract before it leaves."""

from contracts.model import Contract
from contracts.problem import Detail
from orchestration import tracing
from orchestration.agent.hub import Hub
from orchestration.interpreter import Request
from orchestration.outcome import Failure, Outcome
from orchestration.schemas import Schemas
from orchestration.systems.binding import Binding
from orchestration.systems.pressure import Pressure, Sharing
from orchestration.systems.settings import RemoteSettings
from orchestration.systems.turns import PressureError


class RemoteSystem:
    """One system of a site, by its contract; its address and secrets are the agent's."""

    def __init__(
        self,
        name: str,
        contract: tuple[str, Contract],
        settings: RemoteSettings,
        hub: Hub,
        sharing: Sharing | None = None,
    ) -> None:
        self.name, self._settings, self._hub = name, settings, hub
        self._contract, document = contract
        self._pressure = Pressure({}, sharing)
        schemas = Schemas(document)
        self._bindings = {
            operation.operation_id: Binding(document, operation, schemas)
            for operation in document.operations
            if operation.operation_id
        }

    def close(self) -> None:
        """Nothing is held open for it."""

    def binding(self, operation: str) -> Binding | None:
        """Return an operation of the contract by its id."""
        return self._bindings.get(operation)

    def call(self, request: Request) -> Outcome:
        """Call the operation, once. Never raises: what went wrong is the outcome."""
        binding = self.binding(request.operation.partition(".")[2])
        if binding is None:
            said = f"{request.operation} is no operation of the contract"
            return Outcome(failure=Failure("bug", said))
        prepared, errors = binding.prepare(request.inputs, request.body, request.key)
        if prepared is None:
            said = f"the call of {request.operation} breaks the contract: {_told(errors)}"
            return Outcome(failure=Failure("mapping", said[:500]))
        try:
            with self._pressure.call("write"), tracing.call(request.operation):
                timeout = self._settings.timeout_seconds
                return self._hub.call(self._settings.site, request, self._contract, timeout)
        except PressureError as error:
            said = f"{self.name}: {error.sentence}"
            failure = Failure(error.category, said[:500], error.seconds, patient=error.patient)
            return Outcome(failure=failure)


def _told(errors: tuple[Detail, ...]) -> str:
    return "; ".join(f"{error.pointer} {error.detail}" for error in errors[:5])
