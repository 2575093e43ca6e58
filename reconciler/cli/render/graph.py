"""Which boxes and arrows does the picture of a stack have?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciler.cli.render import words
from reconciler.deploy import events
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan.steps import Op

NO_OPS: Mapping[str, Op] = {}


class EdgeKind(StrEnum):
    """What an arrow means."""

    DEPENDENCY = "dependency"
    """From a resource to one that depends on it."""
    PARENT = "parent"
    """From a resource to its parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One resource. `op`: what a preview would do to it, None outside of previews."""

    urn: str
    op: Op | None = None

    @property
    def name(self) -> str:
        """The logical name."""
        return urns.name(self.urn) if urns.is_urn(self.urn) else self.urn

    @property
    def type(self) -> str:
        """The type as people see it."""
        return urns.short_type(urns.type_token(self.urn)) if urns.is_urn(self.urn) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One arrow, between the nodes at two places; `label` names the properties that a dependency comes from."""

    source: int
    target: int
    kind: EdgeKind
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes, each after what it depends on, and edges in a stable order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphStyle:
    """How a graph is drawn, by upstream's flags."""

    dependency_color: str = "#246C60"
    parent_color: str = "#AA6639"
    short_names: bool = False
    dot_fragment: str = ""

    def color(self, kind: EdgeKind) -> str:
        """The colour of a kind of arrow."""
        return self.parent_color if kind is EdgeKind.PARENT else self.dependency_color


# Fill and border of a box, by what a preview would do to it.
FILLS: Mapping[Op, tuple[str, str]] = {
    Op.CREATE: ("#DDF4E4", "#1A7F37"),
    Op.UPDATE: ("#FFF8C5", "#9A6700"),
    Op.REPLACE: ("#F3E0FA", "#8250DF"),
    Op.DELETE: ("#FFE2E0", "#CF222E"),
    Op.READ: ("#DDF4FF", "#0969DA"),
    Op.REFRESH: ("#FFF8C5", "#9A6700"),
    Op.IMPORT: ("#DDF4E4", "#1A7F37"),
}
PLAIN_FILL = ("#F6F8FA", "#8C959F")


def fill(op: Op | None) -> tuple[str, str]:
    """Fill and border colour of a box."""
    return FILLS.get(op, PLAIN_FILL) if op is not None else PLAIN_FILL


def graph_of(
    resources: Sequence[Recorded],
    *,
    ops: Mapping[str, Op] = NO_OPS,
    with_dependencies: bool = True,
    with_parents: bool = True,
) -> Graph:
    """The graph of these resources; records of one URN are one node."""
    merged = {resource.urn: resource for resource in sorted(resources, key=lambda one: not one.delete)}
    order = {urn: index for index, urn in enumerate(dict.fromkeys(resource.urn for resource in resources))}
    edges: list[Edge] = []
    for urn, index in order.items():
        resource = merged[urn]
        if with_dependencies:
            edges += _dependencies(resource, index, order)
        if with_parents and resource.parent in order:
            edges.append(Edge(source=index, target=order[resource.parent], kind=EdgeKind.PARENT))
    return Graph(nodes=tuple(Node(urn=urn, op=ops.get(urn)) for urn in order), edges=tuple(edges))


def _dependencies(resource: Recorded, index: int, order: Mapping[str, int]) -> Iterable[Edge]:
    blame: dict[str, list[str]] = defaultdict(list)
    for key, listed in sorted(resource.property_dependencies.items()):
        for urn in listed:
            blame[urn].append(key)
    for urn in dict.fromkeys((*resource.dependencies, *blame)):
        if urn in order:
            label = ", ".join(blame.get(urn, ()))
            yield Edge(source=order[urn], target=index, kind=EdgeKind.DEPENDENCY, label=label)


def of_preview(seen: Sequence[events.Event]) -> tuple[tuple[Recorded, ...], Mapping[str, Op]]:
    """The resources that a preview's events are about, and what it would do to each."""
    resources: dict[str, Recorded] = {}
    ops: dict[str, Op] = {}
    for event in seen:
        if isinstance(event, (events.StepStarted, events.StepDone, events.StepFailed)):
            op = words.shown_op(event.step)
            if op in (Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED, Op.REMOVE_PENDING_REPLACE, Op.DISCARD_REPLACED):
                op = Op.REPLACE
            resources[event.step.urn] = event.step.subject
            if ops.get(event.step.urn) is not Op.REPLACE:
                ops[event.step.urn] = op
    return tuple(_parents_first(resources)), ops


def _parents_first(resources: Mapping[str, Recorded]) -> list[Recorded]:
    from reconciler.model.graphs import in_dependency_order  # kept near: the one place that may meet a broken order

    return list(in_dependency_order(tuple(resources.values())))
