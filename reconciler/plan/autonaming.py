"""Which name does `pulumi:autonaming` propose for a resource that the program gives none? Pure.

Rules stand for everything, for a provider's package, for one type; the most
specific one that exists is the one that counts. Random parts derive from the
resource's seed alone, so that a plan and the run that carries it out agree.

Source: facts/engine-contract.md §4.14; pulumi/pulumi sdk/pkg/resource/autonaming/strategy.go,
pkg/resource/autonaming/config.go.
"""

from __future__ import annotations

import hashlib
import re
import string
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler import errors
from reconciler.contract.protocol import Autonaming, NamingMode
from reconciler.model import urns
from reconciler.model.values import Value

KEY: Final = "pulumi:autonaming"
"""The config key."""

_STACK_EXPRESSION: Final = re.compile(r"\$\{(organization|project|stack|config\.[^}]+)\}")
_RANDOM_EXPRESSION: Final = re.compile(r"\$\{(hex|alphanum|string|num)\((\d+)\)\}")
_UUID: Final = "${uuid}"
_ALPHABETS: Final = {
    "hex": "0123456789abcdef",
    "alphanum": string.ascii_lowercase + string.digits,
    "string": string.ascii_lowercase,
    "num": string.digits,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One strategy: a pattern, or a mode that needs none.

    Attributes:
        mode: None leaves names to the provider.
        pattern: parts that are the stack's are filled in already.
    """

    mode: NamingMode | None = None
    pattern: str = "${name}"

    @property
    def is_random(self) -> bool:
        """Do two objects of one resource get different names?"""
        return _RANDOM_EXPRESSION.search(self.pattern) is not None or _UUID in self.pattern


LEFT_TO_PROVIDER: Final = Rule()


@dataclass(frozen=True, slots=True)
class ProviderRules:
    """What one package's resources are called, and exceptions by type token."""

    rule: Rule
    resources: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamingRules:
    """All of a stack's rules."""

    rule: Rule = LEFT_TO_PROVIDER
    providers: Mapping[str, ProviderRules] = field(default_factory=dict)

    def of(self, urn: str, seed: bytes) -> Autonaming | None:
        """What a resource's provider is told; None leaves the name to the provider.

        >>> NamingRules(Rule(NamingMode.ENFORCE)).of("urn:pulumi:dev::shop::aws:s3/bucket:Bucket::raw", b"").name
        'raw'
        """
        rule, is_specific = self._rule(urns.type_token(urn))
        if rule.mode is None or not self.names(urn):
            return None
        name = "" if rule.mode is NamingMode.DISABLE else _name(rule.pattern, urns.name(urn), seed)
        return Autonaming(mode=rule.mode, name=name, must_be_known=is_specific or rule.mode is NamingMode.ENFORCE)

    def names(self, urn: str) -> bool:
        """Do the rules, not the provider alone, say what the resource is called?"""
        # A provider is no object of a service: it has no name there.
        token = urns.type_token(urn)
        return not urns.is_provider_type(token) and self._rule(token)[0].mode is not None

    def deletes_first(self, urn: str) -> bool:
        """Must an old object go before its replacement is made, since both would have one name?

        The official engine says so of provider resources, too: `pulumi` is their package.
        """
        rule, _ = self._rule(urns.type_token(urn))
        return rule.mode is not None and not rule.is_random

    def _rule(self, token: str) -> tuple[Rule, bool]:
        """The rule of a type, and whether it is of its package or of itself."""
        provider = self.providers.get("pulumi" if urns.is_provider_type(token) else urns.package(token))
        if provider is not None:
            return provider.resources.get(token, provider.rule), True
        return self.rule, False


def read_rules(
    config: Value, *, organization: str, project: str, stack: str, find_config: Callable[[str], str | None]
) -> NamingRules:
    """The rules of the config value `pulumi:autonaming`.

    Args:
        config: secrets opened; None for no rules.
        find_config: the text of a config key of the project, None for a key without value.

    Raises:
        ProjectError: the value has not the form of rules, or names a config key without value.
    """
    if config is None:
        return NamingRules()

    def fill(match: re.Match[str]) -> str:
        about = match[1]
        if not about.startswith("config."):
            return {"organization": organization, "project": project, "stack": stack}[about]
        key = about.removeprefix("config.")
        value = find_config(key)
        if value is None:
            raise _error(f"the pattern names the config value {key}, which is not set")
        return value

    root = _section(config, "", ("providers",))
    providers: dict[str, ProviderRules] = {}
    for package, section in _entries(root, "providers", ""):
        place = f"providers.{package}"
        own = _section(section, place, ("resources",))
        resources = {
            token: _read_rule(_section(rule, f"{place}.resources.{token}", ()), f"{place}.resources.{token}", fill)
            for token, rule in _entries(own, "resources", place)
        }
        providers[package] = ProviderRules(_read_rule(own, place, fill), resources)
    return NamingRules(_read_rule(root, "", fill), providers)


def _section(value: Value, place: str, others: tuple[str, ...]) -> Mapping[str, Value]:
    if not isinstance(value, Mapping):
        raise _error(f"{place or 'the value'} must be a map")
    unknown = sorted(set(value) - {"mode", "pattern", "enforce", *others})
    if unknown:
        raise _error(f"there is no setting {', '.join(unknown)}", place)
    return value


def _entries(section: Mapping[str, Value], name: str, place: str) -> Iterator[tuple[str, Value]]:
    entries = section.get(name) or {}
    if not isinstance(entries, Mapping):
        raise _error(f"{name} must be a map", place)
    return iter(entries.items())


def _read_rule(section: Mapping[str, Value], place: str, fill: Callable[[re.Match[str]], str]) -> Rule:
    mode, pattern, enforce = section.get("mode"), section.get("pattern"), section.get("enforce")
    if mode is not None and (pattern is not None or enforce is not None):
        raise _error("cannot specify both mode and pattern/enforce", place)
    if not isinstance(pattern, str | None) or not isinstance(enforce, bool | None):
        raise _error("pattern is a text and enforce is true or false", place)
    if pattern is not None:
        return Rule(NamingMode.ENFORCE if enforce else NamingMode.PROPOSE, _STACK_EXPRESSION.sub(fill, pattern))
    match mode:
        case None | "default":
            return LEFT_TO_PROVIDER
        case "verbatim":
            return Rule(NamingMode.ENFORCE)
        case "disabled":
            return Rule(NamingMode.DISABLE)
        case _:
            raise _error(f"invalid naming mode: {mode} (there are default, verbatim and disabled)", place)


def _name(pattern: str, logical: str, seed: bytes) -> str:
    # Expressions are found in the pattern, never in the logical name that goes in.
    taken = 0

    def draw(match: re.Match[str]) -> str:
        nonlocal taken
        taken += 1
        if match[0] == "${name}":
            return logical
        if match[0] == _UUID:
            return str(uuid.UUID(bytes=_drawn(seed, taken, 16), version=4))
        alphabet, length = _ALPHABETS[match[1]], int(match[2])
        # Eight bytes for each character: no character is noticeably likelier than another.
        drawn = _drawn(seed, taken, 8 * length)
        numbers = (int.from_bytes(drawn[8 * index : 8 * index + 8], "big") for index in range(length))
        return "".join(alphabet[number % len(alphabet)] for number in numbers)

    return re.sub(rf"{_RANDOM_EXPRESSION.pattern}|\$\{{name\}}|\$\{{uuid\}}", draw, pattern)


def _drawn(seed: bytes, number: int, size: int) -> bytes:
    return hashlib.shake_256(seed + number.to_bytes(4, "big")).digest(size)


def _error(detail: str, place: str = "") -> errors.ProjectError:
    key = f"{KEY}.{place}" if place else KEY
    return errors.ProjectError(detail, key=key, hint="`pulumi config` shows the value")
