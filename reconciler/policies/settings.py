"""How strict is each policy, and with which settings? What a pack says of itself, under what the person says.

Pulumi's word for it is policy config. The file of `--policy-pack-config` is a JSON object: policy name -> level, or
-> object of `enforcementLevel` and settings; the name `all` is for the level of every policy.

Source: pulumi/pulumi, pkg/resource/analyzer/config.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.contract.policies import Level

ALL: Final = "all"
EXCEPTIONS: Final = "exceptions"
_LEVEL: Final = "enforcementLevel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is wanted of one policy; level None: as it was. `properties` are plain JSON."""

    level: Level | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A policy as its pack declares it: its level, and a JSON schema for each setting; `required` names settings."""

    name: str
    level: Level
    schema: Mapping[str, object] = field(default_factory=dict)
    required: tuple[str, ...] = ()


def read_settings(path: Path, pack: str) -> Mapping[str, Setting]:
    """The settings in a file.

    Raises:
        PolicyPackError: it cannot be read, or holds what no setting is.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data: object = json.loads(text) if text.strip() else {}
    except (OSError, ValueError) as error:
        raise errors.PolicyPackError(pack, f"its config {path.name} cannot be read: {_reason(error)}") from error
    if not isinstance(data, dict):
        raise errors.PolicyPackError(pack, f"its config {path.name} is not a JSON object")
    if isinstance(data.get(EXCEPTIONS), dict):
        raise errors.PolicyPackError(pack, f"its config {path.name} has exceptions, which are not in this version")
    return {name: _setting(value, name, path, pack) for name, value in data.items()}


def settle(
    policies: Sequence[Declared], initial: Mapping[str, Setting], given: Mapping[str, Setting], pack: str
) -> Mapping[str, Setting]:
    """Every policy's level and settings: its own, under the pack's initial ones, under those given.

    Raises:
        PolicyPackError: settings that a policy's schema refuses; each is named.
    """
    settled = {
        policy.name: Setting(level=policy.level, properties=dict(_defaults(policy.schema))) for policy in policies
    }
    for layer in (initial, given):
        settled = _laid_over(settled, layer)
    problems = [problem for policy in policies for problem in _problems(policy, settled[policy.name], pack)]
    if problems:
        raise errors.PolicyPackError(pack, "its config is not valid:" + "".join(f"\n  {line}" for line in problems))
    return settled


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or "") if isinstance(error, OSError) else str(error)


def _setting(value: object, name: str, path: Path, pack: str) -> Setting:
    fields = {_LEVEL: value} if isinstance(value, str) else value
    if not isinstance(fields, dict):
        raise errors.PolicyPackError(
            pack, f"its config {path.name}: {name}: {value!r} is neither a level nor an object"
        )
    level = fields.get(_LEVEL)
    try:
        known = None if level is None else Level(level)
    except ValueError:
        levels = ", ".join(Level)
        raise errors.PolicyPackError(
            pack,
            f"its config {path.name}: {name}: {level!r} is not a valid enforcement level",
            hint=f"there are: {levels}",
        ) from None
    return Setting(level=known, properties={key: item for key, item in fields.items() if key != _LEVEL})


def _defaults(schema: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, rule in schema.items():
        if isinstance(rule, Mapping) and "default" in rule:
            yield name, rule["default"]


def _laid_over(settled: Mapping[str, Setting], layer: Mapping[str, Setting]) -> dict[str, Setting]:
    of_all = layer[ALL].level if ALL in layer else None
    result = {
        name: Setting(level=of_all or setting.level, properties=setting.properties) for name, setting in settled.items()
    }
    for name, setting in layer.items():
        if name in result:
            level, properties = setting.level or result[name].level, {**result[name].properties, **setting.properties}
            result[name] = Setting(level=level, properties=properties)
    return result


def _problems(policy: Declared, setting: Setting, pack: str) -> Iterator[str]:
    if not (policy.schema or policy.required):
        return
    try:
        # A library of its own extra: only packs that declare settings need it.
        from jsonschema import Draft202012Validator, SchemaError
    except ImportError as error:
        raise errors.PolicyPackError(
            pack, f"to check its config, {error.name} is needed", hint="pip install 'reconciler[policies]'"
        ) from error
    schema = {"type": "object", "properties": dict(policy.schema), "required": list(policy.required)}
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield f"{policy.name}: its config schema is wrong: {error.message}"
        return
    for found in Draft202012Validator(schema).iter_errors(dict(setting.properties)):
        place = ".".join(str(step) for step in found.absolute_path)
        yield f"{policy.name}: {f'{place}: ' if place else ''}{found.message}"
