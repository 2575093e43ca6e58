"""A run cut anywhere is finished by the next: programs that really run; `test_promises` draws more widely."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from stacks import Killed, Stack  # the folder is put on the path by conftest

CASES = 25
NAMES = ("a", "b", "c", "d", "e")


@dataclass(frozen=True)
class Declared:
    """One resource of a generated program; it may use any that stand before it."""

    name: str
    unique: bool
    zone: str
    size: int
    uses: tuple[str, ...]
    replaced_with: str | None

    def line(self, before: tuple[str, ...]) -> str:
        uses = [name for name in self.uses if name in before]
        inputs = [f"size={self.size}"]
        # Taking its zone from another's serial makes it fall with the other's replacement.
        follows = self.replaced_with in before
        inputs.append(f"zone={self.replaced_with}.serial" if follows else f"zone={self.zone!r}")
        if uses:
            inputs.append(f"source={uses[0]}.echo")
        if self.unique:
            inputs.append(f"name='n-{self.name}'")
        options = f", opts=Options(depends_on=[{', '.join(uses)}])" if uses else ""
        return f"{self.name} = {'Unique' if self.unique else 'Thing'}('{self.name}', {', '.join(inputs)}{options})"


def declared(name: str) -> st.SearchStrategy[Declared]:
    return st.builds(
        Declared,
        name=st.just(name),
        unique=st.just(name in "bd"),
        zone=st.sampled_from(["x", "y"]),
        size=st.integers(0, 2),
        uses=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
        replaced_with=st.sampled_from([None, *NAMES]),
    )


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for name in draw(st.permutations(NAMES)):
        if not draw(st.booleans()):
            continue
        lines.append(draw(declared(name)).line(before))
        before = (*before, name)
    return "\n".join(lines)


@pytest.mark.slow
@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(first=programs(), second=programs(), cut=st.integers(0, 40), destroys=st.booleans())
def test_a_run_cut_anywhere_is_finished_by_the_next(first, second, cut, destroys):
    note(f"first:\n{first}\nsecond:\n{second}\ncut: {cut}")
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        stack.up(first)
        with contextlib.suppress(Killed):
            stack.destroy(cut=cut) if destroys else stack.up(second, cut=cut)

        mended = stack.up(second)
        again = stack.up(second)
        refreshed = stack.refresh()
        after_refresh = stack.up(second)

        assert mended.errors == []
        things = [item for item in stack.snapshot.resources if item.type.startswith("test:")]
        assert {item.id for item in things} == set(stack.service.objects)
        assert len(things) == len(second.splitlines())
        assert {op.split()[0] for op in again.ops} <= {"same"}
        assert set(refreshed.summary.changes) <= {"same"}
        assert {op.split()[0] for op in after_refresh.ops} <= {"same"}
        assert stack.destroy().errors == []
        assert stack.service.objects == {}
        assert stack.snapshot.resources == ()
