"""Journal lines: any run survives, and any cut leaves a prefix."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import errors
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import Secret
from reconciler.state import journal_records, journals
from tests.state.arbitrary import cipher, runs

HEADER = journal_records.Header(base="b" * 64, operation="update", started="2026-11-22T10:00:00Z")
KEPT = journals.Kept(1, 0)


def journal(entries, manager, *, closing=None):
    lines = [journal_records.render_header(HEADER)]
    lines += [journal_records.render_entry(entry, manager) for entry in entries]
    lines += [journal_records.render_closing(closing)] if closing else []
    return lines


@pytest.mark.slow
@settings(deadline=None)
@given(run=runs(), closed=st.booleans())
def test_any_run_survives_its_file(run, closed):
    base, entries = run
    manager = cipher()
    closing = journal_records.Closing("c" * 64) if closed else None

    text = journal_records.parse_journal(b"".join(journal(entries, manager, closing=closing)), manager)

    assert text.header == HEADER
    assert text.entries == entries
    assert text.closing == closing
    assert text.findings == ()
    assert journals.replay(base, text.entries) == journals.replay(base, entries)


@pytest.mark.slow
@settings(deadline=None)
@given(run=runs(), data=st.data())
def test_a_journal_cut_or_zero_filled_at_any_byte_is_a_prefix(run, data):
    _, entries = run
    manager = cipher()
    lines = journal(entries, manager)
    content = b"".join(lines)
    cut = data.draw(st.integers(0, len(content)))
    tail = data.draw(st.sampled_from([b"", bytes(len(content) - cut)]))

    text = journal_records.parse_journal(content[:cut] + tail, manager)

    whole = sum(sum(map(len, lines[: count + 1])) <= cut for count in range(len(lines)))
    assert text.entries == entries[: max(0, whole - 1)]
    assert (text.header is None) == (whole == 0)
    assert text.size_bytes == sum(map(len, lines[:whole]))
    assert bool(text.findings) == (len(content[:cut] + tail) > text.size_bytes)
    assert text.lost == 0


def test_a_record_without_its_newline_is_cut_off_and_no_damage():
    content = b"".join(journal([KEPT, journals.Kept(2, 1)], None))

    text = journal_records.parse_journal(content[:-1], None)

    assert text.entries == (KEPT,)
    assert text.lost == 0


def test_records_after_a_damaged_one_are_counted_and_not_used():
    manager = cipher()
    lines = journal([KEPT, journals.Kept(2, 1), journals.Kept(3, 2)], manager)
    lines[2] = b"#" + lines[2][1:]

    text = journal_records.parse_journal(b"".join(lines), manager)

    assert text.entries == (KEPT,)
    assert text.lost == 1
    assert "1 whole record(s) among them" in text.findings[0]


def test_secrets_in_a_journal_are_encrypted():
    resource = Recorded(urn="urn:pulumi:dev::p::t::a", type="t", custom=True, outputs={"p": Secret("hunter2")})

    line = journal_records.render_entry(journals.Put(1, resource), cipher())

    assert b"hunter2" not in line
    assert b"ciphertext" in line


THING = Recorded(urn="urn:pulumi:dev::p::t::a", type="t", custom=True)


@pytest.mark.parametrize(
    "entry",
    [
        journals.Began(1, PendingOperation(type=PendingType.CREATING, resource=THING, operation_id="op")),
        journals.Put(2, THING, forgets=(journals.Old(0),), retires=(journals.New(1),), ends=1),
        journals.Put(2, THING),
        journals.Kept(3, 4),
        journals.Amended(4, journals.New(2), THING, ends=1),
        journals.Forgot(5, (journals.Old(1), journals.New(2)), ends=1),
        journals.Failed(6, 1),
        journals.Together(
            9, (journals.Put(7, THING, forgets=(journals.Old(0),)), journals.Amended(8, journals.Old(1), THING))
        ),
    ],
    ids=lambda entry: type(entry).__name__,
)
def test_each_kind_of_entry_survives(entry):
    assert journal_records.parse_journal(b"".join(journal([entry], None)), None).entries == (entry,)


def line(data):
    return journal_records._line(data)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([line({"journal": 2, "base": "b"})], id="later-format"),
        pytest.param([line({"entry": "Kept"})], id="no-header"),
        pytest.param([*journal([], None), line({"entry": "Dreamt", "number": 1})], id="unknown-entry"),
        pytest.param([*journal([], None), line({"entry": "Kept"})], id="no-number"),
        pytest.param([*journal([], None), line({"entry": "Kept", "number": 1, "index": "0"})], id="index-not-a-number"),
        pytest.param([*journal([], None), line({"entry": "Forgot", "number": 1, "forgets": [5]})], id="no-place"),
    ],
)
def test_whole_lines_that_make_no_sense_are_refused(lines):
    with pytest.raises(errors.StateError):
        journal_records.parse_journal(b"".join(lines), None)


def test_a_line_that_is_whole_and_no_object_ends_the_journal():
    text = journal_records.parse_journal(b"".join([*journal([KEPT], None), line([1]), line({"a": 1})]), None)

    assert text.entries == (KEPT,)
    assert text.findings


def test_a_hash_names_content():
    assert journal_records.hash_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
