"""`KEY = value` lists: the part of the grammar that nearly all statements share."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.sandbox.snowflake.parsing.scanner import Scanner, Sort
from reconciler.sandbox.snowflake.vocabulary.properties import Property, Raw, Word
from reconciler.sandbox.snowflake.vocabulary.refusals import invalid_property


def take_settings(
    scanner: Scanner, kind: str, declared: Mapping[str, Property] | None, *, once: bool = False
) -> dict[str, Raw]:
    """Settings up to the end of the statement, or one of them (`once`); commas between them are optional.

    Raises:
        RefusedError: a key that is not declared (when the declarations are given), or twice the same key.
    """
    found: dict[str, Raw] = {}
    while not scanner.at_end():
        key = scanner.take_part()
        # Lists may stand without "=", as in `DEFAULT_SECONDARY_ROLES ('ALL')`; nothing else may.
        if not scanner.accept_symbol("=") and not scanner.is_symbol("("):
            scanner.position -= 1
            raise scanner.unexpected()
        if declared is not None and key not in declared:
            raise invalid_property(key, kind)
        if key in found:
            scanner.position -= 1
            raise scanner.unexpected()
        found[key] = take_value(scanner)
        scanner.accept_symbol(",")
        if once:
            break
    return found


def take_value(scanner: Scanner) -> Raw:
    """One value: a literal, a word or name, or a parenthesised list or group."""
    token = scanner.peek()
    if token is None:
        raise scanner.unexpected()
    if scanner.accept_symbol("("):
        return _bracket(scanner)
    if scanner.accept_symbol("-"):
        return -scanner.take_integer()
    if token.sort is Sort.STRING:
        return scanner.take_string()
    if token.sort is Sort.NUMBER:
        scanner.position += 1
        return int(token.text) if token.text.isdigit() else float(token.text)
    quoted = token.sort is Sort.QUOTED
    name = scanner.take_name()
    # SNOWPARK-OPTIMIZED and X-SMALL are words with a dash in them when nothing stands between.
    while not quoted and _adjacent_dash(scanner):
        scanner.position += 1
        name = (*name[:-1], f"{name[-1]}-{scanner.take_part()}")
    return Word(name, quoted)


def take_group(scanner: Scanner) -> dict[str, Raw]:
    """A parenthesised group of settings."""
    scanner.expect_symbol("(")
    value = _bracket(scanner)
    if value == ():
        return {}
    if not isinstance(value, Mapping):
        raise scanner.unexpected()
    return dict(value)


def take_names(scanner: Scanner) -> tuple[str, ...]:
    """Property names with commas between, as UNSET takes them."""
    names = [scanner.take_part()]
    while scanner.accept_symbol(","):
        names.append(scanner.take_part())
    return tuple(names)


def _adjacent_dash(scanner: Scanner) -> bool:
    before, dash, after = scanner.peek(-1), scanner.peek(), scanner.peek(1)
    return (
        before is not None
        and dash is not None
        and after is not None
        and dash.text == "-"
        and after.sort is Sort.WORD
        and before.end + 1 == dash.start
        and dash.end + 1 == after.start
    )


def _bracket(scanner: Scanner) -> Raw:
    """After "(": a group when its first item has "=", else a list."""
    group: dict[str, Raw] = {}
    items: list[Raw] = []
    while not scanner.accept_symbol(")"):
        if scanner.is_symbol("=", 1):
            key = scanner.take_part()
            scanner.expect_symbol("=")
            group[key] = take_value(scanner)
        else:
            items.append(take_value(scanner))
        scanner.accept_symbol(",")
    if group and items:
        raise scanner.unexpected()
    return group or tuple(items)
