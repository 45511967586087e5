"""The `treaty` command: the list of its commands, and the one place where failures end."""

import shutil
from collections.abc import Sequence

import click

from contracts.errors import TreatyError
from registry.cli import settings
from registry.cli.exits import Exit
from registry.cli.lazy import Entry, LazyGroup
from registry.cli.options import colour
from registry.cli.talk import Talk

_WIDEST = 100
START, JUDGE, CATALOG, RUN = "Start here", "Judge", "Registry", "Run"

COMMANDS = (
    Entry("up", START, "Start registry, gateway and sandbox with a demo firm; Ctrl-C stops all."),
    Entry("init", START, "Describe a contract in treaty.yaml, ready to publish."),
    Entry("login", START, "Store the credentials of a registry."),
    Entry("logout", START, "Forget the stored credentials."),
    Entry("doctor", START, "Check the set-up; every line says pass or how to fix it."),
    Entry("check", JUDGE, "Judge a new contract against an old one; exit code 1 when it breaks."),
    Entry("diff", JUDGE, "Show every difference of two contracts, harmless ones too."),
    Entry("changelog", JUDGE, "Tell what changed between two versions, in sentences."),
    Entry("schema", JUDGE, "Print a JSON Schema of the machine interface."),
    Entry("lint", JUDGE, "Lint contracts by a ruleset; exit code 1 when they break it."),
    Entry("explain", JUDGE, "Explain a rule, a problem, or what the gateway asks of a call."),
    Entry("publish", CATALOG, "Publish a contract; refused when it breaks its consumers."),
    Entry(
        "contracts",
        CATALOG,
        "List, show, change, download, deploy, deprecate and sunset contracts.",
    ),
    Entry("services", CATALOG, "List, show and create catalog entries."),
    Entry("grants", CATALOG, "Request, approve, deny and revoke an application's access."),
    Entry("waivers", CATALOG, "Request, approve and revoke waivers of findings."),
    Entry("lifecycle", CATALOG, "Tell who still calls what is deprecated or past its sunset."),
    Entry("policies", CATALOG, "Check policy documents offline; list, apply and delete them."),
    Entry("board", CATALOG, "Show the business figures, and the records behind each."),
    Entry("runs", CATALOG, "List runs of flows, the newest first."),
    Entry("exceptions", CATALOG, "See to runs that cannot go on: retry, decide, discard."),
    Entry("references", CATALOG, "Show and correct what a customer is called in each system."),
    Entry("alerts", CATALOG, "List what is wrong, and who has been told."),
    Entry("systems", CATALOG, "List the systems that workers call; pause and resume one."),
    Entry("agents", CATALOG, "List, enrol and revoke agents of sites on premises."),
    Entry("audit", CATALOG, "Read the audit log, and verify its chain."),
    Entry("mock", RUN, "Serve any OpenAPI contract from its examples and schemas."),
    Entry("flows", RUN, "Lint, rehearse and deploy flows; print their JSON Schema."),
    Entry("worker", RUN, "Run a worker that moves the business through its flows."),
    Entry("agent", RUN, "Run an agent beside systems on premises; it dials out to the workers."),
    Entry("compile", RUN, "Compile a folder to a snapshot for a gateway without a registry."),
    Entry("gateway", RUN, "Run a gateway for one environment, or from a snapshot file."),
    Entry("migrate", RUN, "Bring the registry's database to the current schema."),
    Entry("help", "Help", "Explain exit codes, configuration, or a command."),
    Entry("version", "Help", "Show the version of Treaty and of what it runs on."),
)


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 pass, 1 the gate says no, 2 wrong usage, 3 could not decide, "
    "4 not signed in (`treaty help exit-codes`).",
)
@colour
def cli() -> None:
    """Treaty keeps the promises that systems make to each other."""


def run(args: Sequence[str] | None = None) -> int:
    """Run one command line (the process's own by default) and return its exit code."""
    talk = Talk()
    try:
        code = cli.main(
            args=args,
            prog_name="treaty",
            standalone_mode=False,
            obj=talk,
            # click alone wraps help at 50 columns where a terminal has fewer.
            terminal_width=max(36, min(shutil.get_terminal_size().columns, _WIDEST)),
        )
    except click.Abort:
        return talk.end(Exit.INTERRUPTED, "stopped before the end; nothing half-done was kept")
    except click.ClickException as error:
        return _usage(talk, error)
    except TreatyError as error:
        return talk.problem(error.problem)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return talk.end(Exit.UNDECIDED, f"{place}{error.strerror or error}", "treaty doctor")
    except Exception as error:
        if settings.debug():
            raise
        sentence = f"a defect in Treaty, please report it ({type(error).__name__})"
        return talk.end(Exit.UNDECIDED, sentence, "TREATY_DEBUG=1 treaty … shows where")
    return code if isinstance(code, int) else Exit.PASS


def _usage(talk: Talk, error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return talk.end(Exit.USAGE, "a command is missing", "treaty --help")
    path = "treaty"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        talk.say(error.ctx.get_usage())
        path = error.ctx.command_path
    return talk.end(Exit.USAGE, error.format_message(), f"{path} --help")
