"""Files read with limits, and written whole."""

from pathlib import Path

import pytest

from reconciler import errors
from reconciler.project.documents import Document, parse_document, plain, read_document, write_text

YAML = Path("Pulumi.yaml")
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        pytest.param("a: [1\nb: 2\n", "line 2", id="bracket-left-open"),
        pytest.param("a: 1\n\tb: 2\n", "line 2", id="tab"),
        pytest.param("a: 1\na: 2\n", "line 2, column 1", id="duplicate-key"),
        pytest.param("- a\n", "expected a mapping", id="list"),
        pytest.param("text", "expected a mapping", id="scalar"),
        pytest.param("a: 1\n---\nb: 2\n", "line 2", id="two-documents"),
        pytest.param(BOMB, "aliases stand for more than", id="alias-bomb"),
        pytest.param("a: &a [*a]\n", "aliases stand for more than", id="contains-itself"),
        pytest.param("a: *b\n", "line 1", id="alias-of-nothing"),
        pytest.param("a: " + "[" * 600 + "]" * 600, "nested too deeply", id="nested-without-end"),
        pytest.param("a: \x00", "", id="control-character"),
        pytest.param("a: 2026-13-45\n", "month", id="no-such-day"),
    ],
)
def test_malformed_yaml_names_file_and_place(text, detail):
    with pytest.raises(errors.ProjectError) as caught:
        parse_document(YAML, text)

    assert caught.value.file == "Pulumi.yaml"
    assert detail in caught.value.detail


@pytest.mark.parametrize("text", ['{"a": 1,}', "{", "[]"])
def test_malformed_json_names_file_and_place(text):
    with pytest.raises(errors.ProjectError) as caught:
        parse_document(Path("Pulumi.json"), text)

    assert caught.value.file == "Pulumi.json"


def test_files_that_are_missing_huge_or_not_text_are_refused(tmp_path):
    huge, binary = tmp_path / "huge.yaml", tmp_path / "binary.yaml"
    huge.write_bytes(b"#" * 1_000_001)
    binary.write_bytes(b"a: \xff")

    for path, detail in ((tmp_path / "none.yaml", "No such file"), (huge, "larger than"), (binary, "byte 3")):
        with pytest.raises(errors.ProjectError) as caught:
            read_document(path)
        assert detail in caught.value.detail
        assert caught.value.file == str(path)


@pytest.mark.parametrize("text", ["", "\n", "{}", "~"])
def test_an_empty_file_holds_an_empty_mapping(text):
    assert dict(parse_document(YAML, text).data) == {}


@pytest.mark.parametrize(
    "text",
    [
        "# top\na: 1 # one\n\n# between\nb:\n  - x\n  # inner\n  - 'y'\n",
        "a:\n- x\n- b: 1.10\n  c: 0x1F\n",
        'a: "quoted"\nlong: ' + "word " * 60 + "word\n",
        "text: |\n  two\n  lines\nafter: >-\n  folded\n  text\n",
        "# only a comment\n",
        "base: &base\n  a: 1\nother:\n  <<: *base\n  b: yes\n",
    ],
)
def test_what_is_not_changed_is_written_as_it_was(text):
    assert parse_document(YAML, text).render() == text


def test_json_files_stay_json():
    document = parse_document(Path("Pulumi.json"), '{"b": [1, "é"], "a": null}')

    assert document.render() == '{\n    "b": [\n        1,\n        "é"\n    ],\n    "a": null\n}\n'
    assert dict(parse_document(Path("Pulumi.json"), " ").data) == {}


def test_plain_data_has_no_trace_of_yaml():
    data = plain(parse_document(YAML, "a: 1.10\nb: 0x1F\nc: 2026-01-02\nd: [yes, true, ~, 'q']\n1: one\n").data)

    assert data == {"a": 1.1, "b": 31, "c": "2026-01-02", "d": ["yes", True, None, "q"], "1": "one"}
    assert [type(value) for value in data.values()] == [float, int, str, list, str]


def test_writing_follows_links_and_keeps_permissions(tmp_path):
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_text("a: 1\n")
    real.chmod(0o640)
    link.symlink_to(real)
    document = read_document(link)

    document.data["b"] = 2
    document.write()

    assert link.is_symlink()
    assert real.read_text() == "a: 1\nb: 2\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(tmp_path.iterdir()) == [link, real]


def test_new_files_can_be_private(tmp_path):
    write_text(tmp_path / "a" / "secret", "x", private=True)
    write_text(tmp_path / "a" / "open", "x")

    assert (tmp_path / "a" / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a" / "open").stat().st_mode & 0o777 == 0o644


def test_a_write_that_is_refused_names_the_file_and_leaves_no_other(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "x").write_text("")

    with pytest.raises(errors.ProjectError) as caught:
        Document(folder, {"a": 1}).write()

    assert caught.value.file == str(folder)
    assert list(tmp_path.iterdir()) == [folder]
