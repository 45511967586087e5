"""All systems of an environment: a name in a flow stands for a contract version and an address."""

import threading
from collections.abc import Callable, Mapping

from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Contract
from contracts.problem import Detail
from orchestration.agent.hub import Hub
from orchestration.evaluating import Program
from orchestration.interpreter import Request
from orchestration.outcome import Failure, Outcome
from orchestration.systems.binding import Binding
from orchestration.systems.caller import System
from orchestration.systems.remote import RemoteSystem
from orchestration.systems.settings import RemoteSettings, SystemSettings
from orchestration.systems.sharing import Shared

# Finds a contract by id and version. Raises `TreatyError` (not-found).
Contracts = Callable[[str, str], Contract]


class Systems:
    """Makes systems when they are first called, and keeps them."""

    def __init__(
        self,
        settings: Mapping[str, SystemSettings | RemoteSettings],
        contracts: Contracts,
        shared: Shared | None = None,
        hub: Hub | None = None,
    ) -> None:
        self._settings, self._contracts, self._shared = settings, contracts, shared
        self._hub = hub
        self._made: dict[tuple[str, str, str], System | RemoteSystem] = {}
        self._lock = threading.Lock()

    def call(self, program: Program, request: Request) -> Outcome:
        """Call an operation. Never raises: what went wrong is the outcome."""
        name = request.operation.partition(".")[0]
        try:
            system = self._system(program, name)
        except TreatyError as error:
            return Outcome(failure=Failure("bug", error.problem.detail[:500]))
        if system is None:
            return Outcome(failure=Failure("bug", f"the system {name} has no address here"))
        return system.call(request)

    def judge(self, program: Program, operation: str, body: Json) -> tuple[Detail, ...]:
        """Return what the contract has against a body; nothing for a system without an address."""
        binding = self._binding(program, operation)
        return () if binding is None else binding.body_errors(body)

    def method(self, program: Program, operation: str) -> str:
        """Return the HTTP method of an operation; empty for an unknown one."""
        binding = self._binding(program, operation)
        return "" if binding is None else binding.operation.method.upper()

    def takes_key(self, program: Program, operation: str) -> bool:
        """Whether the operation declares `Idempotency-Key`."""
        binding = self._binding(program, operation)
        return binding is not None and binding.takes_key

    def _binding(self, program: Program, operation: str) -> Binding | None:
        name, _, known = operation.partition(".")
        try:
            system = self._system(program, name)
        except TreatyError:
            return None
        return None if system is None else system.binding(known)

    def _system(self, program: Program, name: str) -> System | RemoteSystem | None:
        wanted, settings = program.flow.systems.get(name), self._settings.get(name)
        if wanted is None or settings is None:
            return None
        key = (name, wanted.contract, wanted.version)
        with self._lock:
            if key not in self._made:
                contract = self._contracts(wanted.contract, wanted.version)
                sharing = self._shared.of(name) if self._shared is not None else None
                if isinstance(settings, SystemSettings):
                    self._made[key] = System(name, contract, settings, sharing=sharing)
                elif self._hub is not None:
                    known = (wanted.contract, contract)
                    self._made[key] = RemoteSystem(name, known, settings, self._hub, sharing)
            return self._made.get(key)

    def close(self) -> None:
        """Close all connections."""
        for system in self._made.values():
            system.close()
