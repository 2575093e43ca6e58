"""`pulumi login`, `logout` and `whoami`: where stacks are kept, and who asks."""

from __future__ import annotations

import platform

import click

from reconciler import errors
from reconciler.cli.flags import Command, flag, global_flags, global_flags_without, json_flag
from reconciler.cli.invocation import Invocation

LOCAL = "file://~"


@click.command(cls=Command, epilog="Example: pulumi login file:///srv/pulumi-state")
@click.argument("url", required=False)
@flag("--local", "-l", is_flag=True, help="Keep stacks below the home folder; short for file://~.")
@flag("--cloud-url", "-c", default="", hidden=True)
@global_flags
@click.pass_obj
def login(invocation: Invocation, url: str | None, local: bool, cloud_url: str) -> None:
    """Choose where stacks are kept: a folder or a bucket.

    file://<folder>, s3://<bucket>, gs://<bucket>, azblob://<container>?storage_account=<name>.
    """
    from reconciler.backend.addresses import open_backend
    from reconciler.backend.folders import SCHEME, folder_of
    from reconciler.cli.workspace import Workspace

    if url and local:
        raise errors.UsageError("a URL and --local exclude each other")
    workspace = Workspace(invocation)
    chosen = LOCAL if local else url or cloud_url or invocation.environment.get("PULUMI_BACKEND_URL", "")
    chosen = chosen or workspace.home.current_backend()
    if not chosen:
        raise errors.UsageError(
            "a place for stacks is needed, and Pulumi Cloud is not in this version",
            hint="`pulumi login --local` keeps them below the home folder",
        )
    if chosen.startswith("file://.") and not chosen.startswith("file://~"):
        # Meant from here; later commands may run elsewhere.
        chosen = f"file://{(invocation.directory / chosen.removeprefix('file://')).resolve()}"
    if chosen.startswith(SCHEME) and not (folder := folder_of(chosen)).is_dir():
        raise errors.BackendError(f"there is no folder {folder}", hint=f"mkdir -p {folder}")
    open_backend(chosen, invocation.environment)
    workspace.home.log_in(chosen)
    invocation.terminal.write(f"Logged in to {platform.node()} as {workspace.user} ({chosen})\n")


@click.command(cls=Command, epilog="Example: pulumi logout")
@click.argument("url", required=False)
@flag("--all", "-a", "everything", is_flag=True, help="Forget every login.")
@flag("--local", "-l", is_flag=True, help="Forget the login to file://~.")
@global_flags
@click.pass_obj
def logout(invocation: Invocation, url: str | None, everything: bool, local: bool) -> None:
    """Forget where stacks are kept. The stacks stay."""
    from reconciler.cli.workspace import Workspace

    home = Workspace(invocation).home
    if everything:
        home.log_out_all()
        invocation.terminal.write("Logged out of everything\n")
        return
    chosen = LOCAL if local else url or home.current_backend()
    was_known = home.log_out(chosen) if chosen else False
    invocation.terminal.write(f"Logged out of {chosen}\n" if was_known else "Not logged in; nothing to do\n")


@click.command(cls=Command, epilog="Example: pulumi whoami --verbose")
@flag("--verbose", "-v", "verbose", is_flag=True, help="Show the backend, too.")
@json_flag
@global_flags_without("--verbose")
@click.pass_obj
def whoami(invocation: Invocation, verbose: bool, as_json: bool) -> None:
    """Print who uses which backend."""
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json

    workspace = Workspace(invocation)
    user, url = workspace.user, workspace.backend.url
    if as_json:
        invocation.terminal.write(render_json({"user": user, "url": url, "organizations": []}, indent=4) + "\n")
    elif verbose:
        invocation.terminal.write(f"User: {user}\nOrganizations: \nBackend URL: {url}\n")
    else:
        invocation.terminal.write(f"{user}\n")
