"""Data SQL: which tables does it read and write, and what is its text with physical names?

sqlglot reads SELECT and DML well; its tree says where each table's name
stands, and the text is changed there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.execution.storage import alias_of, physical
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, quoted


@dataclass(frozen=True, slots=True)
class Use:
    """One object that a statement touches, and a privilege that this needs."""

    item: SqlObject
    privilege: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a statement touches, and its text for the data engine."""

    sql: str
    uses: tuple[Use, ...]

    @property
    def written(self) -> tuple[SqlObject, ...]:
        """The tables that it changes."""
        return tuple(use.item for use in self.uses if use.privilege != "SELECT")


def analyse(context: Context, sql: str) -> Analysis:
    """Read one data statement.

    Raises:
        RefusedError: 1003 for what cannot be read, 2003 for tables that the session does not see, and our own
            number for what the sandbox does not do.
    """
    try:
        tree = sqlglot.parse_one(sql, read="snowflake")
    except ParseError as error:
        message = str(error).replace("\x1b[4m", "").replace("\x1b[0m", "")
        raise refusals.syntax(f"syntax error: {message}") from error
    if isinstance(tree, exp.Command | exp.MultitableInserts | exp.Set):
        raise refusals.unsupported(f"statement {sql.split(maxsplit=1)[0].upper()}")
    targets = dict(_targets(tree))
    uses: list[Use] = []
    edits: list[tuple[int, int, str]] = []
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Var | exp.Parameter):
            raise refusals.unsupported("querying files of a stage")
        if not isinstance(table.this, exp.Identifier) or _is_cte(table):
            continue
        item = _relation(context, table)
        privileges = targets.get(id(table), ("SELECT",))
        if item.kind == "VIEW" and privileges != ("SELECT",):
            raise refusals.syntax(f"cannot change the view '{context.catalogue.shown_name(item)}'")
        uses.extend(Use(item, privilege) for privilege in privileges)
        parts = table.parts
        edits.append((_start(parts[0]), _end(parts[-1]), physical(context.catalogue.full_name(item))))
    for column in tree.find_all(exp.Column):
        catalog = column.args.get("catalog")
        if isinstance(catalog, exp.Identifier):
            edits.append((_start(catalog), _end(catalog), quoted(alias_of(_folded(catalog)))))
    for start, end, text in sorted(edits, reverse=True):
        sql = sql[:start] + text + sql[end + 1 :]
    return Analysis(sql, tuple(uses))


def require(context: Context, analysis: Analysis) -> None:
    """Refuse what the session's roles may not read or write.

    A view is read with the rights of its owner, who must still be able to read what is below it.
    """
    for use in analysis.uses:
        context.authority.require(use.item, use.privilege)
        if use.item.kind == "VIEW":
            _require_for_owner(context, use.item)


def _require_for_owner(context: Context, view: SqlObject) -> None:
    catalogue = context.catalogue
    rights = context.authority.of_role(view.owner)
    reads = view.facts.get("reads")
    for number in reads if isinstance(reads, list) else []:
        item = catalogue.objects.get(number) if isinstance(number, int) else None
        if item is None or not rights.has(item, "SELECT") or not rights.can_use(item):
            raise refusals.RefusedError(
                2003,
                "02000",
                f"SQL compilation error:\nFailure during expansion of view '{view.name}':"
                " an object that it reads does not exist or not authorized.",
            )


def _targets(tree: exp.Expr) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The table nodes that are written, by identity, with the privileges that it takes."""
    match tree:
        case exp.Insert():
            extra = ("DELETE",) if tree.args.get("overwrite") else ()
            yield id(_table(tree.this)), ("INSERT", *extra)
        case exp.Update():
            yield id(_table(tree.this)), ("UPDATE",)
        case exp.Delete():
            yield id(_table(tree.this)), ("DELETE",)
        case exp.Merge():
            whens = tree.args["whens"].expressions
            # MERGE reads its target, too.
            yield id(_table(tree.this)), ("SELECT", *sorted({_then(when) for when in whens}))
        case exp.TruncateTable():
            for each in tree.expressions:
                yield id(_table(each)), ("TRUNCATE",)


def _then(when: exp.Expr) -> str:
    then = when.args["then"]
    return "INSERT" if isinstance(then, exp.Insert) else "UPDATE" if isinstance(then, exp.Update) else "DELETE"


def _table(node: object) -> object:
    return node.this if isinstance(node, exp.Schema) else node


def _relation(context: Context, table: exp.Table) -> SqlObject:
    name: Name = tuple(_folded(part) for part in table.parts if isinstance(part, exp.Identifier))
    if len(name) > 1 and name[-2] == "INFORMATION_SCHEMA":
        raise refusals.unsupported("INFORMATION_SCHEMA; use SHOW")
    if name[0] == "SNOWFLAKE" and len(name) == 3:
        raise refusals.unsupported("the SNOWFLAKE database")
    return context.relation(name)


def _is_cte(table: exp.Table) -> bool:
    """Does the name stand for a common table expression that is visible there?"""
    if table.args.get("db") or not isinstance(table.this, exp.Identifier):
        return False
    name = _folded(table.this)
    node = table.parent
    within: exp.CTE | None = None
    while node is not None:
        if isinstance(node, exp.CTE):
            within = node
        clause = node.args.get("with_")
        if isinstance(clause, exp.With):
            for each in clause.expressions:
                # A CTE sees those before it, and itself only when recursive.
                if each is within and not clause.recursive:
                    break
                alias = each.args["alias"].this
                if _folded(alias) == name:
                    return True
        node = node.parent
    return False


def _folded(identifier: exp.Expr) -> str:
    text = str(identifier.this)
    return text if identifier.args.get("quoted") else text.upper()


def _start(node: exp.Expr) -> int:
    return int(node.meta["start"])


def _end(node: exp.Expr) -> int:
    return int(node.meta["end"])
