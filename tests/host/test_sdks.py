"""What the installed SDKs call things, asked here and in another interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.host.sdks import Release, ResourceClass, Shape, find_names, find_releases

POOL = "prefect:index/workPool:WorkPool"


def test_classes_and_arguments_are_what_the_sdk_says():
    names = find_names(None, [POOL, "prefect:index/nothing:Nothing", "nowhere:index:Thing"])

    assert names.classes == {
        POOL: ResourceClass(module="", name="WorkPool", type="pulumi_prefect.work_pool.WorkPoolArgs")
    }
    arguments = names.types["pulumi_prefect.work_pool.WorkPoolArgs"]
    assert arguments["concurrencyLimit"] == ("concurrency_limit", None)


def test_releases_are_those_of_installed_sdks():
    assert find_releases(None, ["prefect", "nowhere"]) == {"prefect": Release("0.1.0", "")}


@pytest.mark.slow
def test_nested_names_lists_and_maps_have_their_shapes():
    names = find_names(None, ["aws:s3/bucket:Bucket"])

    bucket = names.types[names.classes["aws:s3/bucket:Bucket"].type]
    rules, tags = bucket["corsRules"][1], bucket["tags"][1]
    assert (names.classes["aws:s3/bucket:Bucket"].module, tags) == ("s3", Shape(values=Shape()))
    assert names.types[rules.items.type]["maxAgeSeconds"] == ("max_age_seconds", None)


@pytest.mark.slow
def test_another_interpreter_says_the_same():
    python = Path(sys.executable)

    assert find_names(python, [POOL]) == find_names(None, [POOL])
    assert find_releases(python, ["prefect"]) == find_releases(None, ["prefect"])


def test_an_interpreter_that_cannot_be_asked_is_named(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    python.chmod(0o755)

    with pytest.raises(errors.ProgramError, match="cannot say what its SDKs call things: broken"):
        find_names(python, [POOL])
