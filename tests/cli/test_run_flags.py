"""Flags of runs that say how a run is held to its preview and its config."""

from __future__ import annotations

import pytest

# A program that asks for something else each time it runs.
FICKLE = """\
import pathlib

import pulumi


class Lake(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Lake", name, {})


seen = pathlib.Path("seen")
Lake("second" if seen.exists() else "first")
seen.touch()
"""


def test_strict_holds_the_update_to_its_preview(stack):
    stack.write("__main__.py", FICKLE)

    held = stack("up", "--yes", "--strict")
    assert held.code != 0
    assert "does not stay within the saved plan" in held.out
    assert stack.ok("stack", "export").out.count("shop:index:Lake") == 0

    assert "shop:index:Lake second created" in stack.ok("up", "--yes", "--strict").out


@pytest.mark.parametrize("other", ["--skip-preview", "--plan=p.json"])
def test_strict_needs_a_preview_of_its_own(stack, other):
    done = stack("up", "--yes", "--strict", other)

    assert done.code == 2
    assert "--strict and --" in done.err


def test_show_config_lists_the_config_first_and_masks_secrets(stack):
    stack.ok("config", "set", "size", "XL")
    stack.ok("config", "set", "--secret", "token", "hunter2")
    stack.ok("config", "set", "aws:region", "eu-west-1")

    shown = stack.ok("preview", "--show-config").out

    assert shown.startswith(
        "Configuration:\n    aws:region: eu-west-1\n    size: XL\n    token: [secret]\n\nPreviewing update (dev):\n"
    )
    assert "hunter2" not in shown
    assert "    token: hunter2\n" in stack.ok("preview", "--show-config", "--show-secrets").out
    assert "Configuration:" not in stack.ok("preview", "--show-config", "--json").out


def test_what_the_project_declares_of_the_config_may_be_left_unchecked(stack):
    stack.write("Pulumi.yaml", "name: shop\nruntime: python\nconfig:\n  count:\n    type: integer\n")

    assert stack("preview").code != 0
    assert stack.ok("preview", "--skip-config-validation", "--skip-plugin-pre-install").code == 0
