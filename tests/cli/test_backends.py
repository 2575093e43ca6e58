"""Where stacks are kept, and who works on them, as the command says it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.backend.object_services import S3Service


@pytest.fixture(scope="module")
def service():
    service = S3Service()
    yield service
    service.stop()


@pytest.fixture
def s3(service, monkeypatch):
    """The service, its bucket's URL, and credentials for it in the environment."""
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    service.fault = lambda method, path: None
    service.url = service.new_bucket()
    return service


def lock_of_another(cli):
    """The lock of the official engine."""
    folder = cli.state / ".pulumi" / "locks" / "organization" / "shop" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 1, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "x.json").write_text(json.dumps(lock))
    return folder


@pytest.mark.slow
def test_a_stack_lives_in_a_bucket_from_login_to_removal(cli, s3):
    nowhere = {"PULUMI_BACKEND_URL": ""}
    assert f"({s3.url})" in cli.ok("login", s3.url, **nowhere).out
    assert f"Backend URL: {s3.url}\n" in cli.ok("whoami", "-v", **nowhere).out

    cli.ok("stack", "init", "dev", **nowhere)
    cli.ok("config", "set", "--secret", "token", "canary-7", **nowhere)
    up = cli.ok("up", "--yes", "--skip-preview", **nowhere)
    again = cli.ok("preview", "--json", **nowhere).data

    assert f"{s3.url.partition('?')[0]}/.pulumi/stacks/shop/dev.json" in up.out
    assert again["changeSummary"] == {"same": 2}
    assert "dev*" in cli.ok("stack", "ls", "--all", **nowhere).out
    assert cli.ok("stack", "history", "--json", **nowhere).data[0]["result"] == "succeeded"
    assert cli.ok("stack", "export", **nowhere).data["deployment"]["resources"]
    assert list(cli.state.iterdir()) == []
    # The stack that is selected is one of this backend, not of another.
    assert "no stack" in cli("up", "--yes").err.lower()
    cli.ok("destroy", "--yes", "--skip-preview", **nowhere)
    cli.ok("stack", "rm", "dev", "--yes", **nowhere)
    assert cli.ok("logout", **nowhere).out == f"Logged out of {s3.url}\n"


def test_the_project_may_name_its_bucket(cli, s3):
    cli.write("Pulumi.yaml", f"name: shop\nruntime: python\nbackend:\n  url: {s3.url}\n")

    assert cli.ok("whoami", "--json", PULUMI_BACKEND_URL="").data["url"] == s3.url


@pytest.mark.parametrize(
    ("fault", "url", "expected"),
    [
        ("403", "", "The bucket refuses access"),
        ("301", "", "add the bucket's region to the URL: ?region=<region>"),
        (None, "no-such-bucket", "The bucket does not exist"),
    ],
    ids=["no-permission", "wrong-region", "no-bucket"],
)
def test_login_to_a_bucket_that_cannot_be_used_says_why_and_changes_nothing(cli, s3, fault, url, expected):
    s3.fault = lambda method, path: fault
    bucket = s3.url.partition("//")[2].partition("/")[0]

    done = cli("login", s3.url.replace(bucket, url or bucket), PULUMI_BACKEND_URL="")

    assert done.code == 1
    assert expected in done.err
    assert "hint: " in done.err
    assert "Traceback" not in done.err
    assert not (cli.home / ".pulumi" / "credentials.json").exists()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://", "names no bucket"),
        ("s3://bucket?reigon=eu", "has the parameter 'reigon', which is not known"),
        ("azblob://container", "azblob://container?storage_account=<name>"),
        ("postgres://host/db", "postgres:// backends are not in this version"),
        ("https://api.pulumi.com", "Pulumi Cloud is not in this version"),
        ("nonsense", "is no place for stacks"),
    ],
)
def test_a_url_that_cannot_be_is_refused_in_one_line(cli, url, expected):
    done = cli("login", url, PULUMI_BACKEND_URL="")

    assert done.code == 1
    assert expected in done.err
    assert "Traceback" not in done.err


def test_a_locked_stack_is_waited_for_as_long_as_wished(stack):
    lock_of_another(stack)

    done = stack("up", "--yes", "--skip-preview", "--lock-wait", "1ms")
    by_variable = stack("up", "--yes", "--skip-preview", PULUMI_OPTION_LOCK_WAIT="1ms")

    assert done.code == by_variable.code == 1
    for one in (done, by_variable):
        assert "waiting for the lock of dev, created by ann@elsewhere (pid 1) at 2026-01-01T00:00:00Z" in one.err
        assert "the stack is currently locked by 1 lock(s)" in one.err
    assert "is no duration" in stack("up", "--lock-wait", "soon").err


def test_whose_lock_was_taken_over_stands_in_the_output_and_in_the_history(stack):
    lease = stack.state / ".pulumi" / "leases" / "shop" / "dev.json"
    record = json.loads(lease.read_text())
    dead = {"machine": "", "boot": "", "namespace": str(Path("/proc/self/ns/pid").readlink()), "started": "1"}
    lease.write_text(
        json.dumps(
            record
            | {"holder": "h", "pid": 2**22 + 1, "username": "ci", "hostname": "runner-7", "process": dead}
            | {"since": "2026-01-01T00:00:00Z", "leaseSeconds": 0.001}
        )
    )
    os.utime(lease, (0, 0))

    done = stack.ok("up", "--yes", "--skip-preview")

    assert "took over the lock of ci@runner-7 (pid 4194305), held since 2026-01-01T00:00:00Z" in done.out + done.err
    history = stack.ok("stack", "history", "--json").data
    assert "ci@runner-7" in history[0]["environment"]["lock.takenOver"]


def test_version_needs_no_object_store(cli):
    script = (
        "import sys; from reconciler.cli import main; main.run(['version']); main.run(['stack', 'ls']);"
        "sys.exit(any(name.split('.')[0] in ('obstore', 'zstandard', 'boto3') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], env=cli.process_environment(), cwd=cli.project, check=False)

    assert done.returncode == 0
