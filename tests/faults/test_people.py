"""What people and tools do to a run: signals, plans of something else, newer states, hostile names, great numbers."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from programs import WAITING
from rows import fault

from tests.cli.conftest import SALT, cli, stack  # noqa: F401  # fixtures

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]


@fault(15)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_lets_what_is_under_way_end(life, number, row):
    life.write(WAITING.replace("Thing('b'", "b = Thing('b'") + "Thing('c', zone='x', source=b.serial)\n")
    run = life.begin_and_wait()
    os.kill(run.pid, number)
    life.cloud.go()
    assert run.has_ended(30)

    assert run.code > 0, run.text
    assert len(life.cloud.rest(life.stack).objects) == 2, "what was under way was made, and nothing more"
    assert life.state().pending == ()
    assert life.run("up")[0] == 0
    life.changes_nothing()


@fault(15)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_second_signal_ends_the_run_at_once_and_leaves_a_valid_state(life, number, row):
    life.write(WAITING)
    run = life.begin_and_wait()
    os.kill(run.pid, number)
    while "again" not in run.text and "^C" not in run.text:
        assert not run.has_ended(0.01), run.text
    os.kill(run.pid, number)
    assert run.has_ended(30)
    life.cloud.go()

    assert run.code == -number
    life.check_nothing_is_lost()
    assert life.run("up")[0] == 0
    assert len(life.cloud.rest(life.stack).objects) == 2
    life.changes_nothing()


@fault(22, sampled=True)
def test_a_plan_of_another_stack_is_refused(stack, row):  # noqa: F811  # a fixture
    stack.ok("preview", "--save-plan", "plan.json")
    stack.write("Pulumi.prod.yaml", f"encryptionsalt: {SALT}\n")
    stack.ok("stack", "init", "prod")
    before = stack.stored()

    done = stack("up", "--yes", "--skip-preview", "--stack", "prod", "--plan", "plan.json")

    assert done.code != 0
    assert "The saved plan is out of date" in done.err
    state = ".pulumi/stacks/shop/prod.json"
    assert "shop:index:Lake" not in stack.stored()[state].decode()
    assert stack.stored()[".pulumi/stacks/shop/dev.json"] == before[".pulumi/stacks/shop/dev.json"]


@fault(23, sampled=True)
def test_a_state_of_a_newer_version_is_refused_with_its_number(stack, row):  # noqa: F811  # a fixture
    stack.ok("up", "--yes")
    file = stack.state / ".pulumi/stacks/shop/dev.json"
    newer = json.dumps(json.loads(file.read_text()) | {"version": 9})
    file.write_text(newer)

    for command in (("preview",), ("up", "--yes"), ("destroy", "--yes"), ("stack", "export")):
        done = stack(*command)
        assert done.code != 0
        assert "9" in done.err
        assert "version" in done.err
    assert file.read_text() == newer


HOSTILE = """\
import pulumi


class Lake(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Lake", name, {})
        self.register_outputs({})


Lake("evil\\x1b[2J</pre>\\n{\\"forged\\": true}")
pulumi.log.warn("first\\x1b[2J\\x1b]0;owned\\x07\\n{\\"forged\\": true}")
pulumi.export("key", "\\x1b[31mred\\n\\x9b2J")
"""


@fault(24, sampled=True)
def test_names_and_messages_forge_no_line_and_move_no_cursor(stack, row):  # noqa: F811  # a fixture
    stack.write("__main__.py", HOSTILE)

    shown = stack.ok("up", "--yes")
    events = stack.ok("up", "--yes", "--json", "--skip-preview").out.splitlines()
    # The value of an output is for other programs, too: it is shown as it is.
    resources = stack.ok("stack").out.partition("Current stack outputs")[0]

    for line in events:
        assert "forged" not in json.loads(line)
    for text in (shown.out + shown.err, resources):
        assert "\x1b" not in text
        assert "\x9b" not in text
        assert "\x07" not in text


GREAT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
sys.path.insert(0, {root!r})
from pathlib import Path
from bench.engine import HEADER, STACK, Factories
from reconciler import wiring
from reconciler.backend.addresses import open_backend
from reconciler.deploy.options import Kind, RunOptions

folder = Path(sys.argv[1])
(folder / "__main__.py").write_text(HEADER + "for i in range(int(%s)): Thing(f't{{i}}', size=i)\\n" % sys.argv[2])
backend = open_backend(f"file://{{folder}}", {{}})
backend.create_stack(STACK)
request = wiring.RunRequest(root=folder, entry=folder, stack=STACK, backend=backend, secrets=None, config={{}},
                            secret_keys=frozenset(), options=RunOptions(kind=Kind.UPDATE, parallel=1000))
summary = wiring.run(request, lambda event: None, Factories(0.01))
print(summary.result.value, len(backend.load(STACK).snapshot.resources))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@fault(25)
def test_ten_thousand_objects_and_a_thousand_calls_fit_into_little(tmp_path, row):
    done = subprocess.run(
        [sys.executable, "-c", GREAT.format(root=str(ROOT)), str(tmp_path), "10000"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    result, memory_kb = done.stdout.splitlines()
    assert result == "succeeded 10002"
    assert int(memory_kb) < 800_000
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 128, "the limit was the child's alone"
