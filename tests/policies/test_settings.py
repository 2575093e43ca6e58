"""How strict each policy is, and with which settings: what the pack says, under what the person says."""

from __future__ import annotations

import pytest

from reconciler import errors
from reconciler.contract.policies import Level
from reconciler.policies.settings import Declared, Setting, read_settings, settle

SIZE = Declared(
    name="size",
    level=Level.MANDATORY,
    schema={"limit": {"type": "integer", "minimum": 1, "default": 10.0}, "words": {"type": "array"}},
)
NAMES = Declared(name="names", level=Level.REMEDIATE)
WHERE = Declared(name="where", level=Level.ADVISORY, schema={"zone": {"type": "string"}}, required=("zone",))


def read(tmp_path, text):
    (tmp_path / "levels.json").write_text(text)
    return read_settings(tmp_path / "levels.json", "rules")


def test_a_file_names_levels_and_settings(tmp_path):
    assert read(
        tmp_path, '{"size": "advisory", "where": {"enforcementLevel": "disabled", "zone": "a"}, "x": {"n": 1}}'
    ) == {
        "size": Setting(level=Level.ADVISORY),
        "where": Setting(level=Level.DISABLED, properties={"zone": "a"}),
        "x": Setting(properties={"n": 1}),
    }
    assert read(tmp_path, " \n") == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "levels.json cannot be read"),
        ("[]", "levels.json is not a JSON object"),
        ('{"size": 3}', "size: 3 is neither a level nor an object"),
        ('{"size": "strict"}', "size: 'strict' is not a valid enforcement level"),
        ('{"size": {"enforcementLevel": 1}}', "size: 1 is not a valid enforcement level"),
        ('{"exceptions": {"a": {"reason": "b"}}}', "exceptions, which are not in this version"),
    ],
)
def test_a_file_that_is_no_config_is_refused(tmp_path, text, problem):
    with pytest.raises(errors.PolicyPackError) as refused:
        read(tmp_path, text)

    assert problem in refused.value.detail


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(errors.PolicyPackError, match=r"its config none\.json cannot be read: No such file"):
        read_settings(tmp_path / "none.json", "rules")


@pytest.mark.parametrize(
    ("initial", "given", "expected"),
    [
        ({}, {}, {"size": (Level.MANDATORY, {"limit": 10}), "names": (Level.REMEDIATE, {})}),
        (
            {"size": Setting(level=Level.ADVISORY, properties={"limit": 20})},
            {"size": Setting(properties={"limit": 30})},
            {"size": (Level.ADVISORY, {"limit": 30}), "names": (Level.REMEDIATE, {})},
        ),
        (
            {},
            {"all": Setting(level=Level.DISABLED), "size": Setting(level=Level.MANDATORY)},
            {"size": (Level.MANDATORY, {"limit": 10}), "names": (Level.DISABLED, {})},
        ),
        (
            {"all": Setting(level=Level.ADVISORY)},
            {"size": Setting(properties={"words": ["a"]}), "unknown": Setting(level=Level.ADVISORY)},
            {"size": (Level.ADVISORY, {"limit": 10, "words": ["a"]}), "names": (Level.ADVISORY, {})},
        ),
    ],
)
def test_what_the_person_says_lies_over_what_the_pack_says(initial, given, expected):
    settled = settle((SIZE, NAMES), initial, given, "rules")

    assert {name: (setting.level, dict(setting.properties)) for name, setting in settled.items()} == expected


def test_settings_that_a_schema_refuses_are_all_named():
    given = {"size": Setting(properties={"limit": 0, "words": "a"})}

    with pytest.raises(errors.PolicyPackError) as refused:
        settle((SIZE, NAMES, WHERE), {}, given, "rules")

    assert "size: limit: 0 is less than the minimum of 1" in refused.value.detail
    assert "size: words: 'a' is not of type 'array'" in refused.value.detail
    assert "where: 'zone' is a required property" in refused.value.detail


def test_a_schema_that_is_none_is_the_packs_fault():
    wrong = Declared(name="size", level=Level.ADVISORY, schema={"limit": {"type": "number of things"}})

    with pytest.raises(errors.PolicyPackError, match="size: its config schema is wrong"):
        settle((wrong,), {}, {"size": Setting(properties={"limit": 1})}, "rules")
