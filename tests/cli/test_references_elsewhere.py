"""A stack reference to a stack that another backend keeps: `<backend url>#<stack>`."""

from __future__ import annotations

import pytest

REFERRED = 'import pulumi\npulumi.export("size", "L")\npulumi.export("key", pulumi.Output.secret("hunter2-of-dev"))\n'
REFERRING = """\
import pulumi

other = pulumi.StackReference("network", stack_name=pulumi.Config().require("network"))
pulumi.export("size", other.require_output("size"))
pulumi.export("key", other.get_output("key"))
"""


@pytest.mark.slow
def test_a_reference_may_name_the_backend(stack, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    stack.write("__main__.py", REFERRED)
    stack.ok("stack", "init", "prod", PULUMI_BACKEND_URL=f"file://{other}")
    stack.ok("up", "--yes", "--skip-preview", "-s", "prod", PULUMI_BACKEND_URL=f"file://{other}")
    stack.write("__main__.py", REFERRING)
    stack.ok("config", "set", "network", f"file://{other}#organization/shop/prod", "--stack", "dev")

    stack.ok("up", "--yes", "--stack", "dev")
    again = stack.ok("up", "--yes", "--skip-preview", "--stack", "dev").out
    told = stack.ok("stack", "output", "--json", "--show-secrets", "--stack", "dev").data
    stack.ok("config", "set", "network", f"file://{other}#nowhere", "--stack", "dev")
    missing = stack("preview", "--stack", "dev")
    stack.ok("config", "set", "network", "nocloud://x#nowhere", "--stack", "dev")
    unknown = stack("preview", "--stack", "dev")

    assert told == {"size": "L", "key": "hunter2-of-dev"}
    assert "No changes" in again
    assert not [path for path, content in stack.stored().items() if b"hunter2-of-dev" in content]
    assert "no stack named 'nowhere' found" in missing.out + missing.err
    assert "nocloud" in unknown.out + unknown.err
    assert 0 not in (missing.code, unknown.code)
