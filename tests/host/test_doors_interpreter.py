"""A program in another interpreter: which one, what it is given, what is heard of it, how it ends."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))
sys.path.insert(0, str(Path(__file__).parent))

from doorways import make_interpreter  # the folder is put on the path above
from stacks import Stack  # likewise

from reconciler import errors
from reconciler.deploy import events
from reconciler.host.doors import Door
from reconciler.host.virtualenvs import find_interpreter

PROGRAM_FAILED = "The program failed: the program "


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory):
    return make_interpreter(tmp_path_factory.mktemp("other") / "venv")


@pytest.fixture
def stack(tmp_path, interpreter):
    stack = Stack(tmp_path)
    stack.door = Door(runtime_options={"virtualenv": str(interpreter)})
    return stack


def project(folder: Path, *made: str) -> Path:
    """A project's folder with files and, for names ending in `venv`, virtual environments."""
    for name in made:
        path = folder / name
        path = path / "bin" / "python" if name.endswith("venv") else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (folder / "app").mkdir(exist_ok=True)
    return folder / "app"


@pytest.mark.parametrize(
    ("options", "made", "found"),
    [
        pytest.param({}, [".venv", "app/venv"], None, id="ours-when-nothing-is-named"),
        pytest.param({"toolchain": "pip"}, ["app/venv"], None, id="ours-for-pip-alone"),
        pytest.param({"virtualenv": "venv"}, ["app/venv"], "app/venv", id="named"),
        pytest.param({"virtualenv": "../venv"}, ["venv"], "venv", id="named-outside"),
        pytest.param({"toolchain": "pip", "virtualenv": "venv"}, ["app/venv"], "app/venv", id="pip-and-named"),
        pytest.param({"toolchain": "uv"}, ["app/.venv"], "app/.venv", id="uv-of-the-project"),
        pytest.param({"toolchain": "uv"}, ["app/.venv", ".venv", "uv.lock"], ".venv", id="uv-next-to-the-lock"),
        pytest.param({"toolchain": "uv"}, [".venv", "pyproject.toml"], ".venv", id="uv-next-to-the-project"),
        pytest.param(
            {"toolchain": "uv"}, [".venv", "uv.lock", "app/pyproject.toml"], ".venv", id="uv-lock-before-project"
        ),
        pytest.param({"toolchain": "UV", "virtualenv": "venv"}, ["app/venv", "uv.lock"], "app/venv", id="uv-and-named"),
    ],
)
def test_the_options_lead_to_an_interpreter(tmp_path, options, made, found):
    root = project(tmp_path, *made)

    python = find_interpreter(root, root, options)

    assert (python and python.resolve()) == (found and tmp_path / found / "bin" / "python")


def test_the_interpreter_that_runs_this_is_ours(tmp_path):
    assert find_interpreter(tmp_path, tmp_path, {"virtualenv": sys.prefix}) is None


def test_poetry_is_asked_in_the_folder_of_the_program(tmp_path, monkeypatch):
    root = project(tmp_path, "cache/venv")
    (root / "code").mkdir()
    poetry = tmp_path / "bin" / "poetry"
    poetry.parent.mkdir()
    # It answers as `poetry env info --path` does, but only there.
    poetry.write_text(f'#!/bin/sh\n[ "$PWD $*" = "{root}/code env info --path" ] && echo "{tmp_path}/cache/venv"\n')
    poetry.chmod(0o755)
    monkeypatch.setenv("PATH", f"{poetry.parent}:/usr/bin:/bin")

    assert find_interpreter(root, root / "code", {"toolchain": "poetry"}) == tmp_path / "cache/venv/bin/python"
    with pytest.raises(errors.ProjectError, match="poetry has no virtual environment"):
        find_interpreter(root, root, {"toolchain": "poetry"})


@pytest.mark.parametrize(
    ("options", "words", "hint"),
    [
        pytest.param({"virtualenv": "venv"}, "no virtual environment at venv", "python -m venv", id="virtualenv"),
        pytest.param({"toolchain": "uv"}, "no virtual environment at .venv", "uv sync", id="uv"),
        pytest.param({"toolchain": "poetry"}, "no `poetry` on the PATH", "install poetry", id="poetry"),
        pytest.param({"toolchain": "conda"}, "no toolchain 'conda'", "pip, uv or poetry", id="unknown"),
    ],
)
def test_what_is_not_there_is_said_with_what_makes_it(tmp_path, monkeypatch, options, words, hint):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(errors.ProjectError) as raised:
        find_interpreter(tmp_path, tmp_path, options)

    assert words in str(raised.value)
    assert hint in raised.value.hint


@pytest.mark.slow
def test_an_interpreter_without_the_sdk_is_told_how_to_get_it(stack, tmp_path):
    bare = make_interpreter(tmp_path / "bare", with_sdk=False)
    stack.door = Door(runtime_options={"virtualenv": str(bare)})

    ran = stack.up("")

    assert ran.summary.result == "failed"
    words, hint = ran.errors[0].splitlines()
    assert words == f"The program failed: {bare}/bin/python has no Pulumi SDK"
    assert hint.startswith(f"hint: {bare}/bin/python -m pip install pulumi")


@pytest.mark.slow
def test_what_the_program_prints_becomes_diagnostics_line_by_line(stack):
    ran = stack.up("""
        import sys
        print("first\\nsecond")
        print("to stderr", file=sys.stderr)
        print("without an end \\N{SNOWMAN}", end="")
    """)

    told = [event for event in ran.events if isinstance(event, events.Diagnostic)]
    assert [event.message for event in told if event.severity is events.Severity.INFO] == [
        "first",
        "second",
        "without an end \N{SNOWMAN}",
    ]
    assert [event.message for event in told if event.severity is events.Severity.STDERR] == ["to stderr"]


@pytest.mark.slow
def test_the_program_finds_its_own_environment(stack, interpreter):
    (stack.folder / "beside.py").write_text("HERE = 1\n")
    stack.config, stack.secret_keys = {"proj:key": "open-sesame"}, ("proj:key",)

    ran = stack.up("""
        import os, sys
        import beside
        pulumi.export("prefix", [sys.prefix, os.environ["VIRTUAL_ENV"], os.environ["PATH"].split(os.pathsep)[0]])
        pulumi.export("arguments", sys.argv)
        pulumi.export("where", [os.getcwd(), pulumi.get_root_directory(), __name__])
        with open("/proc/self/cmdline") as line:
            pulumi.export("told", pulumi.Config().require("key") in line.read())
    """)

    assert ran.summary.outputs == {
        "prefix": (str(interpreter), str(interpreter), f"{interpreter}/bin"),
        "arguments": (str(stack.folder),),
        "where": (str(stack.folder), str(stack.folder), "__main__"),
        # A command line is everybody's to read.
        "told": False,
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "words"),
    [
        pytest.param("import sys; sys.exit(3)", ["exited with code 3"], id="exit"),
        pytest.param("import os; os._exit(1)", ["exited with code 1"], id="exit-at-once"),
        pytest.param("import os; os.kill(os.getpid(), 9)", ["was killed by signal 9"], id="killed"),
    ],
)
def test_a_program_that_dies_fails_the_run(stack, program, words):
    ran = stack.up(program)

    assert ran.summary.result == "failed"
    assert [word for word in words if word in ran.errors[0]] == words


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "told"),
    [
        pytest.param("sys.exit('not today')", {("info#err", "not today"), ("error", "exited with code 1")}, id="text"),
        pytest.param("sys.exit(-1)", {("error", "exited with code 255")}, id="negative"),
        pytest.param("sys.exit(True)", {("error", "exited with code 1")}, id="true"),
        pytest.param("sys.exit()", set(), id="all-well"),
        pytest.param("raise KeyboardInterrupt", {("error", "exited with code 130")}, id="interrupt"),
    ],
)
def test_a_program_that_ends_itself_is_told_of_by_both_doors(stack, tmp_path, end, told):
    (tmp_path / "here").mkdir()
    program = f"import sys; pulumi.export('so', 'far'); {end}"

    ran, here = stack.up(program), Stack(tmp_path / "here").up(program)

    for one in (ran, here):
        said = [event for event in one.events if isinstance(event, events.Diagnostic)]
        assert {(event.severity.value, event.message.removeprefix(PROGRAM_FAILED)) for event in said} == told
        assert one.summary.result == ("failed" if told else "succeeded")
        assert one.summary.outputs == {"so": "far"}


@pytest.mark.slow
def test_a_step_of_a_program_that_died_is_carried_to_its_end(stack):
    stack.service.delay_s = 0.3

    ran = stack.up("""
        import os, threading
        Thing("a", size=1)
        threading.Timer(0.15, lambda: os._exit(5)).start()
        pulumi.Output.from_input(Thing("b", size=1).id)
    """)

    assert ran.summary.result == "failed"
    assert ran.snapshot.pending == ()
    assert len(stack.service.objects) == sum(op.startswith("create") for op in ran.ops) > 0


@pytest.mark.slow
def test_a_program_that_hangs_is_interrupted_when_the_run_is_stopped(stack):
    threading.Timer(1.0, stack.stop.set).start()

    ran = stack.up("""
        import time
        Thing("a", size=1)
        time.sleep(60)
    """)

    assert ran.summary.result == "canceled"
    assert ran.errors == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("checker", "program", "words"),
    [
        pytest.param("mypy", "size: int = 1", [], id="content"),
        pytest.param("mypy", "size: int = 'many'", ["Incompatible types", "mypy is not content"], id="not-content"),
        pytest.param("pyre", "", ["there is no type checker 'pyre'"], id="unknown"),
    ],
)
def test_types_are_checked_before_the_program_runs(stack, checker, program, words):
    stack.door = Door(runtime_options={"typechecker": checker})
    (stack.folder / "mypy.ini").write_text("[mypy]\nfollow_imports = skip\ncache_dir = /dev/null\n")

    ran = stack.up(f"{program}\npulumi.export('ran', 1)")

    assert (ran.summary.outputs == {"ran": 1}) is (not words)
    assert [word for word in words if any(word in message for message in ran.messages)] == words
