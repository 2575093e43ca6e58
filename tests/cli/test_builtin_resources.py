"""Stack references and stashes: resources of the built-in package `pulumi`."""

from __future__ import annotations

import pytest

REFERRED = """
import pulumi
pulumi.export("plain", {"a": [1, 2]})
pulumi.export("hidden", pulumi.Output.secret("hunter2-of-dev"))
"""
REFERRING = """
import pulumi
other = pulumi.StackReference("organization/shop/dev")
pulumi.export("plain", other.get_output("plain"))
pulumi.export("hidden", other.require_output("hidden"))
pulumi.export("missing", other.get_output("missing"))
"""


@pytest.fixture
def prod(stack):
    """A stack `prod` whose program refers to the outputs of `dev`."""
    stack.write("__main__.py", REFERRED)
    stack.ok("up", "--yes", "--skip-preview")
    stack.ok("stack", "init", "prod")
    stack.write("__main__.py", REFERRING)
    return stack


def test_a_stack_reference_reads_the_outputs_of_another_stack(prod):
    prod.ok("up", "--yes")

    shown = prod.ok("stack", "output", "--json").data
    opened = prod.ok("stack", "output", "--json", "--show-secrets").data
    again = prod.ok("up", "--yes", "--skip-preview").out

    assert shown["plain"] == {"a": [1, 2]}
    assert shown["hidden"] == "[secret]"
    assert opened["hidden"] == "hunter2-of-dev"
    assert "No changes" in again
    assert not [path for path, content in prod.stored().items() if b"hunter2-of-dev" in content]


def test_a_reference_to_a_stack_that_does_not_exist_is_one_clear_error(prod):
    prod.write("__main__.py", 'import pulumi\npulumi.StackReference("organization/shop/nowhere")\n')

    done = prod("up", "--yes", "--skip-preview")

    assert done.code != 0
    assert "no stack named 'nowhere' found" in done.out + done.err


def test_a_reference_needs_the_other_stacks_passphrase(prod):
    prod.write("Pulumi.prod.yaml", "")
    prod.ok("stack", "rm", "prod", "--yes", "--force")
    prod.write("Pulumi.prod.yaml", "")
    prod.ok("stack", "init", "prod", PULUMI_CONFIG_PASSPHRASE="another")

    done = prod("up", "--yes", "--skip-preview", PULUMI_CONFIG_PASSPHRASE="another")

    assert done.code != 0
    assert "incorrect passphrase" in done.out + done.err


def test_a_stash_keeps_its_first_value_until_it_is_replaced(stack):
    program = "import pulumi\ns = pulumi.Stash('s', input='{}')\npulumi.export('kept', s.output)\n"
    stack.write("__main__.py", program.format("first"))
    stack.ok("up", "--yes", "--skip-preview")

    stack.write("__main__.py", program.format("second"))
    stack.ok("up", "--yes", "--skip-preview")
    kept = stack.ok("stack", "output", "kept").out.strip()
    stack.ok("up", "--yes", "--skip-preview", "--replace", "**::s")
    reset = stack.ok("stack", "output", "kept").out.strip()

    assert kept == "first"
    assert reset == "second"


def test_an_exported_resource_differs_in_no_preview_of_what_it_is(stack):
    stack.write("__main__.py", "import pulumi\npulumi.export('kept', {'in': pulumi.Stash('kept', input={'a': 1})})\n")

    first = stack.ok("preview").out
    stack.ok("up", "--yes", "--skip-preview")
    second = stack.ok("preview").out

    assert "+ urn   :" in first
    assert "@isPulumiResource" not in first + second
    _, _, outputs = second.partition("Outputs:")
    assert not any(line.lstrip().startswith(("+", "-", "~")) for line in outputs.splitlines())
