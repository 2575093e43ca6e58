"""One case: the snapshot that stands, the program, the operation, what fails, when the process dies. Values only.

A case says names, never URNs, and is built from small parts so that a failing one can be shrunk and printed.
In the manner of Pulumi's own fuzzer (pulumi/pulumi, pkg/engine/lifecycletest/fuzzing: `SnapshotSpec`,
`ProgramSpec`, `PlanSpec`, `ProviderSpec`).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

PROJECT, STACK = "proj", "dev"
COMPONENTS = ("Group", "Team")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One resource as a program declares it; other resources are named by their names.

    Attributes:
        type: Thing, Unique, Group or Team (components), Provider.
        read_id: not "": somebody else's object, read into the stack. `read_after`: its id comes from this one's output.
        source, zone_of: whose `echo` is its source (or account); whose `serial` is its zone, so that it falls with it.
        unique: the name in the service, of a Unique. `account`: the settings of a Provider without a source.
        aliases: URNs.
        in_apply: it is declared in an `apply` of what it needs, so not at all where some of that failed.
    """

    name: str
    type: str = "Thing"
    read_id: str = ""
    read_after: str = ""
    import_id: str = ""
    parent: str = ""
    provider: str = ""
    size: int = 0
    zone: str = "x"
    source: str = ""
    zone_of: str = ""
    unique: str = ""
    account: str = ""
    secret: str = ""
    depends_on: tuple[str, ...] = ()
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    protect: bool = False
    retain: bool = False
    delete_first: bool | None = None
    ignores: tuple[str, ...] = ()
    replaces_on: tuple[str, ...] = ()
    secret_outputs: tuple[str, ...] = ()
    trigger: int | None = None
    aliases: tuple[str, ...] = ()
    in_apply: bool = False

    @property
    def is_component(self) -> bool:
        """Has it no object?"""
        return self.type in COMPONENTS

    @property
    def has_object(self) -> bool:
        """Is it an object of the service, the stack's own or somebody else's?"""
        return self.type in ("Thing", "Unique")

    @property
    def token(self) -> str:
        """Its type token."""
        return "pulumi:providers:test" if self.type == "Provider" else f"test:index:{self.type}"

    @property
    def needs(self) -> frozenset[str]:
        """The names that must stand before it."""
        named = (self.parent, self.provider, self.source, self.zone_of, self.deleted_with, self.read_after)
        return frozenset(filter(None, (*named, *self.depends_on, *self.replace_with)))

    def without(self, gone: frozenset[str]) -> Declared:
        """The same, naming nothing of these."""

        def kept(name: str) -> str:
            return "" if name in gone else name

        return dataclasses.replace(
            self,
            parent=kept(self.parent),
            provider=kept(self.provider),
            source=kept(self.source),
            zone_of=kept(self.zone_of),
            read_after=kept(self.read_after),
            deleted_with=kept(self.deleted_with),
            depends_on=tuple(filter(kept, self.depends_on)),
            replace_with=tuple(filter(kept, self.replace_with)),
        )


@dataclass(frozen=True, kw_only=True)
class Record:
    """One resource as the snapshot has it.

    Attributes:
        waits: replaced, and waiting for its deletion (`delete` of the state file).
        gone_for_now: deleted for a replacement that was not created yet (`pendingReplacement`).
        init_errors: it was made, and did not come up.
        drift: what somebody did to its object since: "" nothing, "changed", "gone".
        under_way: "" or what an earlier run began and did not finish: "creating", "updating", "deleting". Of one
            under creation there is no record yet.
        happened: did the service do what was under way?
    """

    declared: Declared
    waits: bool = False
    gone_for_now: bool = False
    taint: bool = False
    init_errors: bool = False
    drift: str = ""
    under_way: str = ""
    happened: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The operation and its options; resources by name."""

    kind: str = "update"
    preview: bool = False
    refresh: bool = False
    continue_on_error: bool = False
    runs_program: bool = False
    planned: bool = False
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    with_dependents: bool = False
    replace: tuple[str, ...] = ()
    parallel: int = 16


@dataclass(frozen=True)
class Fault:
    """What a provider does wrong, for one resource.

    Attributes:
        verb: check, diff, create, read, update, delete, find, configure.
        how: "refused" (nothing happened), "bug" (an error that no provider should raise, nothing happened),
            "lost" (it happened and the answer was lost), "partial" (it happened, with init errors).
    """

    verb: str
    name: str
    how: str = "refused"


@dataclass(frozen=True, kw_only=True, repr=False)
class Case:
    """Everything that one run of the fuzzer needs.

    Attributes:
        cut: how many journal entries are written before the process dies; None for a life to the end.
        torn: of the entry after those, how many bytes reach the disk.
        stopped: how many journal entries are written before the person says stop; None for never.
        raises: how many resources the program declares before it raises; None when it does not.
    """

    records: tuple[Record, ...] = ()
    program: tuple[Declared, ...] = ()
    asked: Asked = field(default_factory=Asked)
    faults: tuple[Fault, ...] = ()
    cut: int | None = None
    torn: int = 0
    stopped: int | None = None
    raises: int | None = None

    def __repr__(self) -> str:
        return _shown(self, 0)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis shows what it drew; the ready-made test shows it better.
        printer.text("Case(...)")


def ready_made_test(case: Case, name: str = "test_what_the_fuzzer_found") -> str:
    """The source of a test of this one case, to be pasted into a module of tests/lifecycle."""
    call = _indented(f"keep({_shown(case, 0)})")
    imports = "from cases import Asked, Case, Declared, Fault, Record\nfrom promises import keep\n"
    return f"{imports}\n\ndef {name}():\n{call}\n"


def _shown(value: object, depth: int) -> str:
    """A value as source: what has its default is left out; one part of a tuple a line where it is long."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = [
            f"{item.name}={_shown(part, depth + 1)}"
            for item in dataclasses.fields(value)
            if (part := getattr(value, item.name)) != _default(item)
        ]
        return _laid_out(f"{type(value).__name__}(", given, ")", depth)
    if isinstance(value, tuple):
        return _laid_out("(", [_shown(part, depth + 1) for part in value], ",)" if len(value) == 1 else ")", depth)
    return f'"{value}"' if isinstance(value, str) and '"' not in value and "\\" not in value else repr(value)


def _laid_out(begin: str, parts: list[str], end: str, depth: int) -> str:
    line = begin + ", ".join(parts) + end
    if len(line) + 4 * depth < 100 and "\n" not in line:
        return line
    inner = "".join(_indented(part) + ",\n" for part in parts)
    return f"{begin}\n{inner}{end.removeprefix(',')}"


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


def _default(item: dataclasses.Field[object]) -> object:
    return item.default_factory() if item.default_factory is not dataclasses.MISSING else item.default
