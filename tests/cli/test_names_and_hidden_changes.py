"""`pulumi:autonaming` and `hide_diffs`, from the config and the program to the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

BARE = Path(__file__).parents[1] / "plugins" / "bare"
BUCKET = """\
import pulumi

pulumi.CustomResource("aws:s3/bucket:Bucket", "Raw", {{"tags": {tags}}})
"""
HIDING = """\
import pulumi

options = pulumi.ResourceOptions(hide_diffs=["size", "tags.secretly"])
pulumi.CustomResource("test:index:Thing", "a", {props}, options)
"""


def test_a_bucket_is_previewed_under_the_configured_name(stack):
    stack.write("__main__.py", BUCKET.format(tags="{}"))
    stack.ok("config", "set", "aws:region", "eu-central-1")
    stack.ok("config", "set", "team", "blue")
    stack.ok("config", "set", "--path", "pulumi:autonaming.pattern", "${stack}-${config.team}-${name}-${hex(4)}")

    proposed = stack.ok("preview", "--diff").out
    stack.ok("config", "set", "--path", "pulumi:autonaming.providers.aws.mode", "disabled")
    disabled = stack("preview")
    stack.ok("config", "set", "--path", "pulumi:autonaming.providers.aws.mode", "loud")
    wrong = stack("preview")

    assert 'bucket: "dev-blue-raw-' in proposed
    assert "automatic naming is disabled but no explicit name was provided" in disabled.out
    assert disabled.code != 0
    assert "pulumi:autonaming.providers.aws: invalid naming mode: loud" in wrong.err


@pytest.mark.slow
def test_hidden_changes_are_told_and_not_shown(stack, monkeypatch):
    monkeypatch.setenv("TEST_SERVICE", str(stack.home / "service.json"))
    path = f"name: shop\nruntime: python\nplugins:\n  providers:\n    - {{name: test, path: {BARE}}}\n"
    stack.write("Pulumi.yaml", path)
    stack.write("__main__.py", HIDING.format(props='{"size": 1, "tags": {"secretly": "x", "openly": "x"}}'))
    stack.ok("up", "--yes", "--skip-preview")
    stack.write("__main__.py", HIDING.format(props='{"size": 2, "tags": {"secretly": "y", "openly": "y"}}'))

    shown = stack.ok("preview", "--diff").out

    assert "~ size: (hidden)" in shown
    assert "~ secretly: (hidden)" in shown
    assert '~ openly  : "x" => "y"' in shown
