from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reconciler.cli.report import markdown
from reconciler.cli.report.markdown import Forge
from reconciler.cli.report.model import Attribute, Message
from reconciler.deploy.events import Result, Severity
from reconciler.plan.steps import Op
from tests.cli.report.reports import DEAR, change, report, urn

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
OUR_TAGS = re.compile(r"</?(?:details|summary|code)>")
NASTY = (
    "<script>",
    "</details>",
    "```",
    "`",
    "|",
    "@team",
    "#12",
    "[x](http://e)",
    "![i](u)",
    "-->",
    "\n## head",
    "\\",
)


def tokens(text):
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def test_a_reviewer_reads_the_verdict_then_the_dear_changes_first():
    text = markdown.render([DEAR])

    assert text.startswith("## 🔴 `shop/dev`: 1 to delete, 1 to replace, 1 to update, 1 to create\n")
    assert "81 unchanged · commit `012345678` · plan `sha256:aaaa" in text
    assert "> **1 object will be destroyed; 1 object will be replaced: destroyed and made anew**" in text
    why = "`columns` forces it; `1,204 rows are lost`; `3 grants are lost` |"
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert rows == [
        "| `-` delete | `snowflake:index:Table` `trips` |  | protected |",
        "| `+-` replace | `snowflake:index:Table` `orders` | `columns` | " + why,
        "| `~` update | `snowflake:index:Table` `etl` | `size` |  |",
        "| `+` create | `snowflake:index:Table` `raw` |  |  |",
    ]
    assert '- columns[1].type: "NUMBER"\n+ columns[1].type: "VARCHAR"  # forces replacement\n' in text


def test_how_long_it_will_take_is_told_where_earlier_runs_say_it():
    assert "about 1m15s by earlier runs" in markdown.render([report(change("a"), expected_s=74.2)])
    assert "earlier runs" not in markdown.render([report(change("a"))])


def test_drift_that_is_alike_is_one_line():
    text = markdown.render([DEAR])

    assert "**Drift: 2 objects not as the state says**" in text
    assert "- `snowflake:index:Warehouse` `load`, `report`: `autoSuspend`: `60` → `600`" in text


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (report(), "⚪ `shop/dev`: no changes"),
        (report(change("a", Op.CREATE)), "🟢 `shop/dev`: 1 to create"),
        (report(change("a", Op.REPLACE), change("b", Op.UPDATE)), "🟠 `shop/dev`: 1 to replace, 1 to update"),
        (report(change("a", Op.DELETE)), "🔴 `shop/dev`: 1 to delete"),
        (report(change("a"), is_preview=False), "🟢 `shop/dev`: 1 updated"),
        (report(change("a"), result=Result.FAILED), "❌ `shop/dev`: update preview failed"),
    ],
)
def test_the_verdict_is_the_worst_that_a_run_brings(told, expected):
    assert markdown.headline(told) == expected


@pytest.mark.parametrize("forge", Forge)
@pytest.mark.parametrize("many", [1, 2000])
def test_a_comment_fits_its_forge_and_says_what_it_leaves_out(forge, many):
    long = (Attribute(path="comment", before='"é' + "x" * 300, after='"' + "y" * 300),)
    told = report(change("gone", Op.DELETE), *(change(f"table-{index}", attributes=long) for index in range(many)))

    text = markdown.render([told, told], forge)

    assert len(text.encode()) <= forge.value.most_bytes
    assert text.count("## 🔴") == 2
    assert text.count("`gone`") >= 2  # what is destroyed is told before all else
    rows = text.count("| `~` update |")
    assert rows == 2 * many or f"_{2 * many - rows} more" in text or text.count("did not fit here") >= 2


def test_diffs_give_way_before_rows():
    long = (Attribute(path="comment", before='"' + "x" * 390, after='"' + "y" * 390),)
    told = report(*(change(f"table-{index}", attributes=long) for index in range(150)))

    text = markdown.render([told], Forge.GITHUB)

    assert text.count("| `~` update |") == 150
    folds = text.count("<details>")
    assert 0 < folds < 150
    assert f"_{150 - folds} more diffs did not fit here; the full report has them._" in text


def test_a_forge_that_folds_nothing_gets_no_html():
    assert "<" not in markdown.render([DEAR], Forge.BITBUCKET)


hostile = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=8)), max_size=6).map("".join)


@given(name=hostile, value=hostile, path=hostile, message=hostile)
def test_no_text_leaves_its_place(name, value, path, message):
    name = name.replace("::", "")
    told = report(
        change(
            "",
            Op.REPLACE,
            urn=urn(name),
            attributes=(Attribute(path=path or "p", before=value, after=value, forces=True),),
            reasons=(path,),
            facts=(message,),
            failure=message,
        ),
        messages=(Message(urn=urn(name), severity=Severity.ERROR, text=message),),
    )

    found = list(tokens(markdown.render([told])))

    kinds = [token.type for token in found]
    assert kinds.count("heading_open") == 1
    assert kinds.count("tr_open") == 2  # head and one change
    assert kinds.count("td_open") == 4
    assert kinds.count("fence") == (1 if value else 0)
    assert not {"link_open", "image", "hr"} & set(kinds)
    html = "".join(token.content for token in found if token.type in ("html_block", "html_inline"))
    summary = re.sub(r"<summary>(.*?)</summary>", "", html, flags=re.DOTALL)
    assert OUR_TAGS.sub("", summary).strip() == ""
    assert "<script" not in html
    assert "@" not in html
