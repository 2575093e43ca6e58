"""Any property value, resource, snapshot and journal, for Hypothesis."""

from dataclasses import replace

from hypothesis import strategies as st

from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import UNKNOWN, Archive, Asset, ResourceReference, Secret, freeze, reveal
from reconciler.state import journals
from reconciler.state.secrets import KeySecrets, passphrase_state
from reconciler.state.snapshots import Snapshot

NAMES = st.text("abcXYZ_-<é", min_size=1, max_size=6)
TEXTS = st.text(max_size=8)


def cipher():
    """A real cipher without the half second that a passphrase costs."""
    return KeySecrets(bytes(32), passphrase_state("v1:salt:proof"))


def values():
    """Any property value: plain, secret, unknown, asset, archive, reference, nested."""
    numbers = st.floats(allow_nan=False).map(freeze) | st.integers(-(2**53) + 1, 2**53 - 1)
    assets = st.builds(Asset, hash=NAMES, text=TEXTS.filter(bool))
    archives = st.builds(Archive, hash=NAMES, assets=st.dictionaries(NAMES, assets, max_size=2))
    references = st.builds(ResourceReference, NAMES, st.none() | NAMES | st.just(UNKNOWN), NAMES)
    leaves = st.none() | st.booleans() | numbers | TEXTS | st.just(UNKNOWN) | assets | archives | references
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(NAMES, inner, max_size=3)
            | inner.map(lambda value: Secret(reveal(value)))
        ),
        max_leaves=8,
    )


# Values of every sort; `values` makes any, at a price.
SAMPLES = (
    None,
    True,
    0,
    2.5,
    "",
    "é<&>",
    UNKNOWN,
    (1, {"a": ()}),
    Secret("hunter2"),
    Secret({"a": (1, None)}),
    Asset(hash="h", text="t"),
    Archive(hash="h", assets={"a": Asset(hash="h", uri="u")}),
    ResourceReference("urn:x", UNKNOWN),
)
# Sets of fields that go together, since a draw for each of thirty fields takes too long.
OPTIONS = (
    {},
    {"delete": True, "protect": True, "external": True, "created": "2026-01-02T03:04:05Z"},
    {"taint": True, "init_errors": ("slow",), "custom_timeouts": {"create": 600, "delete": 1.5}},
    {"retain_on_delete": True, "stack_trace": ("a.py#1",), "replacement_trigger": 0, "refresh_before_update": True},
    {"resource_hooks": {"BeforeCreate": ("h",)}, "replacement_trigger": {"a": Secret(1)}, "import_id": "i"},
    {"pending_replacement": True, "hide_diff": ("a",), "ignore_changes": ("b",), "replace_on_changes": ("*",)},
    {"additional_secret_outputs": ("a",), "modified": "2026-01-02T03:04:05Z", "source_position": "a.py#1"},
    {"extra": {"someNewKey": [1, {"b": 2.5}]}, "outputs": {"a": {"b": Secret("x")}}},
)


def property_maps():
    return st.dictionaries(st.sampled_from("abé"), st.sampled_from(SAMPLES), max_size=3)


def urn(number):
    return f"urn:pulumi:dev::shop::test:index:Thing::n{number}"


@st.composite
def resources(draw, number=0):
    """One custom resource; it may name any resource of a lower number."""
    named = {}
    if number:
        one = urn(draw(st.integers(0, number - 1)))
        named = draw(
            st.sampled_from(
                [
                    {},
                    {"parent": one, "dependencies": (one,)},
                    {"deleted_with": one, "replace_with": (one,), "view_of": one},
                    {"property_dependencies": {"a": (one,), "b": ()}},
                ]
            )
        )
    fields = {"id": draw(st.sampled_from("xy")), "inputs": draw(property_maps())}
    return Recorded(
        urn=urn(number), type="test:index:Thing", custom=True, **fields, **named, **draw(st.sampled_from(OPTIONS))
    )


@st.composite
def pending_operations(draw, number=0):
    return PendingOperation(
        type=draw(st.sampled_from(PendingType)),
        resource=draw(resources(number=number)),
        operation_id=draw(st.sampled_from(["", "op-1"])),
    )


@st.composite
def snapshots(draw):
    """A sound snapshot."""
    count = draw(st.integers(0, 4))
    pending = draw(st.lists(pending_operations(number=count), max_size=1))
    return Snapshot(
        resources=tuple(draw(resources(number=number)) for number in range(count)),
        pending=tuple(pending),
        metadata=draw(st.dictionaries(st.just("note"), TEXTS, max_size=1)),
        extra=draw(st.dictionaries(st.just("someNewPart"), st.integers(), max_size=1)),
    )


@st.composite
def runs(draw):
    """A base snapshot and the entries of a run on it."""
    base = draw(snapshots())
    kept = replace(base, pending=())
    untouched = list(range(len(base.resources)))
    put = []
    began = []
    entries = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        kinds = ["Began", "Put", "Amended", "Forgot", *(["Kept"] if untouched else []), *(["Failed"] if began else [])]
        places = [*map(journals.Old, untouched), *map(journals.New, put)]
        some = st.lists(st.sampled_from(places), max_size=1).map(tuple) if places else st.just(())
        ends = draw(st.sampled_from(began)) if began and draw(st.booleans()) else None
        match draw(st.sampled_from(kinds)):
            case "Began":
                entries.append(journals.Began(number, draw(pending_operations(number=number + 10))))
                began.append(number)
            case "Put":
                resource = draw(resources(number=number + 10))
                entries.append(journals.Put(number, resource, forgets=draw(some), retires=draw(some), ends=ends))
                put.append(number)
            case "Amended" if places:
                place = draw(st.sampled_from(places))
                entries.append(journals.Amended(number, place, draw(resources(number=number + 10)), ends=ends))
            case "Kept":
                index = untouched.pop()
                if any(isinstance(one, (journals.Put, journals.Forgot)) and one.forgets for one in entries):
                    continue
                entries.append(journals.Kept(number, index))
                put.append(number)
            case "Failed":
                entries.append(journals.Failed(number, draw(st.sampled_from(began))))
            case _:
                entries.append(journals.Forgot(number, draw(some), ends=ends))
    return kept, tuple(entries)
