"""Dynamic providers: programs of the kind that Pulumi's documentation shows, unchanged."""

from __future__ import annotations

import pytest

from reconciler import errors
from reconciler.deploy import events
from reconciler.deploy.options import Kind
from reconciler.model.values import Secret
from reconciler.providers.plugins.dynamic import Trust

FILES = """
import json, os
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, ResourceProvider
from pulumi.dynamic import UpdateResult

FOLDER = {folder!r}

class FileProvider(ResourceProvider):
    def check(self, olds, news):
        failures = [] if news.get("name") else [CheckFailure("name", "a file needs a name")]
        return CheckResult(news, failures)

    def diff(self, id, olds, news):
        replaces = ["name"] if olds["name"] != news["name"] else []
        changes = bool(replaces) or olds["content"] != news["content"]
        return DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def create(self, props):
        path = os.path.join(FOLDER, props["name"])
        with open(path, "w") as file:
            file.write(props["content"])
        return CreateResult(path, {{**props, "length": len(props["content"])}})

    def read(self, id, props):
        with open(id) as file:
            content = file.read()
        return ReadResult(id, {{**props, "content": content, "length": len(content)}})

    def update(self, id, olds, news):
        with open(id, "w") as file:
            file.write(news["content"])
        return UpdateResult({{**news, "length": len(news["content"])}})

    def delete(self, id, props):
        os.remove(id)

class File(Resource):
    content: pulumi.Output[str]
    length: pulumi.Output[int]

    def __init__(self, resource, name, content, opts=None):
        super().__init__(FileProvider(), resource, {{"name": name, "content": content, "length": None}}, opts)
"""


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def program(files, body, header=FILES):
    return header.format(folder=str(files)) + body


@pytest.mark.slow
def test_a_dynamic_resource_lives_and_dies(stack, files):
    one = program(files, 'f = File("f", "a.txt", "hello")\npulumi.export("length", f.length)\n')
    first = stack.up(one)
    again = stack.up(one)
    changed = stack.up(program(files, 'File("f", "a.txt", "hello, world")\n'))
    renamed = stack.up(program(files, 'File("f", "b.txt", "hello")\n'))
    contents = {path.name: path.read_text() for path in files.iterdir()}
    kept = stack.up(program(files, 'File("g", "c.txt", "other")\n'))

    assert first.errors == []
    assert first.ops == ["create f"]
    assert first.summary.outputs == {"length": 5}
    assert again.ops == ["same f"]
    assert changed.ops == ["update f"]
    assert renamed.ops == ["delete-replaced f", "replace f", "create-replacement f"]
    assert contents == {"b.txt": "hello"}
    assert kept.ops == ["create g", "delete f"]
    assert [path.name for path in files.iterdir()] == ["c.txt"]


@pytest.mark.slow
def test_code_from_the_state_alone_is_not_run_unless_the_project_opts_in(stack, files):
    stack.up(program(files, 'File("f", "a.txt", "hello")\n'))
    (files / "a.txt").write_text("drifted")

    for run in (stack.refresh, stack.destroy, lambda: stack.up("")):
        refused = run()
        assert "code that was pickled into the state" in refused.errors[0]
        assert refused.recorded("f").outputs["content"] == "hello"
        assert (files / "a.txt").exists()

    stack.trust_state()
    refreshed = stack.refresh()
    destroyed = stack.destroy()

    assert refreshed.recorded("f").outputs["content"] == "drifted"
    assert destroyed.errors == []
    assert list(files.iterdir()) == []


def test_the_refusal_says_how_to_opt_in():
    with pytest.raises(errors.PermanentError) as raised:
        Trust(trusts_state=False).admit("urn", "delete", {"__provider": Secret("code")})

    assert "--run-program" in raised.value.hint
    assert "trustPickledState: true" in raised.value.hint
    assert "FLOWFORGE_TRUST_PICKLED_STATE=1" in raised.value.hint


@pytest.mark.slow
def test_a_replacement_is_deleted_by_the_programs_own_code_when_that_changed_since(stack, files):
    stack.up(program(files, 'File("f", "a.txt", "hello")\n'))
    newer = FILES.replace("os.remove(id)", 'os.rename(id, id + ".bak")')

    replaced = stack.up(program(files, 'File("f", "b.txt", "hello")\n', newer))

    assert replaced.errors == []
    assert sorted(path.name for path in files.iterdir()) == ["a.txt.bak", "b.txt"]


@pytest.mark.slow
def test_checks_failures_secrets_and_configuration_reach_the_provider_and_back(stack, files):
    stack.config = {"proj:who": "me", "other:key": "x"}
    header = """
from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, CreateResult, Resource, ResourceProvider

class Greeter(ResourceProvider):
    def configure(self, request: ConfigureRequest):
        self.who = request.config.require("who")
        self.other = request.config.require("other:key")

    def check(self, olds, news):
        return CheckResult(news, [CheckFailure("word", "too rude")] if news["word"] == "rude" else [])

    def create(self, props):
        if props["word"] == "raise":
            raise ValueError("cannot greet")
        greeting = f"{{props['word']}} {{self.who}} {{self.other}}"
        return CreateResult("g", {{"greeting": greeting, "word": props["word"]}})

class Greeting(Resource, module="greetings", name="Greeting"):
    greeting: pulumi.Output[str]
    def __init__(self, name, word, opts=None):
        super().__init__(Greeter(), name, {{"word": word, "greeting": None}}, opts)
"""
    body = 'g = Greeting("g", pulumi.Output.secret("hello"))\npulumi.export("greeting", g.greeting)\n'

    made = stack.up(program(files, body, header))
    refused = stack.up(program(files, 'Greeting("g", "rude")\n', header))
    raised = stack.up(program(files, 'Greeting("h", "raise")\n', header))

    assert made.errors == []
    assert made.summary.outputs == {"greeting": "hello me x"}
    assert made.recorded("g").type == "pulumi-python:dynamic/greetings:Greeting"
    assert made.recorded("g").outputs["word"] == Secret("hello")
    assert isinstance(made.recorded("g").outputs["__provider"], Secret)
    assert refused.errors == ["The inputs are not valid: word: too rude"]
    assert "cannot greet" in raised.errors[0]
    assert raised.snapshot.pending == ()


def test_a_refresh_and_a_destroy_that_run_the_program_run_its_code(stack, files):
    declared = program(files, 'File("f", "a.txt", "hello")\n')
    stack.up(declared)
    (files / "a.txt").write_text("drifted")

    refreshed = stack.run(Kind.REFRESH, declared, runs_program=True)
    destroyed = stack.run(Kind.DESTROY, declared, runs_program=True)

    assert refreshed.errors == []
    assert refreshed.recorded("f").outputs["content"] == "drifted"
    assert destroyed.errors == []
    assert list(files.iterdir()) == []


TALKING = """
import sys
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Talking(ResourceProvider):
    def create(self, props):
        print("made it")
        print("with care", file=sys.stderr)
        return CreateResult("id", props)

class Speech(Resource):
    pass

Speech(Talking(), "talking", {})
"""


@pytest.mark.slow
def test_what_a_dynamic_provider_prints_is_shown(stack):
    ran = stack.up(TALKING)

    said = {event.message: event.severity for event in ran.events if isinstance(event, events.Diagnostic)}
    assert said == {"made it": events.Severity.INFO, "with care": events.Severity.STDERR}


@pytest.mark.slow
def test_a_dynamic_provider_that_exits_is_one_that_died(stack):
    program = """
        import sys
        from pulumi.dynamic import Resource, ResourceProvider

        class Exits(ResourceProvider):
            def create(self, props):
                sys.exit(3)

        class Leaver(Resource):
            def __init__(self, name):
                super().__init__(Exits(), name, {})

        Leaver("a")
    """

    ran = stack.up(program)

    (error,) = ran.errors
    assert "in the middle of Create, the plugin of 'pulumi-python' exited with 3; its last output:" in error
    assert "SystemExit: 3" in error
    assert ran.left == ["creating a"]
