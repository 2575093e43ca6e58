"""Where do the boxes of a graph stand? In columns from left to right, each after what it needs.

Layered drawing after Sugiyama: a column per length of the longest path, few crossings by barycentres, then heights
that keep neighbours level. Arrows over several columns share a bend per column with those of the same source.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# A place in the drawing: a node, or the bend that all arrows of a node share in a column.
Slot = tuple[int, int]

_SWEEPS: Final = 8
_NODE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Columns and heights.

    Attributes:
        column: of each node, from 0 at the left.
        height: the middle of each node, in the caller's unit, from 0 at the top.
        bends: for each arrow, the (column, height) of what it passes between its ends.
    """

    column: tuple[int, ...]
    height: tuple[float, ...]
    bends: tuple[tuple[tuple[int, float], ...], ...]


def lay_out(count: int, arrows: Sequence[tuple[int, int]], *, node_size: float, bend_size: float) -> Layout:
    """Place `count` nodes. `arrows` lead from the left to the right: (source, target).

    An arrow that would close a circle is drawn, and does not move anything.
    """
    forward = [(source, target) for source, target in arrows if source < target]
    column = _columns(count, forward)
    chains = [tuple(_chain(arrow, column)) for arrow in arrows]
    links = sorted({link for chain in chains for link in pairwise(chain)})
    lanes = _ordered(count, column, chains, links)
    height = _heights(lanes, links, lambda slot: node_size if slot[1] == _NODE else bend_size)
    return Layout(
        column=tuple(column),
        height=tuple(height[(node, _NODE)] for node in range(count)),
        bends=tuple(tuple((slot[1], height[slot]) for slot in chain[1:-1]) for chain in chains),
    )


def _columns(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    column = [0] * count
    for source, target in sorted(arrows, key=lambda arrow: arrow[1]):
        column[target] = max(column[target], column[source] + 1)
    return column


def _chain(arrow: tuple[int, int], column: Sequence[int]) -> Iterator[Slot]:
    source, target = arrow
    yield (source, _NODE)
    yield from ((source, between) for between in range(column[source] + 1, column[target]))
    yield (target, _NODE)


def _ordered(
    count: int, column: Sequence[int], chains: Sequence[Sequence[Slot]], links: Sequence[tuple[Slot, Slot]]
) -> list[list[Slot]]:
    """What stands in each column, from the top."""
    bends = sorted({slot for chain in chains for slot in chain[1:-1]})
    lanes: list[list[Slot]] = [[] for _ in range(max(column, default=-1) + 1)]
    for slot in [*((node, _NODE) for node in range(count)), *bends]:
        lanes[column[slot[0]] if slot[1] == _NODE else slot[1]].append(slot)
    left, right = _neighbours(links)
    best, fewest = [list(lane) for lane in lanes], _crossings(lanes, right)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        neighbours, visited = (left, lanes[1:]) if sweep % 2 == 0 else (right, lanes[-2::-1])
        place = {slot: index for lane in lanes for index, slot in enumerate(lane)}
        for lane in visited:
            wish = {slot: _mean([place[other] for other in neighbours[slot]], place[slot]) for slot in lane}
            lane.sort(key=lambda slot: (wish[slot], place[slot]))
            place.update({slot: index for index, slot in enumerate(lane)})
        crossings = _crossings(lanes, right)
        if crossings < fewest:
            best, fewest = [list(lane) for lane in lanes], crossings
    return best


def _neighbours(links: Sequence[tuple[Slot, Slot]]) -> tuple[Mapping[Slot, list[Slot]], Mapping[Slot, list[Slot]]]:
    left: dict[Slot, list[Slot]] = defaultdict(list)
    right: dict[Slot, list[Slot]] = defaultdict(list)
    for start, end in links:
        left[end].append(start)
        right[start].append(end)
    return left, right


def _crossings(lanes: Sequence[Sequence[Slot]], right: Mapping[Slot, Sequence[Slot]]) -> int:
    place = {slot: index for lane in lanes for index, slot in enumerate(lane)}
    crossings = 0
    for lane in lanes:
        ends: list[int] = []
        for slot in lane:
            targets = sorted(place[other] for other in right.get(slot, ()))
            crossings += sum(len(ends) - bisect_left(ends, target + 1) for target in targets)
            for target in targets:
                insort(ends, target)
    return crossings


def _heights(
    lanes: Sequence[Sequence[Slot]], links: Sequence[tuple[Slot, Slot]], size: Callable[[Slot], float]
) -> dict[Slot, float]:
    left, right = _neighbours(links)
    height: dict[Slot, float] = {}
    for lane in lanes:
        top = 0.0
        for slot in lane:
            height[slot] = top + size(slot) / 2
            top += size(slot)
    for sweep in range(_SWEEPS):
        for lane in lanes if sweep % 2 == 0 else reversed(lanes):
            near = [[*left.get(slot, ()), *right.get(slot, ())] for slot in lane]
            wishes = [_mean([height[other] for other in others], height[slot])
                      for slot, others in zip(lane, near, strict=True)]  # fmt: skip
            gaps = [(size(one) + size(other)) / 2 for one, other in pairwise(lane)]
            height.update(zip(lane, _spaced(wishes, gaps), strict=True))
    top = min((height[slot] - size(slot) / 2 for lane in lanes for slot in lane), default=0.0)
    return {slot: value - top for slot, value in height.items()}


def _spaced(wishes: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Heights in this order, as near to the wishes as the gaps allow (least squares, by pooling what collides)."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=False):
        mean, many = wish - offset, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, many = (mean * many + before * count) / (many + count), many + count
        pools.append((mean, many))
    levels = [mean for mean, many in pools for _ in range(many)]
    return [level + offset for level, offset in zip(levels, offsets, strict=False)]


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise
