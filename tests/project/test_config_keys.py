"""Config keys and paths."""

import pytest

from reconciler import errors
from reconciler.project.config_keys import parse_key, parse_key_path, short_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("size", "shop:size"),
        ("shop:size", "shop:size"),
        ("aws:region", "aws:region"),
        ("aws:config:region", "aws:region"),
    ],
)
def test_keys_are_written_in_full(text, key):
    assert parse_key(text, "shop") == key


@pytest.mark.parametrize("text", ["", ":", "a:", ":a", "a:b:c", "a:b:c:d"])
def test_other_keys_are_refused(text):
    with pytest.raises(errors.UsageError):
        parse_key(text, "shop")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size", ("shop:size", ())),
        ("tags[0].name", ("shop:tags", (0, "name"))),
        ("aws:tags.owner", ("aws:tags", ("owner",))),
        ('tags["a:b"].c', ("shop:tags", ("a:b", "c"))),
        ("aws:tags.a:b", ("aws:tags", ("a:b",))),
        ('["a.b"].c', ("shop:a.b", ("c",))),
        ('aws:["a.b"]', ("aws:a.b", ())),
    ],
)
def test_paths_begin_with_a_key(text, expected):
    assert parse_key_path(text, "shop") == expected


@pytest.mark.parametrize("text", ["", "[0]", "a.", "a[", "a[*]", "a.*", "a:b:c:d.e"])
def test_other_paths_are_refused(text):
    with pytest.raises(errors.UsageError):
        parse_key_path(text, "shop")


def test_people_say_their_own_keys_without_the_project():
    assert short_key("shop:size", "shop") == "size"
    assert short_key("aws:size", "shop") == "aws:size"
