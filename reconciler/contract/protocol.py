"""What every provider promises the engine, and the requests and responses of it.

Property maps in requests are frozen (`model.values`): tuples and mappings,
keys in camelCase. They may hold secrets; they hold unknowns only in previews.
Maps in responses may be ordinary lists and dicts: the engine freezes them.

A provider lives on the engine's event loop. Blocking SDKs enter a thread in
the provider's `session.py`. Errors are those of `errors.ProviderError`'s tree;
the engine fills in `urn` and `op`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from reconciler.model.values import EMPTY, PropertyMap


class DiffKind(StrEnum):
    """How one property path changes, as engine events spell it."""

    ADD = "add"
    ADD_REPLACE = "add-replace"
    DELETE = "delete"
    DELETE_REPLACE = "delete-replace"
    UPDATE = "update"
    UPDATE_REPLACE = "update-replace"

    @property
    def replaces(self) -> bool:
        """Does this change need a new object?"""
        return self.value.endswith("-replace")

    def replacing(self) -> DiffKind:
        """The same change, needing a new object."""
        return self if self.replaces else DiffKind(f"{self.value}-replace")


class Changes(StrEnum):
    """A provider's verdict. `UNKNOWN` lets the engine compare old and new inputs."""

    UNKNOWN = "unknown"
    NONE = "none"
    SOME = "some"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyDiff:
    """One changed path. `input_diff`: old inputs were compared, not old outputs."""

    kind: DiffKind
    input_diff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What an update would change.

    Attributes:
        replaces: top-level names whose change needs a new object.
        stables: top-level outputs that this change cannot alter.
        delete_before_replace: if the object is replaced, now or because somebody asks for it, must the old one
            go first?
        detailed: changed paths (`tags.owner`, `rules[0]`), or None when not told.
    """

    changes: Changes = Changes.UNKNOWN
    replaces: tuple[str, ...] = ()
    stables: tuple[str, ...] = ()
    delete_before_replace: bool = False
    detailed: Mapping[str, PropertyDiff] | None = None


NO_DIFF = Diff(changes=Changes.NONE, detailed={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What makes one package of a plugin that can serve many. `name` and `version` are that package's."""

    name: str
    version: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a provider instance is made from.

    Attributes:
        plugin: its package, or the plugin that a parameter makes another package of.
        renamed: variables of the environment that it sees under another name: (new, old).
    """

    plugin: str
    version: str = ""
    parameter: Parameter | None = None
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def package(self) -> str:
        """The package that it serves."""
        return self.parameter.name if self.parameter is not None else self.plugin


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureRequest:
    """The provider resource's checked inputs (stack config of its namespace, as strings).

    Attributes:
        id: of the provider resource; "" while it is not known, in a preview.
    """

    urn: str
    inputs: PropertyMap
    id: str = ""


class NamingMode(StrEnum):
    """How binding the name of `pulumi:autonaming` is."""

    PROPOSE = "propose"
    ENFORCE = "enforce"
    DISABLE = "disable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Autonaming:
    """What the stack's configuration says of the name of an object that the program does not name.

    Attributes:
        name: proposed (the provider may fit it to its service) or enforced; "" where no name may be generated.
        must_be_known: a provider that cannot be told so must be told of.
    """

    mode: NamingMode
    name: str = ""
    must_be_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """`olds` are the recorded inputs, None for a new object.

    `seed` is 32 random bytes, the same in a plan and the run that carries it
    out: derive generated names from it and from nothing else. `autonaming` is
    the stack's word on that name, None for the provider's own way. `dependencies`
    says of inputs which resources they come from.
    """

    urn: str
    token: str
    name: str
    news: PropertyMap
    olds: PropertyMap | None = None
    seed: bytes = b""
    preview: bool = False
    autonaming: Autonaming | None = None
    dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """A refused property (its path, or "" for the whole) and the reason."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResponse:
    """The inputs to record: as given, plus generated names and program-side defaults.

    `warnings` are for the person.
    """

    inputs: PropertyMap
    failures: Sequence[CheckFailure] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRequest:
    """`outputs` are what state recorded last, of a refresh too: live values."""

    urn: str
    token: str
    id: str
    old_inputs: PropertyMap
    outputs: PropertyMap
    news: PropertyMap
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A part of an object, as its provider shows it: a resource below the object's own."""

    type: str
    name: str
    inputs: PropertyMap = field(default_factory=lambda: EMPTY)
    outputs: PropertyMap = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewStep:
    """What a provider did to a view.

    Attributes:
        op: as events spell it. error: why it failed, "" when it did not.
        keys: why it was replaced.
    """

    op: str
    old: View | None = None
    new: View | None = None
    error: str = ""
    keys: tuple[str, ...] = ()
    detailed: Mapping[str, PropertyDiff] | None = None


@dataclass(slots=True)
class Views:
    """Of one call: the views that are recorded of its object, and the steps that the provider publishes.

    `hear` is told of each step as it comes, before anything is recorded of it.
    """

    olds: tuple[View, ...] = ()
    steps: list[ViewStep] = field(default_factory=list)
    hear: Callable[[ViewStep], None] = lambda _step: None

    def publish(self, step: ViewStep) -> None:
        """The provider works on a view."""
        self.steps.append(step)
        self.hear(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """`operation_id` is unique to this create and was written down before the call:

    hand it to the service as idempotency token, caller reference or tag, so that
    `find` can tell later whether an interrupted call happened.
    """

    urn: str
    token: str
    inputs: PropertyMap
    operation_id: str = ""
    timeout_s: float = 0.0
    preview: bool = False
    views: Views | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateResponse:
    """The provider's id ("" only in previews) and the outputs, which echo the inputs.

    `refresh_before_update`: what is recorded of the object is out of date by the next run, which reads it first.
    """

    id: str
    outputs: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    refresh_before_update: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRequest:
    """Look for the object of a create whose outcome is not known."""

    urn: str
    token: str
    inputs: PropertyMap
    operation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """`inputs` and `outputs` are the recorded ones, empty for an import."""

    urn: str
    token: str
    id: str
    inputs: PropertyMap = field(default_factory=lambda: EMPTY)
    outputs: PropertyMap = field(default_factory=lambda: EMPTY)
    timeout_s: float = 0.0
    views: Views | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResponse:
    """The live object: the inputs that would make it as it is, and its outputs.

    For a refresh `inputs` has the recorded keys, recorded spelling where the
    live value means the same, the live value where it drifted.
    """

    id: str
    inputs: Mapping[str, object]
    outputs: Mapping[str, object]
    refresh_before_update: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRequest:
    """Take an object from `old_inputs`/`outputs` to `news`. Must be safe to run again."""

    urn: str
    token: str
    id: str
    old_inputs: PropertyMap
    outputs: PropertyMap
    news: PropertyMap
    ignore_changes: tuple[str, ...] = ()
    timeout_s: float = 0.0
    preview: bool = False
    views: Views | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateResponse:
    """The new outputs; `id` when the update changed it (rename), else ""."""

    outputs: Mapping[str, object]
    id: str = ""
    refresh_before_update: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRequest:
    """Deleting what is gone already succeeds."""

    urn: str
    token: str
    id: str
    inputs: PropertyMap
    outputs: PropertyMap
    timeout_s: float = 0.0
    views: Views | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeRequest:
    """Call a function (data source) of the provider.

    Attributes:
        dependencies: argument -> URNs of what it comes from, where the program told.
    """

    token: str
    args: PropertyMap
    preview: bool = False
    dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeResponse:
    """The function's result, or the arguments that it refused.

    Attributes:
        dependencies: property of the result -> URNs of what it comes from; None where the provider does not
            tell, and each may come from everything that the arguments come from.
    """

    result: Mapping[str, object]
    failures: Sequence[CheckFailure] = ()
    dependencies: Mapping[str, Sequence[str]] | None = None


class Provider(Protocol):
    """One configured provider instance."""

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Validate the provider's own settings."""

    async def diff_config(self, request: DiffRequest) -> Diff:
        """Say whether changed settings mean another account: then `replaces` is not empty."""

    async def configure(self, request: ConfigureRequest) -> None:
        """Take the settings. Connect lazily: a preview that needs no call makes none.

        Raises:
            ConfigureError: a setting is missing or wrong.
        """

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Validate inputs and add generated names. Makes no call."""

    async def diff(self, request: DiffRequest) -> Diff:
        """Compare. Makes no call."""

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Make the object; in previews make no call and leave out or mark what is not known.

        Raises:
            PartialError: the object exists but is not right.
            AmbiguousError: it is not known whether the object was made.
        """

    async def find(self, request: FindRequest) -> ReadResponse | None:
        """Find the object that an interrupted create may have made, or None: then it is made again."""

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        """Read the live object, or None when it is gone."""

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """Change the object in place; in previews make no call."""

    async def delete(self, request: DeleteRequest) -> None:
        """Delete the object."""

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Call a function."""

    async def close(self) -> None:
        """Let go of connections."""
