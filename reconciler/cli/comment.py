"""`flowforge comment`: put previews' reports into a pull request."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import httpx

from reconciler import errors
from reconciler.cli.explain import render_error
from reconciler.cli.redact import Redactor
from reconciler.cli.report import comment, documents, forges
from reconciler.cli.report.markdown import Forge
from reconciler.cli.report.model import Message, Report
from reconciler.deploy.events import Result, Severity
from reconciler.deploy.options import Kind

_EPILOG = """\b
Example:
  pulumi preview --stack dev --report reports/dev.json
  flowforge comment reports/*.json

\b
On a build server everything else is known: GITHUB_API_URL, GITHUB_REPOSITORY,
GITHUB_EVENT_PATH and GITHUB_TOKEN, or CI_API_V4_URL, CI_PROJECT_ID,
CI_MERGE_REQUEST_IID and GITLAB_TOKEN.
"""


@click.command(name="comment", epilog=_EPILOG)
@click.argument("reports", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--forge", type=click.Choice(["github", "gitlab"]), default=None, help="Where the pull request is.")
@click.option("--repository", default="", help="owner/name on GitHub, id or path of the project on GitLab.")
@click.option("--number", type=int, default=0, help="Of the pull or merge request.")
@click.option("--key", default="preview", show_default=True, help="Tells several comments of one pull request apart.")
@click.option("--api-url", default="", help="Of the forge's REST API, for a server of your own.")
def command(reports: tuple[Path, ...], forge: str | None, repository: str, number: int, key: str, api_url: str) -> None:
    """Show what previews found, in one comment that is edited in place.

    REPORTS are files that `pulumi preview --report NAME.json` wrote. One that
    is missing is told as a preview that failed.
    """
    secrets = [os.environ[name] for name in ("GITHUB_TOKEN", "GITLAB_TOKEN") if os.environ.get(name)]
    try:
        read = [_read(path) for path in reports]
        is_gitlab = forge == "gitlab" or (forge is None and bool(os.environ.get("GITLAB_CI")))
        opened = _gitlab if is_gitlab else _github
        with forges.open_client(_headers(os.environ, is_gitlab=is_gitlab)) as client:
            comments = opened(client, os.environ, repository, number, api_url)
            page = comment.publish(comments, key, read, Forge.GITLAB if is_gitlab else Forge.GITHUB)
    except errors.ReconcilerError as error:
        click.echo(render_error(error, Redactor(secrets)), err=True)
        sys.exit(1)
    click.echo(f"commented{': ' if page else ''}{page}")


def _read(path: Path) -> Report:
    try:
        return documents.parse(path.read_bytes())
    except FileNotFoundError:
        return Report(
            project=path.parent.name,
            stack=path.stem,
            kind=Kind.UPDATE,
            is_preview=True,
            result=Result.FAILED,
            messages=(Message(urn="", severity=Severity.ERROR, text="there is no report of it: see the job's log"),),
        )
    except OSError as error:
        raise errors.ReportFormatError(f"{path}: {error.strerror}") from error
    except errors.ReportFormatError as error:
        raise errors.ReportFormatError(
            f"{path}: {error.detail}", hint="`pulumi preview --report NAME.json` writes one"
        ) from error


def _headers(environment: Mapping[str, str], *, is_gitlab: bool) -> Mapping[str, str]:
    if is_gitlab:
        return {"PRIVATE-TOKEN": _needed(environment, "GITLAB_TOKEN")}
    return {
        "Authorization": f"Bearer {_needed(environment, 'GITHUB_TOKEN')}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }


def _github(
    client: httpx.Client, environment: Mapping[str, str], repository: str, number: int, api_url: str
) -> forges.Comments:
    api = api_url or environment.get("GITHUB_API_URL") or "https://api.github.com"
    name = repository or _needed(environment, "GITHUB_REPOSITORY", "--repository")
    return forges.GitHubComments(client, api, name, number or _pull_request(environment))


def _gitlab(
    client: httpx.Client, environment: Mapping[str, str], repository: str, number: int, api_url: str
) -> forges.Comments:
    api = api_url or environment.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
    project = repository or _needed(environment, "CI_PROJECT_ID", "--repository")
    if not number:
        number = int(_needed(environment, "CI_MERGE_REQUEST_IID", "--number"))
    return forges.GitLabNotes(client, api, project, number)


def _pull_request(environment: Mapping[str, str]) -> int:
    """The number in the event that started a GitHub workflow."""
    try:
        event = json.loads(Path(_needed(environment, "GITHUB_EVENT_PATH", "--number")).read_bytes())
        return int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.UsageError("the workflow's event is about no pull request", hint="pass --number") from error


def _needed(environment: Mapping[str, str], name: str, option: str = "") -> str:
    value = environment.get(name, "")
    if not value:
        raise errors.UsageError(f"{name} is not set", hint=f"pass {option}, or set it" if option else "set it")
    return value
