"""`pulumi stack`: what stacks there are, which one is meant, and what it holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, Group, flag
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.backend.references import StackReference
    from reconciler.backend.stacks import Backend, Stored
    from reconciler.cli.workspace import Workspace
    from reconciler.model.resources import Recorded

P = ParamSpec("P")
R = TypeVar("R")


class StackVerbs(Group):
    """The verbs below `stack`, some in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In teaching order."""
        return [
            *("init", "select", "unselect", "ls", "output", "history", "graph", "export", "import", "rename", "tag"),
            *("change-secrets-provider", "rm"),
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a verb, and import it if it is one of those apart."""
        from reconciler.cli import secrets_provider, stack_contents, stack_graph, stack_history, stack_names, stack_tags

        apart = {
            "output": stack_contents.output,
            "export": stack_contents.export,
            "import": stack_contents.import_state,
            "history": stack_history.history,
            "graph": stack_graph.graph,
            "rename": stack_names.rename,
            "unselect": stack_names.unselect,
            "tag": stack_tags.tag,
            "change-secrets-provider": secrets_provider.change_secrets_provider,
        }
        name = {"new": "init", "remove": "rm", "list": "ls", "hist": "history"}.get(cmd_name, cmd_name)
        return apart.get(name) or super().get_command(ctx, name)

    def later_commands(self) -> Sequence[str]:
        """Upstream's verbs that this version does not have."""
        return ("webhook", "schedule")


@click.group(cls=StackVerbs, invoke_without_command=True, epilog="Example: pulumi stack ls")
@flags.stack_flag
@flag("--show-ids", "-i", is_flag=True, help="Show the ids of resources.")
@flag("--show-urns", "-u", is_flag=True, help="Show the URNs of resources.")
@flag("--show-name", is_flag=True, help="Print the stack's name and nothing else.")
@flags.secrets_flag
@flags.global_flags
@click.pass_context
def stack(ctx: click.Context, show_ids: bool, show_urns: bool, show_name: bool, show_secrets: bool) -> None:
    """Show the current stack, or work with stacks."""
    if ctx.invoked_subcommand is not None:
        return
    from reconciler.cli.workspace import Workspace  # The backend is not paid for by `--help`.

    invocation: Invocation = ctx.obj
    workspace = Workspace(invocation)
    if show_name:
        invocation.terminal.write(f"{workspace.shown(workspace.stack)}\n")
        return
    invocation.terminal.write("".join(_summary(workspace, show_ids, show_urns, show_secrets)))


def _summary(workspace: Workspace, show_ids: bool, show_urns: bool, show_secrets: bool) -> Iterator[str]:
    from reconciler.cli.stack_contents import output_table
    from reconciler.cli.tables import render_table

    loaded = workspace.load(blind=not show_secrets)
    yield f"Current stack is {workspace.shown(workspace.stack)}:\n"
    saved_s = saved_at(loaded.stored)
    yield f"    Last updated: {_when(saved_s)}\n" if saved_s else "    No updates yet\n"
    if loaded.left is not None:
        yield "    An earlier run did not end: what it did is shown; the next run saves it\n"
    for holder in workspace.backend.lock_holders(workspace.stack):
        yield f"    Locked: {holder}\n"
    resources = loaded.snapshot.resources
    yield f"Current stack resources ({len(resources)}):\n"
    lines = list(resource_lines(resources, show_ids=show_ids, show_urns=show_urns))
    yield (
        render_table(("TYPE", "NAME"), lines, indent="    ") if lines else "    No resources currently in this stack\n"
    )
    yield "\n"
    yield output_table(workspace.outputs(blind=not show_secrets), show_secrets=show_secrets)
    yield "\nUse `pulumi stack select` to change stack; `pulumi stack ls` lists known ones\n"


def resource_lines(resources: Sequence[Recorded], *, show_ids: bool, show_urns: bool) -> Iterator[tuple[str, str]]:
    """Type (drawn as a tree) and name of each resource, parents first."""
    from reconciler.cli.render.colours import one_line
    from reconciler.model import urns

    known = {resource.urn for resource in resources}
    children: dict[str, list[Recorded]] = {}
    for resource in resources:
        children.setdefault(resource.parent if resource.parent in known else "", []).append(resource)

    def below(urn: str, indent: str) -> Iterator[tuple[str, str]]:
        its = children.get(urn, [])
        for resource in its:
            last = resource is its[-1]
            branch = "" if not urn else indent + ("└─ " if last else "├─ ")
            inner = "" if not urn else indent + ("   " if last else "│  ")
            yield f"{branch}{urns.short_type(resource.type)}", one_line(urns.name(resource.urn))
            if show_urns:
                yield f"{inner}   URN: {resource.urn}", ""
            if show_ids and resource.id:
                yield f"{inner}   ID: {resource.id}", ""
            yield from below(resource.urn, inner)

    return below("", "")


def _named(command: Callable[P, R]) -> Callable[P, R]:
    return click.argument("name", required=False)(flags.stack_flag(command))


def _provider_flag(command: Callable[P, R]) -> Callable[P, R]:
    return flag(
        "--secrets-provider",
        default="default",
        metavar="PROVIDER",
        help="What encrypts secrets: default, passphrase, or a URL of awskms, azurekeyvault, gcpkms, hashivault.",
    )(command)


@stack.command(cls=Command, epilog="Example: pulumi stack init dev")
@_named
@_provider_flag
@flag("--no-select", is_flag=True, help="Do not make it the current stack.")
@flags.global_flags
@click.pass_obj
def init(invocation: Invocation, name: str | None, secrets_provider: str, no_select: bool) -> None:
    """Make an empty stack, and make it the current one."""
    from reconciler.cli.workspace import Workspace
    from reconciler.secrets.managers import check_provider

    workspace = Workspace(invocation)
    name = name or invocation.stack_name
    if not name:
        if not invocation.terminal.interactive:
            raise errors.UsageError("a name for the new stack is needed", hint="`pulumi stack init NAME`")
        name = invocation.terminal.ask("stack name (dev): ").strip() or "dev"
    check_provider(secrets_provider)
    reference = workspace.create(name, secrets_provider)
    if not no_select:
        workspace.select(reference)
    invocation.terminal.write(f"Created stack '{reference.stack}'\n")


@stack.command(cls=Command, epilog="Example: pulumi stack select dev --create")
@_named
@_provider_flag
@flag("--create", "-c", is_flag=True, help="Make the stack if there is none.")
@flags.global_flags
@click.pass_obj
def select(invocation: Invocation, name: str | None, secrets_provider: str, create: bool) -> None:
    """Make a stack the current one of this project."""
    from reconciler.cli.workspace import Workspace
    from reconciler.secrets.managers import check_provider

    workspace = Workspace(invocation)
    name = name or invocation.stack_name or _choose(invocation, workspace)
    reference = workspace.reference(name)
    if not workspace.backend.has_stack(reference):
        if not create:
            raise errors.StackNotFoundError(reference.stack, hint=f"`pulumi stack init {name}` makes it")
        check_provider(secrets_provider)
        reference = workspace.create(name, secrets_provider)
        invocation.terminal.write(f"Created stack '{reference.stack}'\n")
    workspace.select(reference)


def _choose(invocation: Invocation, workspace: Workspace) -> str:
    known = [stack.stack for stack in workspace.backend.stacks(workspace.project.name)]
    if not invocation.terminal.interactive or not known:
        raise errors.NoStackSelectedError(
            "the command line names none", hint="`pulumi stack select NAME`; `pulumi stack ls` lists them"
        )
    for number, each in enumerate(known, start=1):
        invocation.terminal.write(f"  {number}  {each}\n")
    answer = invocation.terminal.ask("Number or name of the stack: ").strip()
    return known[int(answer) - 1] if answer.isdigit() and 0 < int(answer) <= len(known) else answer


@stack.command(cls=Command, epilog="Example: pulumi stack ls --json")
@flags.stack_flag
@flag("--all", "-a", "everything", is_flag=True, help="List the stacks of all projects.")
@flag("--project", default="", metavar="NAME", help="List the stacks of this project.")
@flags.json_flag
@flags.global_flags
@click.pass_obj
def ls(invocation: Invocation, everything: bool, project: str, as_json: bool) -> None:
    """List stacks; the current one is marked with a star."""
    from reconciler.cli.tables import ago, json_time, render_table
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json

    workspace = Workspace(invocation)
    wanted = None if everything else project or workspace.project.name
    current = workspace.find_current()
    described: list[dict[str, object]] = []
    rows: list[tuple[str, str, str]] = []
    for reference in workspace.backend.stacks(wanted):
        saved_s, count, damage = _glance(workspace.backend, reference)
        data: dict[str, object] = {"name": workspace.shown(reference), "current": reference == current}
        if saved_s is not None:
            data |= {"lastUpdate": json_time(saved_s), "resourceCount": count}
        locked = bool(workspace.backend.lock_holders(reference))
        described.append(data | {"updateInProgress": locked})
        star = "*" if reference == current else ""
        when = "in progress" if locked else ago(time.time() - saved_s) if saved_s is not None else damage or "n/a"
        rows.append((f"{workspace.shown(reference)}{star}", when, str(count) if saved_s is not None else "n/a"))
    if as_json:
        invocation.terminal.write(render_json(described, indent=2) + "\n")
    else:
        invocation.terminal.write(render_table(("NAME", "LAST UPDATE", "RESOURCE COUNT"), rows))


def _glance(backend: Backend, reference: StackReference) -> tuple[float | None, int, str]:
    """When a stack was saved and how many resources it has; a damaged one must not hide the others."""
    try:
        stored = backend.read(reference)
    except errors.StateError:
        return None, 0, "damaged"
    return saved_at(stored), len(resources_of(stored)), ""


@stack.command(cls=Command, epilog="Example: pulumi destroy --stack dev && pulumi stack rm dev")
@_named
@flags.yes_flag
@flag("--force", "-f", is_flag=True, help="Remove it although it has resources: their objects stay, and are forgotten.")
@flag("--preserve-config", is_flag=True, help="Keep the stack's config file.")
@flag("--remove-backups", is_flag=True, help="Remove the copies of its state as well.")
@flags.global_flags
@click.pass_obj
def rm(
    invocation: Invocation, name: str | None, yes: bool, force: bool, preserve_config: bool, remove_backups: bool
) -> None:
    """Remove a stack, its history and its config file. Refuses while it has resources."""
    from reconciler.cli.workspace import Workspace

    workspace = Workspace(invocation, stack_name=name or "")
    reference = workspace.stack
    if not (yes or invocation.skips_confirmations):
        if not invocation.terminal.interactive:
            raise errors.UsageError(
                "`stack rm` in non-interactive mode must be told that it may go ahead", hint="--yes"
            )
        invocation.terminal.write(f"This will permanently remove the '{reference.stack}' stack!\n")
        answer = invocation.terminal.ask(
            f"Please confirm that this is what you'd like to do by typing `{reference.stack}`: "
        )
        if answer.strip() != reference.stack:
            raise errors.CancelledError(f"'{reference.stack}' stays")
    workspace.remove_stack(force=force, preserve_config=preserve_config, remove_backups=remove_backups)
    invocation.terminal.write(f"Stack '{reference.stack}' has been removed!\n")


def resources_of(stored: Stored) -> Sequence[object]:
    """A stack file's resources, still encoded."""
    resources = (stored.checkpoint.deployment or {}).get("resources")
    return resources if isinstance(resources, list) else ()


def saved_at(stored: Stored) -> float | None:
    """When a stack was last saved, in seconds since 1970; None when it never was."""
    deployment = stored.checkpoint.deployment
    manifest = deployment.get("manifest") if deployment else None
    text = manifest.get("time") if isinstance(manifest, dict) else None
    if not isinstance(text, str) or not resources_of(stored):
        return None
    head, _, fraction = text.removesuffix("Z").partition(".")
    try:
        return datetime.fromisoformat(f"{head}.{(fraction or '0')[:6]:0<6}+00:00").timestamp()
    except ValueError:
        return None


def _when(seconds: float) -> str:
    from reconciler.cli.tables import ago

    return f"{ago(time.time() - seconds)} ({time.strftime('%Y-%m-%d %H:%M:%S %z', time.localtime(seconds))})"
