"""`pulumi new`: a project, its first stack and that stack's config, from a template."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation

P = ParamSpec("P")
R = TypeVar("R")

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace
    from reconciler.project.templates import Question, Template

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def _cloud_flags(command: Callable[P, R]) -> Callable[P, R]:
    """Recognise what only Pulumi Cloud could do, to refuse it clearly."""
    for name, attributes in (("--ai", {}), ("--language", {}), ("--remote-stack-config", {"is_flag": True})):
        command = flag(name, hidden=True, expose_value=False, callback=_refuse, **attributes)(command)
    return command


def _refuse(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    if value:
        raise click.UsageError(f"{parameter.opts[0]} needs Pulumi Cloud, which is not in this version", ctx)


@click.command(cls=Command, epilog="Example: pulumi new snowflake-python --name shop --stack dev --yes")
@click.argument("template", required=False)
@flag("--name", "-n", default="", help="The project's name; else the folder's.")
@flag("--description", default="", help="What the project is for.")
@flag("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where to put it; else here.")
@flag("--config", "-c", multiple=True, metavar="KEY=VALUE", help="Config of the stack, in place of a question.")
@flag("--config-path", is_flag=True, help="Keys of --config are paths into a value.")
@flag("--secrets-provider", default="default", metavar="PROVIDER", help="What encrypts the stack's secrets.")
@flag("--force", "-f", is_flag=True, help="Also into a folder that is not empty; files of the same name are replaced.")
@flag("--generate-only", "-g", is_flag=True, help="Write the files only: no stack, no config.")
@flag("--list-templates", "-l", is_flag=True, help="List the templates of this version.")
@flag("--runtime-options", multiple=True, metavar="KEY=VALUE", help="An option of the runtime, such as toolchain=uv.")
@flag("--offline", "-o", is_flag=True, hidden=True)
@flag("--template-mode", "-t", is_flag=True, hidden=True)
@_cloud_flags
@flags.yes_flag
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def new(
    invocation: Invocation,
    *,
    template: str | None,
    name: str,
    description: str,
    folder: Path | None,
    config: tuple[str, ...],
    config_path: bool,
    secrets_provider: str,
    force: bool,
    generate_only: bool,
    list_templates: bool,
    runtime_options: tuple[str, ...],
    offline: bool,  # noqa: ARG001  # nothing is ever downloaded
    template_mode: bool,  # noqa: ARG001  # there is no other mode
    yes: bool,
) -> None:
    """Make a project from TEMPLATE: a folder, or one of the templates of this version."""
    from reconciler.cli.config import split_pair
    from reconciler.cli.tables import render_table
    from reconciler.project import templates

    terminal = invocation.terminal
    if list_templates or (template is None and not terminal.interactive):
        rows = [(each.name, each.description) for each in templates.built_in()]
        terminal.write(render_table(("TEMPLATE", "DESCRIPTION"), rows))
        if not list_templates:
            raise errors.UsageError("say which template to use", hint="`pulumi new TEMPLATE`")
        return
    asks = _Asks(invocation, yes=yes)
    chosen = templates.find_template(template or asks.text("template", "python"))
    target = (invocation.directory / folder) if folder else invocation.directory
    _require_empty(target, force=force)
    name = name or asks.text("project name", _NOT_IN_A_NAME.sub("-", target.name).strip("-") or "project")
    if not _NAME.fullmatch(name):
        raise errors.UsageError(f"{name!r} cannot name a project", hint="letters, digits, `-`, `_` and `.`, up to 100")
    description = description or asks.text("project description", chosen.description)
    target.mkdir(parents=True, exist_ok=True)
    options = dict(split_pair(pair) for pair in runtime_options)
    templates.copy_template(chosen, target, project=name, description=description, runtime_options=options)
    terminal.write(f"Created project '{name}' in {target}\n")
    if not generate_only:
        _make_stack(invocation.in_folder(target), asks, chosen, name, config, config_path, secrets_provider)
    terminal.write("Your new project is ready to go: `pulumi preview` shows what it would make, `pulumi up` makes it\n")


class _Asks:
    """Questions to the person, answered with what is proposed where nobody is asked."""

    def __init__(self, invocation: Invocation, *, yes: bool) -> None:
        self._terminal = invocation.terminal
        self._asks = invocation.terminal.interactive and not (yes or invocation.skips_confirmations)

    def text(self, what: str, proposed: str) -> str:
        """An answer; what is proposed when it is empty, or nobody is asked."""
        if not self._asks:
            return proposed
        return self._terminal.ask(f"{what}{f' ({proposed})' if proposed else ''}: ").strip() or proposed

    def config(self, question: Question, key: str) -> str:
        """A config value; a secret is typed unseen."""
        if not self._asks:
            return question.default
        if question.secret:
            return self._terminal.ask_secret(f"{question.description or key} [secret]: ") or question.default
        return self.text(f"{question.description or key}", question.default)


def _require_empty(target: Path, *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise errors.UsageError(f"{target} is no folder")
    if not force and target.is_dir() and any(target.iterdir()):
        raise errors.UsageError(
            f"{target} is not empty", hint="--dir names another folder, --force replaces files of the same name"
        )


def _make_stack(
    invocation: Invocation,
    asks: _Asks,
    template: Template,
    project: str,
    config: tuple[str, ...],
    config_path: bool,
    secrets_provider: str,
) -> None:
    from reconciler.cli.workspace import Workspace
    from reconciler.secrets.managers import check_provider

    check_provider(secrets_provider)
    workspace = Workspace(invocation)
    reference = workspace.create(invocation.stack_name or asks.text("stack name", "dev"), secrets_provider)
    workspace.select(reference)
    invocation.terminal.write(f"Created stack '{reference.stack}'\n")
    _configure(Workspace(invocation), asks, template, project, config, config_path)


def _configure(
    workspace: Workspace, asks: _Asks, template: Template, project: str, config: tuple[str, ...], config_path: bool
) -> None:
    from reconciler.cli.config import split_pair

    given = dict(split_pair(pair) for pair in config)
    missing: list[str] = []
    for question in template.questions:
        key = question.key.replace("${PROJECT}", project)
        if key in given:
            continue
        value = asks.config(question, key)
        if value:
            _set(workspace, key, value, secret=question.secret)
        else:
            missing.append(key)
    for key, value in given.items():
        secret = any(question.secret and question.key == key for question in template.questions)
        _set(workspace, key, value, secret=secret, path=config_path)
    if given or template.questions:
        workspace.stack_file.write()
    for key in missing:
        workspace.terminal.write(f"Not configured yet: `pulumi config set {key} VALUE`\n")


def _set(workspace: Workspace, key: str, value: str, *, secret: bool, path: bool = False) -> None:
    from reconciler.project.stack_files import Secure

    stored = Secure(workspace.config_secrets.encrypt(value)) if secret else value
    workspace.stack_file.set(key, stored, path=path)
