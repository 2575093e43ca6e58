"""The code that `pulumi import` prints: a table of values, and what they read like in Python."""

from __future__ import annotations

import pytest

from reconciler.cli.imported_code import Imported, render_program
from reconciler.host.sdks import Names, ResourceClass, Shape
from reconciler.model.resources import Recorded
from reconciler.model.values import Asset, Secret, freeze_map
from reconciler.plan.imports import Import

TOKEN = "shop:lake/table:Table"
URN = f"urn:pulumi:dev::p::{TOKEN}::t"
NAMES = Names(
    classes={TOKEN: ResourceClass(module="lake", name="Table", type="t")},
    types={
        "t": {
            "columnList": ("columns_", Shape(items=Shape(type="c"))),
            "tags": ("tags", Shape(values=Shape())),
            "maxSize": ("max_size", None),
        },
        "c": {"dataType": ("data_type", None), "name": ("name", None)},
    },
)


def code(inputs, names=NAMES, is_secret=lambda _text: False, **asked):
    wanted = Import(urn=URN, type=TOKEN, name="t", id="1", label=asked.pop("label", "t"), **asked)
    recorded = Recorded(urn=URN, type=TOKEN, custom=True, inputs=freeze_map(inputs), protect=wanted.protect)
    return render_program([Imported(wanted, recorded)], names, is_secret)


def test_a_declaration_reads_as_a_person_would_write_it():
    text = code({"columnList": [{"name": "id", "dataType": "NUMBER"}], "tags": {"costCenter": "1"}, "maxSize": 5.0})

    assert text == (
        "import pulumi\n"
        "import pulumi_shop as shop\n"
        "\n"
        "t = shop.lake.Table(\n"
        '    "t",\n'
        '    columns_=[{"name": "id", "data_type": "NUMBER"}],\n'
        '    tags={"costCenter": "1"},\n'
        "    max_size=5,\n"
        "    opts=pulumi.ResourceOptions(protect=True),\n"
        ")\n"
    )


def test_a_secret_comes_from_the_config_and_never_stands_in_the_code():
    text = code({"password": Secret("hunter2"), "tags": {"a": "known"}}, is_secret=lambda text: text == "known")

    assert "hunter2" not in text
    assert '"known"' not in text
    assert '    password=config.require_secret("t-password"),\n' in text
    assert '"a": config.require_secret("t-tags-a")' in text
    assert "config = pulumi.Config()\n" in text
    assert "# pulumi config set --secret t-password\n" in text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param('a "b"\n{c}', r'"a \"b\"\n{c}"', id="text"),
        pytest.param("Zürich", '"Zürich"', id="not-ascii"),
        pytest.param(0.5, "0.5", id="fraction"),
        pytest.param(True, "True", id="truth"),
        pytest.param([], "[]", id="empty-list"),
        pytest.param({}, "{}", id="empty-map"),
        pytest.param(Asset(hash="h", text="x"), 'pulumi.StringAsset("x")', id="asset"),
        pytest.param(Secret(3), 'config.require_secret_int("t-value")', id="secret-number"),
        pytest.param(Secret({"a": 1}), 'config.require_secret_object("t-value")', id="secret-map"),
    ],
)
def test_each_value_has_its_text(value, written):
    text = code({"value": value}, protect=False)

    assert f"    value={written},\n" in text
    compile(text, "generated", "exec")


def test_long_values_are_broken_at_their_items():
    text = code({"tags": {f"name{number}": "x" * 30 for number in range(4)}})

    assert '    tags={\n        "name0": "xxx' in text
    compile(text, "generated", "exec")


def test_parents_and_providers_are_called_as_the_file_calls_them():
    text = code({}, parent="urn:p", parent_label="lake", provider="urn:x", provider_label="admin")

    assert "opts=pulumi.ResourceOptions(protect=True, parent=lake, provider=admin)" in text


@pytest.mark.parametrize("label", ["class", "shop", "config", "2nd raw-Table", "print", "pulumi"])
def test_a_variable_hides_nothing_and_is_a_name(label):
    text = code({}, label=label)

    variable = text.splitlines()[3].partition(" = ")[0]
    assert variable.isidentifier()
    assert variable not in ("class", "shop", "config", "print", "pulumi")
    compile(text, "generated", "exec")


def test_without_an_sdk_names_are_by_convention_and_the_code_says_so():
    text = code({"maxSize": 1}, names=Names())

    assert f"# no SDK for {TOKEN} is installed here" in text
    assert "t = shop.lake.Table(\n" in text
    assert "    max_size=1,\n" in text
