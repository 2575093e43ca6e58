"""Pulumi.<stack>.yaml: edits leave the rest as it was."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import errors
from reconciler.project.documents import parse_document
from reconciler.project.stack_files import Secure, StackFile, has_secure, read_stack_file

FILE = """\
# top
encryptionsalt: v1:abc= # keep
config:
  # where
  aws:region: us-east-1 # here
  shop:password:
    secure: v1:old
  # about tags
  shop:tags:
    - a
    # inner
    - name: b
      size: 1.10
    - c
  # last
  shop:config:size: '5'
# about other
other: 1
"""


def stack_file(text=FILE, name="Pulumi.dev.yaml"):
    return StackFile(parse_document(Path(name), text), "shop")


def test_a_file_is_read():
    file = stack_file()

    assert file.encryption_salt == "v1:abc="
    assert (file.secrets_provider, file.encrypted_key, file.has_environment) == ("", "", False)
    assert file.entries() == {
        "aws:region": "us-east-1",
        "shop:password": {"secure": "v1:old"},
        "shop:size": "5",
        "shop:tags": ["a", {"name": "b", "size": 1.1}, "c"],
    }
    assert file.get("size") == "5"
    assert file.get("tags[1].name", path=True) == "b"
    assert file.get("tags[7].name", path=True) is None
    assert file.get("nothing") is None
    assert has_secure(file.entries()["shop:password"])
    assert not has_secure(file.entries()["shop:tags"])


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        pytest.param(
            lambda file: file.set("password", Secure("v1:new")), "secure: v1:old", "secure: v1:new", id="secret-again"
        ),
        pytest.param(
            lambda file: file.set("password", "open"),
            "shop:password:\n    secure: v1:old\n",
            "shop:password: open\n",
            id="secret-becomes-plain",
        ),
        pytest.param(
            lambda file: file.set("size", Secure("v1:x")),
            "shop:config:size: '5'\n",
            "shop:config:size:\n    secure: v1:x\n",
            id="plain-becomes-secret",
        ),
        pytest.param(
            lambda file: file.set("tags", ["x"]),
            "    - a\n    # inner\n    - name: b\n      size: 1.10\n    - c\n",
            "    - x\n",
            id="list-again",
        ),
        pytest.param(
            lambda file: file.set("tags[1].name", "z", path=True), "name: b\n", "name: z\n", id="inside-a-list"
        ),
        pytest.param(lambda file: file.set("tags[3]", "d", path=True), "    - c\n", "    - c\n    - d\n", id="append"),
        pytest.param(
            lambda file: file.set("tags[3]", {"x": ["v"], "z": "w"}, path=True),
            "    - c\n",
            "    - c\n    - x:\n        - v\n      z: w\n",
            id="append-an-object",
        ),
        pytest.param(
            lambda file: file.set("tags[1]", {"x": 1}, path=True),
            "    - name: b\n      size: 1.10\n",
            "    - x: 1\n",
            id="object-again",
        ),
        pytest.param(
            lambda file: file.set("more", "x"),
            "'5'\n# about other\n",
            "'5'\n  shop:more: x\n# about other\n",
            id="new-key",
        ),
        pytest.param(
            lambda file: file.set("tags[1].kind", "x", path=True),
            "      size: 1.10\n",
            "      size: 1.10\n      kind: x\n",
            id="new-key-inside-a-list",
        ),
        pytest.param(lambda file: file.remove("tags[2]", path=True), "    - c\n", "", id="remove-an-item"),
        pytest.param(
            lambda file: file.remove("tags[1].size", path=True), "      size: 1.10\n", "", id="remove-inside-a-list"
        ),
        pytest.param(
            lambda file: file.remove("tags[1]", path=True),
            "    - name: b\n      size: 1.10\n",
            "",
            id="remove-an-object-from-a-list",
        ),
        pytest.param(
            lambda file: file.remove("password"), "  shop:password:\n    secure: v1:old\n", "", id="remove-a-secret"
        ),
        pytest.param(
            lambda file: file.remove("aws:region"), "  aws:region: us-east-1 # here\n", "", id="remove-the-first"
        ),
        pytest.param(lambda file: file.remove("size"), "  shop:config:size: '5'\n", "", id="remove-the-last"),
        pytest.param(lambda file: file.set_encryption_salt("v1:new"), "v1:abc= #", "v1:new  #", id="salt"),
        pytest.param(
            lambda file: file.set_encryption_salt(""), "encryptionsalt: v1:abc= # keep\n", "", id="salt-removed"
        ),
    ],
)
def test_an_edit_changes_its_lines_and_no_others(change, before, after):
    file = stack_file()

    change(file)

    assert FILE.count(before) == 1
    assert file.render() == FILE.replace(before, after)


def test_removing_what_is_not_there_changes_nothing():
    file = stack_file()

    assert not file.remove("nothing")
    assert not file.remove("tags[9]", path=True)
    assert file.render() == FILE


def test_a_key_without_value_can_be_removed():
    file = stack_file("config:\n  shop:a:\n  shop:b: 1\n")

    assert file.remove("a")
    assert file.render() == "config:\n  shop:b: 1\n"


def test_the_last_value_leaves_an_empty_config_which_can_be_filled_again():
    file = stack_file("# top\nconfig:\n  shop:a: b\n# end\n")

    file.remove("a")
    assert file.render() == "# top\nconfig: {}\n# end\n"
    file.set("c", "d")

    assert file.render().splitlines()[1:3] == ["config:", "  shop:c: d"]
    assert file.entries() == {"shop:c": "d"}


def test_flow_style_files_can_be_edited_too():
    file = stack_file('config: {"shop:a": {x: 1, y: 2}, "shop:b": [1, 2]}\n')

    file.set("a", "text")
    file.remove("b[0]", path=True)

    assert file.entries() == {"shop:a": "text", "shop:b": [2]}
    assert file.remove("a")
    assert file.entries() == {"shop:b": [2]}


def test_entries_with_anchors_can_be_edited_too():
    file = stack_file("config:\n  shop:a: &a {x: 1}\n  shop:b: *a\n  shop:c: 1\n")

    assert file.remove("b")
    file.set("a", {"y": "z"})

    assert file.entries() == {"shop:a": {"y": "z"}, "shop:c": 1}


def test_block_texts_are_cut_out_whole():
    file = stack_file("config:\n  shop:a: |\n    one\n    two\n  # about b\n  shop:b: 1\n")

    file.remove("a")

    assert file.render() == "config:\n  # about b\n  shop:b: 1\n"


def test_the_first_key_of_an_item_can_be_removed():
    file = stack_file("config:\n  shop:l:\n    - a: 1\n      b: 2\n")

    file.remove("l[0].a", path=True)

    assert file.entries() == {"shop:l": [{"b": 2}]}


def test_json_files_can_be_edited():
    file = stack_file('{"config": {"shop:a": {"x": 1}, "shop:b": ["c", "d"]}}', "Pulumi.dev.json")

    file.set("a", "text")
    file.set("n.m[0]", "true", path=True)
    file.remove("b[0]", path=True)
    file.set_encryption_salt("v1:s")

    again = stack_file(file.render(), "Pulumi.dev.json")
    assert again.entries() == {"shop:a": "text", "shop:b": ["d"], "shop:n": {"m": [True]}}
    assert again.encryption_salt == "v1:s"


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("false", False), ("7", 7), ("-7", -7), ("0", 0), ("007", "007"), ("1.5", "1.5"), ("yes", "yes")],
)
def test_inside_a_value_flags_and_whole_numbers_become_what_they_look_like(text, value):
    file = stack_file("")

    file.set("a.b", text, path=True)
    file.set("c", text, path=True)

    assert file.get("a.b", path=True) == value
    assert type(file.get("a.b", path=True)) is type(value)
    assert file.get("c") == text, "a whole value stays text"


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "yes",
        "true",
        "null",
        "",
        "1_000",
        "0o10",
        "2026-01-02",
        "a: b",
        "a #b",
        "- a",
        "&a",
        "12:30:00",
        "N",
        "~",
        "us-east-1",
        "v1:AAECAwQFBgc=:v1:+/=",
        "1e3",
        ".5",
        "https://host/?a=1&b=2",
        " padded ",
        "two\nlines",
        "é",
        "=",
        "<<",
        "!t",
        "%",
        "`",
        "@a",
        "{}",
        "[a]",
        "a:",
        "'",
        '"',
        "\\",
    ],
)
def test_every_reader_takes_a_set_text_for_that_text(text):
    file = stack_file("")

    file.set("a", text)

    assert yaml.safe_load(file.render()) == {"config": {"shop:a": text}}, "a YAML 1.1 reader, such as the SDK's"
    assert stack_file(file.render()).get("a") == text


@pytest.mark.slow
@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_every_reader_takes_any_text_for_that_text(text):
    file = stack_file("")

    file.set("a", text)

    assert yaml.safe_load(file.render()) == {"config": {"shop:a": text}}
    assert stack_file(file.render()).get("a") == text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("password.x", "1", id="through-a-secret"),
        pytest.param("size.x", "1", id="through-a-text"),
        pytest.param("tags[5]", "1", id="past-the-end"),
        pytest.param("tags.x", "1", id="key-of-a-list"),
        pytest.param("new.secure", "1", id="reserved-key"),
        pytest.param("new[1]", "1", id="past-the-end-of-a-new-list"),
        pytest.param("object[0]", "1", id="index-of-an-object"),
    ],
)
def test_paths_that_lead_nowhere_are_refused(key, value):
    file = stack_file(FILE.replace("config:\n", "config:\n  shop:object: {a: b}\n", 1))

    with pytest.raises(errors.UsageError):
        file.set(key, value, path=True)


def test_a_mapping_of_several_keys_may_have_one_called_secure():
    file = stack_file("config:\n  shop:a: {x: 1, y: 2}\n")

    file.set("a.secure", "plain", path=True)

    assert not has_secure(file.entries()["shop:a"])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("config: 5\n", "config"),
        ("config:\n  a: 1\n  shop:a: 2\n", "config.shop:a"),
        ("config:\n  a:b:c: 1\n", "config.a:b:c"),
    ],
)
def test_a_wrong_file_names_its_key(text, key):
    with pytest.raises(errors.ProjectError) as caught:
        stack_file(text).entries()

    assert caught.value.key == key


def test_a_salt_of_another_type_is_refused():
    with pytest.raises(errors.ProjectError):
        _ = stack_file("encryptionsalt: 5\n").encryption_salt


def test_a_new_salt_stands_at_the_top_below_the_comment():
    file = stack_file("# lead\nconfig:\n  shop:a: 1\n")

    file.set_encryption_salt("v1:s:p")

    assert file.render() == "# lead\nencryptionsalt: v1:s:p\nconfig:\n  shop:a: 1\n"


def test_removing_a_salt_that_is_not_there_changes_nothing():
    file = stack_file("config: {}\n")

    file.set_encryption_salt("")

    assert file.render() == "config: {}\n"


def test_a_new_file_is_written(tmp_path):
    path = tmp_path / "stacks" / "Pulumi.dev.yaml"
    file = read_stack_file(path, "shop")
    assert file.entries() == {}

    file.set("a", "b")
    file.write()

    assert file.path == path
    assert path.read_text() == "config:\n  shop:a: b\n"
    assert read_stack_file(path, "shop").entries() == {"shop:a": "b"}


def test_a_file_of_comments_keeps_them():
    file = stack_file("# one\n# two\n")

    file.set("a", "b")

    assert file.render() == "# one\n# two\nconfig:\n  shop:a: b\n"
