"""`treaty up`: registry, gateway, sandbox and worker with a demo firm, in the foreground."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from contracts.errors import TreatyError
from registry.cli import demo, pasting, supervise, upkeep
from registry.cli.client import Client
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import pass_talk
from registry.cli.supervise import Address, Supervisor
from registry.cli.talk import Talk
from registry.cli.upkeep import Memory

_port = click.IntRange(1, 65535)
_PORT = "Where it listens."


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one run is."""

    registry: Address
    gateway: Address
    sandbox: Address
    worker: Address
    folder: Path


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--registry-port", type=_port, default=8800, show_default=True, help=_PORT)
@click.option("--gateway-port", type=_port, default=8801, show_default=True, help=_PORT)
@click.option("--sandbox-port", type=_port, default=8802, show_default=True, help=_PORT)
@click.option("--worker-port", type=_port, default=8803, show_default=True, help=_PORT)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    default=".treaty",
    show_default=True,
    help="Where the database, keys, secrets and logs are kept.",
)
@click.option(
    "--demo/--no-demo", "firm", default=True, help="With the demo firm, its systems and its worker."
)
@pass_talk
def command(
    talk: Talk,
    host: str,
    registry_port: int,
    gateway_port: int,
    sandbox_port: int,
    worker_port: int,
    data_dir: str,
    firm: bool,
) -> Exit:
    """Start registry, gateway, sandbox and worker with a demo firm, and print lines to paste.

    Runs in the foreground; Ctrl-C stops everything and keeps the data. A port that is taken is
    named, with the option that chooses another one (exit code 2).
    """
    place = Place(
        Address("registry", host, registry_port),
        Address("gateway", host, gateway_port),
        Address("sandbox", host, sandbox_port),
        Address("worker", host, worker_port),
        Path(data_dir),
    )
    used = (place.registry, place.gateway, *((place.sandbox, place.worker) if firm else ()))
    if len({address.port for address in used}) < len(used):
        raise click.UsageError("Each server needs a port of its own.")
    logs = place.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.folder.chmod(0o700)
    with supervise.only_one(place.folder):
        supervise.require_free(used)
        try:
            with Supervisor(logs, talk) as servers:
                _run(talk, servers, place, firm)
        except supervise.Stopped:
            # The way to stop is Ctrl-C, so being stopped is success.
            pass
    return talk.end(Exit.PASS, f"stopped; the data stays in {place.folder}", "treaty up")


def _run(talk: Talk, servers: Supervisor, place: Place, firm: bool) -> None:
    data = ["--data-dir", str(place.folder)]
    memory = Memory.load(place.folder)
    if firm:
        servers.start("sandbox", "orchestration", ["sandbox", *_listen(place.sandbox)])
    # It serves from its last good snapshot until the registry answers.
    early = memory.complete
    if early:
        _start_gateway(servers, place, memory)
    talk.say("migrating the database")
    servers.begin("migrate", "registry", ["migrate", *data])()
    link = _link(servers, memory, data)
    talk.say("starting registry and gateway")
    public = ["--public-url", place.registry.url]
    servers.start("registry", "registry", ["serve", *_listen(place.registry), *data, *public])
    if not early:
        _start_gateway(servers, place, memory)
    servers.wait_ready("registry", place.registry.url, "/readyz")
    _sign_in(talk, place, memory)
    scene: pasting.Scene | None = None
    if firm:
        scene = _firm(talk, servers, place, memory)
    else:
        _bare(servers, place, memory)
    _print(talk, place, link(), scene)
    servers.watch()


def _start_gateway(servers: Supervisor, place: Place, memory: Memory) -> None:
    arguments = _listen(place.gateway)
    arguments += ["--registry", place.registry.url, "--environment", demo.ENVIRONMENT]
    arguments += ["--token-file", str(memory.gateway_token_file)]
    servers.start("gateway", "gateway", [*arguments, "--data-dir", str(place.folder)])


def _link(servers: Supervisor, memory: Memory, data: list[str]) -> Callable[[], str]:
    """Return the function that tells the path of a new one-time link.

    Where tokens are missing they are made first, and again where bootstrap showed them before:
    the gateway cannot start without one. Otherwise the link is made while the servers start.
    """

    def begin(*extra: str) -> Callable[[], bytes]:
        return servers.begin("bootstrap", "registry", ["bootstrap", *data, *extra])

    if memory.complete:
        begun = begin()
        return lambda: str(json.loads(begun())["login_path"])
    told = json.loads(begin()())
    memory.keep(told)
    if not memory.complete:
        told = json.loads(begin("--rotate")())
        memory.keep(told)
    return lambda: str(told["login_path"])


def _listen(address: Address) -> list[str]:
    return ["--host", address.host, "--port", str(address.port)]


def _sign_in(talk: Talk, place: Place, memory: Memory) -> None:
    path = upkeep.sign_in(place.registry.url, memory.admin_token, known={memory.admin_token})
    if path is None:
        talk.say("credentials of your own are in .treaty/credentials.json; they stay in force")


def _bare(servers: Supervisor, place: Place, memory: Memory) -> None:
    with Client(place.registry.url, memory.admin_token) as registry:
        demo.environment(registry)
    servers.wait_ready("gateway", place.gateway.url, "/-/ready")


def _firm(talk: Talk, servers: Supervisor, place: Place, memory: Memory) -> pasting.Scene:
    servers.wait_ready("sandbox", place.sandbox.url, "/-/ready")
    systems = upkeep.systems_file(place.folder, place.sandbox.url)
    worker = ["worker", *_listen(place.worker), "--systems", str(systems)]
    servers.start("worker", "orchestration", [*worker, "--data-dir", str(place.folder)])
    with Client(place.registry.url, memory.admin_token) as registry:
        if not memory.seeded:
            talk.say("seeding the demo firm")
            demo.seed(registry)
            memory.seeded = True
        demo.deploy(registry, place.sandbox.url)
        tokens = {each.id: _token(registry, memory, each.id) for each in demo.APPLICATIONS}
        memory.save()
    servers.wait_ready("gateway", place.gateway.url, "/-/ready")
    servers.wait_ready("worker", place.worker.url, "/-/ready")
    reader = tokens["finance-desk"]
    return pasting.Scene(
        issuer=place.registry.url,
        gateway=place.gateway.url,
        secrets=memory.secrets,
        tokens=tokens,
        project=servers.patiently(lambda: pasting.project(place.gateway.url, reader, "v2")),
        old_project=servers.patiently(lambda: pasting.project(place.gateway.url, reader, "v1")),
    )


def _token(registry: Client, memory: Memory, application: str) -> str:
    """Return a token; a secret that the registry no longer accepts is replaced."""
    known = memory.secrets.get(application)
    if known:
        try:
            return pasting.token(registry.url, application, known)
        except TreatyError:
            pass
    memory.secrets[application] = demo.secret(registry, application)
    return pasting.token(registry.url, application, memory.secrets[application])


def _print(talk: Talk, place: Place, link: str, scene: pasting.Scene | None) -> None:
    program = _program()
    talk.result(f"Treaty is up.\n\n  registry  {place.registry.url}")
    talk.result(f"  gateway   {place.gateway.url}")
    if scene:
        talk.result(f"  sandbox   {place.sandbox.url}")
        talk.result(f"  worker    {place.worker.url}")
    talk.result(f"  sign in   {place.registry.url}{link}\n            (works once)")
    if scene:
        talk.result(f"\n{pasting.text(scene)}")
        talk.result(
            f"\n# then: take a contract, edit it, and see what would break\n"
            f"{program} contracts content {demo.CONTRACT} > new.yaml\n"
            f"{program} check new.yaml --against {demo.CONTRACT}\n"
            f"{program} publish new.yaml --contract {demo.CONTRACT}\n"
            f"\n# or: win a deal in the CRM, and watch its project follow through five systems\n"
            f"{pasting.win(place.sandbox.url)}\n"
            f"{program} runs"
        )
    else:
        talk.result(f"\n# next: publish a contract of yours\n{program} init openapi.yaml")
    talk.result(f"\nCtrl-C stops everything; the data stays in {place.folder}.")


def _program() -> str:
    """Return how this very program is called from here."""
    called = Path(sys.argv[0])
    if called.name != "treaty":
        return "python -m registry.cli"
    return "treaty" if shutil.which("treaty") else str(called)
