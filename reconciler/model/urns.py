"""URNs, type tokens and provider references: parse and build."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "urn:pulumi:"
STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"
UNKNOWN_ID: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def build(stack: str, project: str, parent: str, token: str, name: str) -> str:
    """Build a URN; the parent's qualified type is put before the token unless it is the root stack.

    >>> build("dev", "p", "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "a:b:C", "x")
    'urn:pulumi:dev::p::a:b:C::x'
    """
    outer = qualified_type(parent) if parent else ""
    qualified = f"{outer}${token}" if outer and outer != STACK_TYPE else token
    return f"{PREFIX}{stack}::{project}::{qualified}::{name}"


def is_urn(text: str) -> bool:
    """Does it have the prefix and at least three separators?"""
    return text.startswith(PREFIX) and text.count("::") >= 3


def qualified_type(urn: str) -> str:
    """Ancestors' types and the own one, joined by `$`."""
    return urn.split("::", 3)[2]


def type_token(urn: str) -> str:
    """The resource's own type token."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name(urn: str) -> str:
    """The logical name, which may contain `::` itself."""
    return urn.split("::", 3)[3]


def stack(urn: str) -> str:
    """The stack's name."""
    return urn[len(PREFIX) :].split("::", 1)[0]


def project(urn: str) -> str:
    """The project's name."""
    return urn.split("::", 3)[1]


def package(token: str) -> str:
    """The package of a type token; for a provider's own type, the package that it provides.

    >>> package("aws:s3/bucket:Bucket"), package("pulumi:providers:aws")
    ('aws', 'aws')
    """
    return token[len(PROVIDER_PREFIX) :] if is_provider_type(token) else token.split(":", 1)[0]


def is_provider_type(token: str) -> bool:
    """Is it the type of a provider resource?"""
    return token.startswith(PROVIDER_PREFIX)


def short_type(token: str) -> str:
    """The type as people see it: `aws:s3/bucket:Bucket` is `aws:s3:Bucket`."""
    parts = token.split(":")
    if len(parts) != 3 or "/" not in parts[1]:
        return token
    module, last = parts[1].rsplit("/", 1)
    return f"{parts[0]}:{module}:{parts[2]}" if last == parts[2][:1].lower() + parts[2][1:] else token


@dataclass(frozen=True, slots=True)
class ProviderReference:
    """`<provider urn>::<id>`; an empty id is one not known yet."""

    urn: str
    id: str

    def __str__(self) -> str:
        return f"{self.urn}::{self.id or UNKNOWN_ID}"


def parse_reference(text: str) -> ProviderReference:
    """Split a provider reference at its last `::`."""
    urn, _, id = text.rpartition("::")
    return ProviderReference(urn, "" if id == UNKNOWN_ID else id)


def import_command(token: str, urn: str, id: str) -> str:
    r"""The command that takes an object into the stack as the resource of a URN, for a person to copy.

    >>> import_command("a:b:C", "urn:pulumi:dev::p::a:b:C::raw", '"DB"."S"')
    'pulumi import a:b:C raw \'"DB"."S"\''
    """
    named = name(urn) if is_urn(urn) else "NAME"
    return shlex.join(("pulumi", "import", token, named, id))
