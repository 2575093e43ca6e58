"""The comment, against a server that pages, refuses and fails as the forges do."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from reconciler.cli.comment import command
from reconciler.cli.report import comment, documents
from reconciler.cli.report.markdown import Forge
from reconciler.plan.steps import Op
from tests.cli.report.forge_server import ForgeServer
from tests.cli.report.reports import DEAR, change, report


@pytest.fixture
def forge():
    server = ForgeServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def say(forge, tmp_path, monkeypatch):
    """Comment on a pull request with these reports."""
    event = tmp_path / "event.json"
    event.write_text('{"pull_request": {"number": 7}}')
    on_github = {
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "shop/platform",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_TOKEN": "t",
    }
    for name in ("GITLAB_CI", "GITLAB_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def run(*reports, environment=on_github, **more):
        paths = []
        for index, told in enumerate(reports):
            path = tmp_path / f"{index}.json"
            path.write_text(documents.render(told)) if told is not None else path.unlink(missing_ok=True)
            paths.append(str(path))
        return CliRunner().invoke(command, paths, env=environment | more)

    return run


def test_the_first_preview_makes_a_comment_and_the_next_one_edits_it(forge, say):
    first = say(DEAR)
    assert (first.exit_code, first.output) == (0, "commented: https://forge/1\n")
    say(report(change("a", Op.CREATE), commit="f" * 40))

    (only,) = forge.comments
    assert "## 🟢 `shop/dev`: 1 to create" in only["body"]
    assert "Earlier previews" in only["body"]
    assert "- `012345678` 🔴 `shop/dev`: 1 to delete, 1 to replace, 1 to update, 1 to create\n" in only["body"]


def test_our_comment_is_found_behind_many_others(forge, say):
    forge.talk(230)
    say(DEAR)
    forge.talk(120)
    say(report())

    assert sum(one["body"].startswith(comment.marker("preview")) for one in forge.comments) == 1
    assert "no changes" in forge.comments[230]["body"]


def test_gitlab_is_paged_and_edited_likewise(forge, say):
    forge.talk(150)
    gitlab = {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": f"{forge.url}/api/v4",
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "3",
        "GITLAB_TOKEN": "t",
    }
    assert say(DEAR, environment=gitlab).output == "commented\n"
    assert say(report(), environment=gitlab).exit_code == 0

    assert len(forge.comments) == 151
    assert forge.requests[-1] == ("PUT", "/api/v4/projects/12/merge_requests/3/notes/151")


def test_a_stack_without_a_report_is_told_as_failed(forge, say):
    assert say(DEAR, None).exit_code == 0

    assert "there is no report of it: see the job's log" in forge.comments[0]["body"]
    assert "❌" in forge.comments[0]["body"]


@pytest.mark.parametrize(
    ("statuses", "told"),
    [([403], "`pull-requests: write`"), ([404], "right repository and number"), ([401], "the token is not valid")],
)
def test_a_refusal_says_what_is_needed(forge, say, statuses, told):
    forge.refuse_with = statuses

    done = say(DEAR)

    assert done.exit_code == 1
    assert told in done.output
    assert forge.comments == []


def test_a_busy_forge_is_asked_again(forge, say):
    forge.refuse_with = [503]

    assert say(DEAR).exit_code == 0
    assert len(forge.comments) == 1


def test_a_failed_create_is_not_repeated_since_it_may_have_been_carried_out(forge, say):
    forge.refuse_posts_with = [500]
    done = say(DEAR)

    assert done.exit_code == 1
    assert [method for method, _ in forge.requests] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("missing", "told"), [("GITHUB_TOKEN", "GITHUB_TOKEN is not set"), ("GITHUB_REPOSITORY", "pass --repository")]
)
def test_what_is_missing_is_named(say, missing, told):
    done = say(DEAR, **{missing: ""})

    assert done.exit_code == 1
    assert told in done.output


def test_history_is_bounded_and_a_repeated_preview_adds_nothing():
    body = ""
    for commit in range(20):
        for _ in range(2):
            body = comment.render("preview", [report(commit=f"{commit:040}"[::-1])], Forge.GITHUB, body)

    assert body.count("- `") == comment.MOST_EARLIER
    assert len(body.encode()) <= Forge.GITHUB.value.most_bytes


def test_the_whole_comment_fits_the_forge():
    told = report(*(change(f"table-{index}" * 5) for index in range(5000)))
    body = ""
    for commit in range(12):
        body = comment.render("preview", [told, DEAR], Forge.GITHUB, body)
        told = report(*told.changes, commit=f"{commit:040}"[::-1])

    assert len(body.encode()) <= Forge.GITHUB.value.most_bytes
    assert body.rstrip().endswith("<!-- /flowforge:earlier -->")
