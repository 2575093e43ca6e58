"""The program runs as Pulumi's own language host runs it, and leaves the process as it was."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))

from service import ServiceProvider
from stacks import Factories, Stack  # the folder is put on the path above

from reconciler.deploy import events
from reconciler.host import shim


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path)


def test_a_program_sees_its_configuration_and_where_it_runs(stack):
    stack.config |= {"proj:size": "3", "other:name": "x"}

    ran = stack.up("""
        import os, sys
        pulumi.export("size", pulumi.Config().require_int("size"))
        pulumi.export("other", pulumi.Config("other").require("name"))
        pulumi.export("where", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
        pulumi.export("root", pulumi.get_root_directory() == os.getcwd())
        pulumi.export("preview", pulumi.runtime.is_dry_run())
    """)

    assert ran.summary.outputs == {
        "size": 3,
        "other": "x",
        "where": ("proj", "dev", "organization"),
        "root": True,
        "preview": False,
    }


def test_modules_of_the_program_are_imported_anew_by_each_run(stack):
    (stack.folder / "declares.py").write_text("import pulumi\npulumi.export('a', 1)\n")

    first = stack.up("import declares")
    second = stack.up("import declares")

    assert first.summary.outputs == second.summary.outputs == {"a": 1}
    assert "declares" not in sys.modules


SHARED = {
    "company/__init__.py": "",
    "company/network.py": "import pulumi\nclass Thing(pulumi.CustomResource):\n"
    "    def __init__(self, name):\n        super().__init__('test:index:Thing', name, {'size': 1})\n",
    "company/declares.py": "from company.network import Thing\na = Thing('a')\n",
    "company/plain.py": "seen = []\n",
}


def test_modules_beside_the_program_that_work_with_pulumi_are_imported_anew_too(stack, tmp_path_factory, monkeypatch):
    shared = tmp_path_factory.mktemp("shared")
    monkeypatch.syspath_prepend(shared)
    for name, text in SHARED.items():
        (shared / name).parent.mkdir(parents=True, exist_ok=True)
        (shared / name).write_text(text)
    program = "from company import declares, plain\nplain.seen.append(1)\npulumi.export('a', declares.a.urn)"

    previewed = stack.preview(program)
    made = stack.up(program)
    again = stack.up(program)

    assert previewed.ops == made.ops == ["create a"]
    assert again.ops == ["same a"]
    assert sys.modules.pop("company.plain").seen == [1, 1, 1]  # what knows nothing of Pulumi stays


LOCAL_SDK = """
import pulumi
from pulumi.runtime import rpc
from semver import VersionInfo

class Module(rpc.ResourceModule):
    def version(self):
        return VersionInfo.parse("1.0.0")

    def construct(self, name, typ, urn):
        return pulumi.ComponentResource(typ, name, None, pulumi.ResourceOptions(urn=urn))

rpc.register_resource_module("own", "index", Module())
"""


def test_an_sdk_in_the_projects_folder_registers_its_types_in_each_run(stack):
    (stack.folder / "pulumi_own.py").write_text(LOCAL_SDK)

    first = stack.up("import pulumi_own")
    second = stack.up("import pulumi_own")

    assert first.errors == second.errors == []


SETS_UP = """
import logging, os
log = logging.getLogger("of.a.program")
log.addHandler(logging.StreamHandler())
log.warning("told once")
pulumi.export("handlers", len(log.handlers))
pulumi.export("marked", "MARK_OF_A_PROGRAM" in os.environ)
os.environ["MARK_OF_A_PROGRAM"] = "1"
"""


def test_log_handlers_and_variables_of_a_run_are_gone_in_the_next(stack):
    first = stack.up(SETS_UP)
    second = stack.up(SETS_UP)

    assert first.summary.outputs == second.summary.outputs == {"handlers": 1, "marked": False}
    assert second.messages.count("told once") == 1


def test_the_process_is_as_it_was_afterwards(stack):
    before = (list(sys.path), sys.argv, Path.cwd(), sys.stdout)

    stack.up("import sys, os\nsys.path.append('x')\nos.chdir('/')")

    assert (list(sys.path), sys.argv, Path.cwd(), sys.stdout) == before


def test_a_traceback_shows_the_frames_of_the_program_only(stack):
    ran = stack.up("def inner():\n    raise KeyError('k')\ninner()")

    assert "failed with an unhandled exception" in ran.errors[0]
    assert "__main__.py" in ran.errors[0]
    assert "KeyError: 'k'" in ran.errors[0]
    assert "site-packages" not in ran.errors[0]
    assert "program.py" not in ran.errors[0]


def test_what_an_error_comes_from_is_told_with_it(stack):
    ran = stack.up("""
        def inner():
            try:
                {}["k"]
            except KeyError as error:
                raise ValueError("no setting") from error
        try:
            inner()
        except ValueError as error:
            raise ExceptionGroup("both", [error, TypeError("the other")])
    """)

    told = [line.strip() for line in ran.errors[0].splitlines()]
    assert {"KeyError: 'k'", "ValueError: no setting", "TypeError: the other"} < set(told)
    assert told[-1] == "ExceptionGroup: both (2 sub-exceptions)"


def test_a_traceback_shows_the_frames_of_modules_beside_the_program(stack, tmp_path_factory, monkeypatch):
    shared = tmp_path_factory.mktemp("shared")
    (shared / "beside.py").write_text("def inner():\n    raise KeyError('k')\n")
    monkeypatch.syspath_prepend(shared)

    ran = stack.up("import beside\nbeside.inner()")

    assert f"File \"{shared / 'beside.py'}\", line 2, in inner\n    raise KeyError('k')\n" in ran.errors[0]
    assert 'File "__main__.py"' in ran.errors[0]


def test_the_engines_own_frames_are_left_out_though_it_lies_in_the_project():
    with pytest.raises(FileNotFoundError) as raised:
        shim.execute(Path(__file__).parent / "nowhere.py")

    described = shim.describe(raised.value, Path(shim.__file__).parents[2])

    assert "test_program.py" in described
    assert "shim.py" not in described


def test_a_traceback_shows_the_lines_of_the_program_as_it_is_now(stack):
    first = stack.up("a = 1\nraise KeyError('k')  # of the first run")
    second = stack.up("a = 2\nraise KeyError('k')  # of the second one")

    assert "of the first run" in first.errors[0]
    assert "of the second one" in second.errors[0]


def test_the_program_is_the_main_module(stack):
    ran = stack.up("""
        import sys
        pulumi.export("is_main", vars(sys.modules["__main__"]) is globals())
        pulumi.export("names", [__name__, __package__, sys.argv[0] == __file__])
    """)

    assert ran.summary.outputs == {"is_main": True, "names": ("__main__", "", True)}


def test_what_waits_for_the_engine_takes_no_thread_and_what_the_program_runs_aside_does(stack):
    stack.service.delay_s = 0.05
    ran = stack.up("""
        import asyncio, threading
        def its_threads():
            return sum(thread.name.startswith(threading.current_thread().name) for thread in threading.enumerate())
        made = [Thing(f"a{number}", size=number) for number in range(30)]
        async def aside():
            ident = await asyncio.get_running_loop().run_in_executor(None, threading.get_ident)
            return ident != threading.get_ident()
        started = made[0].id.apply(lambda _: its_threads() - 1)
        pulumi.export("started", started)
        pulumi.export("aside", started.apply(lambda _: pulumi.Output.from_input(aside())))
    """)

    assert ran.errors == []
    assert ran.summary.outputs == {"started": 0, "aside": True}


def test_whatever_prints_for_the_program_is_told_in_its_name(stack):
    ran = stack.up("""
        import os, subprocess, sys, threading
        from concurrent.futures import ThreadPoolExecutor
        print("itself")
        subprocess.run(["echo", "a child"])
        os.write(2, b"raw\\n")
        sys.stdout.buffer.write("bytes \u00fc\\n".encode())
        sys.stdout.reconfigure(line_buffering=True)
        with ThreadPoolExecutor() as pool:
            pool.submit(print, "a thread").result()
        print("\\n".join(map(str, range(50_000))))
        print("no end", end="")
    """)

    assert ran.errors == []
    told = {(event.severity.value, event.message) for event in ran.events if isinstance(event, events.Diagnostic)}
    expected = ["itself", "a child", "bytes \u00fc", "a thread", "0", "49999", "no end"]
    assert {("info", text) for text in expected} | {("info#err", "raw")} <= told


def test_a_log_line_has_its_stream_and_says_whether_it_is_for_keeps(stack):
    ran = stack.up("""
        pulumi.log.info("one part", stream_id=3)
        pulumi.log.warn("for now", ephemeral=True)
    """)

    assert [event for event in ran.events if isinstance(event, events.Diagnostic)] == [
        events.Diagnostic("one part", stream=3),
        events.Diagnostic("for now", events.Severity.WARNING, ephemeral=True),
    ]


def test_an_error_in_an_apply_fails_the_run(stack):
    ran = stack.up("""
        a = Thing("a", size=1)
        pulumi.export("x", pulumi.Output.from_input(a.id).apply(lambda _: 1 / 0))
    """)

    assert ran.summary.result == "failed"
    assert "ZeroDivisionError" in ran.errors[0]


def test_an_apply_may_declare_resources(stack):
    ran = stack.up("""
        a = Thing("a", size=1)
        pulumi.Output.from_input(a.id).apply(lambda id: Thing("b", source=id))
    """)

    assert ran.ops == ["create a", "create b"]


@pytest.mark.slow
def test_a_stopped_run_ends_though_the_program_hangs(stack):
    stack.service.delay_s = 0.05
    threading.Timer(0.5, stack.stop.set).start()

    ran = stack.up("""
        import pathlib, time
        end = pathlib.Path("end").absolute()
        Thing("a")
        while not end.exists():
            time.sleep(0.05)
    """)

    assert ran.summary.result == "canceled"
    # Left to itself it would go on into the next tests.
    (stack.folder / "end").touch()
    for thread in threading.enumerate():
        if thread.name == "pulumi-program":
            thread.join()


def test_the_process_collects_as_before_when_the_run_is_over(stack):
    before = gc.get_threshold()

    stack.up("Thing('a')")

    assert gc.get_threshold() == before


def test_a_failed_output_ends_the_program_though_another_one_never_settles(stack):
    ran = stack.up("""
        import asyncio
        pulumi.Output.from_input(asyncio.get_running_loop().create_future())
        pulumi.Output.from_input(Thing("a").id).apply(lambda _: 1 / 0)
    """)

    assert ran.summary.result == "failed"
    assert "ZeroDivisionError" in ran.errors[0]


def test_outputs_that_come_of_outputs_are_waited_for(stack):
    ran = stack.up("""
        import asyncio
        async def later(id):
            for _ in range(20):
                await asyncio.sleep(0)
            return pulumi.Output.from_input(id).apply(lambda id: Thing("b", source=id).id)
        pulumi.Output.from_input(Thing("a").id).apply(later).apply(lambda id: Thing("c", source=id))
    """)

    assert ran.ops == ["create a", "create b", "create c"]


def test_nothing_begins_once_a_failed_program_is_gone(stack):
    class Slow(ServiceProvider):
        async def configure(self, request):
            await super().configure(request)
            for thread in threading.enumerate():
                if thread.name == "pulumi-program":
                    await asyncio.to_thread(thread.join)

    class SlowFactories(Factories):
        def create(self, origin):
            return Slow(self.service)

    stack.factories = lambda _emit: SlowFactories(stack.service)
    stack.service.delay_s = 0.05

    ran = stack.up("""
        def refuse(args):
            raise ValueError("no")
        for number in range(5):
            Thing(f"a{number}")
        pulumi.ComponentResource("test:index:Group", "g", opts=Options(transforms=[refuse]))
    """)

    assert len(ran.errors) == 1
    assert not [
        line
        for line in stack.service.course
        if line.startswith("begin") and "end" + line[5:] not in stack.service.course
    ]
    assert {resource.id for resource in ran.snapshot.resources if resource.custom} >= set(stack.service.objects)
