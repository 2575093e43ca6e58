"""From the text of a statement to a value: which statement is it, of what kind, with what.

Hand-written recursive descent over `scanner`. It knows the grammar of
Snowflake's documentation, never the text that our own provider prints, so a
wrong rendering shows here as a syntax error. Tables' columns are in
`columns`, GRANT and REVOKE in `granting`, COPY and LIST in `staging`.
"""

from __future__ import annotations

from typing import Final

from reconciler.sandbox.snowflake.parsing import columns, granting, staging, statements
from reconciler.sandbox.snowflake.parsing.scanner import Scanner
from reconciler.sandbox.snowflake.parsing.settings import take_names, take_settings
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_PLURAL, BY_WORDS, PHRASES, PLURAL_PHRASES, SandboxKind
from reconciler.sandbox.snowflake.vocabulary.properties import Raw
from reconciler.sandbox.snowflake.vocabulary.refusals import RefusedError, unsupported

DATA_VERBS: Final = frozenset(
    {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "BEGIN", "START", "COMMIT", "ROLLBACK"}
    | {"VALUES", "CALL"}
)


def parse(sql: str) -> statements.Statement:
    """The one statement in the text.

    Raises:
        RefusedError: 1003 for a syntax error; our own number for what the sandbox does not know.
    """
    scanner = Scanner(sql)
    if any(token.text == ";" and token.sort.value == "symbol" for token in scanner.tokens):
        raise RefusedError(8, "0A000", "Actual statement count 2 did not match the desired statement count 1.")
    verb = scanner.word()
    if verb in DATA_VERBS or scanner.is_symbol("("):
        return statements.Data(scanner.rest(), verb or "SELECT")
    parsers = {
        "USE": _use,
        "ALTER": _alter,
        "CREATE": _create,
        "DROP": _drop,
        "GRANT": granting.parse_grant,
        "REVOKE": granting.parse_grant,
        "SHOW": _show,
        "DESC": _describe,
        "DESCRIBE": _describe,
        "COMMENT": _comment,
        "COPY": staging.parse_copy,
        "LIST": staging.parse_list,
        "LS": staging.parse_list,
    }
    if verb not in parsers:
        if not verb:
            raise scanner.unexpected()
        raise unsupported(f"statement {verb}")
    found = parsers[verb](scanner)
    scanner.expect_end()
    return found


def _kind(scanner: Scanner, verb: str) -> SandboxKind:
    """The kind whose words are next.

    Raises:
        RefusedError: no kind of the sandbox.
    """
    if scanner.accept("INTEGRATION"):
        return BY_WORDS["STORAGE INTEGRATION"]
    words = scanner.accept_one(*PHRASES)
    if not words or (words == "ACCOUNT" and verb != "ALTER"):
        raise unsupported(f"{verb} {scanner.word()} {scanner.word(1)}".rstrip())
    return BY_WORDS[words]


def _use(scanner: Scanner) -> statements.Statement:
    scanner.expect("USE")
    if scanner.accept("SECONDARY ROLES"):
        mode = scanner.accept_one("ALL", "NONE")
        if not mode:
            raise unsupported("USE SECONDARY ROLES with a list of roles")
        return statements.UseSecondaryRoles(mode)
    kind = scanner.accept_one("ROLE", "WAREHOUSE", "DATABASE", "SCHEMA")
    return statements.Use(kind, scanner.take_name())


def _create(scanner: Scanner) -> statements.Statement:
    text = scanner.rest()
    scanner.expect("CREATE")
    if scanner.accept("OR ALTER"):
        raise unsupported("CREATE OR ALTER")
    or_replace = scanner.accept("OR REPLACE")
    modifiers = set[str]()
    while word := scanner.accept_one("TRANSIENT", "TEMPORARY", "TEMP", "SECURE", "RECURSIVE", "LOCAL", "GLOBAL"):
        modifiers.add(word)
    kind = _kind(scanner, "CREATE")
    if unknown := modifiers - set(kind.modifiers):
        raise unsupported(f"CREATE {' '.join(sorted(unknown))} {kind.words}")
    if_not_exists = scanner.accept("IF NOT EXISTS")
    name = scanner.take_name()
    if kind.words in ("TABLE", "VIEW"):
        return columns.parse_relation(
            scanner, kind, name, or_replace=or_replace, if_not_exists=if_not_exists, modifiers=modifiers, text=text
        )
    if scanner.word() in ("CLONE", "FROM", "AS"):
        raise unsupported(f"CREATE {kind.words} … {scanner.word()}")
    settings: dict[str, Raw] = {}
    while not scanner.at_end():
        if kind.words == "SCHEMA" and scanner.accept("WITH MANAGED ACCESS"):
            modifiers.add("MANAGED ACCESS")
            continue
        if scanner.word() == "WITH" and scanner.word(1) == "TAG":
            raise unsupported("WITH TAG")
        scanner.accept("WITH")
        settings.update(take_settings(scanner, kind.words, kind.properties, once=True))
    return statements.Create(
        kind=kind,
        name=name,
        or_replace=or_replace,
        if_not_exists=if_not_exists,
        modifiers=frozenset(modifiers),
        properties=settings,
        source_text=text,
    )


def _drop(scanner: Scanner) -> statements.Statement:
    scanner.expect("DROP")
    kind = _kind(scanner, "DROP")
    if_exists = scanner.accept("IF EXISTS")
    name = scanner.take_name()
    if scanner.accept("RESTRICT"):
        raise unsupported(f"DROP {kind.words} … RESTRICT")
    scanner.accept("CASCADE")
    return statements.Drop(kind=kind, name=name, if_exists=if_exists)


def _comment(scanner: Scanner) -> statements.Statement:
    scanner.expect("COMMENT")
    if_exists = scanner.accept("IF EXISTS")
    scanner.expect("ON")
    kind = _kind(scanner, "COMMENT ON")
    name = scanner.take_name()
    scanner.expect("IS")
    action = statements.SetProperties({"COMMENT": scanner.take_string()})
    return statements.Alter(kind=kind, name=name, action=action, if_exists=if_exists)


def _alter(scanner: Scanner) -> statements.Statement:
    scanner.expect("ALTER")
    if scanner.accept("SESSION"):
        return _alter_session(scanner)
    kind = _kind(scanner, "ALTER")
    if_exists = scanner.accept("IF EXISTS")
    if kind.words == "ACCOUNT":
        raise unsupported("ALTER ACCOUNT")
    if kind.words == "WAREHOUSE" and scanner.word() in ("SUSPEND", "RESUME", "SET", "UNSET"):
        name: Name = ()
    else:
        name = scanner.take_name()
    return statements.Alter(kind=kind, name=name, action=_action(scanner, kind), if_exists=if_exists)


def _alter_session(scanner: Scanner) -> statements.Statement:
    if scanner.accept("UNSET"):
        return statements.AlterSession(unset=take_names(scanner))
    scanner.expect("SET")
    return statements.AlterSession(settings=take_settings(scanner, "SESSION", None))


def _action(scanner: Scanner, kind: SandboxKind) -> statements.Action:
    """What ALTER <kind> <name> does."""
    if scanner.word() == "RENAME" and scanner.word(1) != "COLUMN":
        scanner.expect("RENAME TO")
        return statements.Rename(scanner.take_name())
    if scanner.at_end():
        raise scanner.unexpected()
    if kind.words == "TABLE" and (action := columns.parse_table_action(scanner)) is not None:
        return action
    if scanner.word() in ("SET", "UNSET") and scanner.word(1) == "TAG":
        raise unsupported(f"ALTER {kind.words} … {scanner.word()} TAG")
    if scanner.accept("SET"):
        return statements.SetProperties(take_settings(scanner, kind.words, kind.properties))
    if scanner.accept("UNSET"):
        return statements.UnsetProperties(take_names(scanner))
    if kind.words == "WAREHOUSE":
        if scanner.accept("SUSPEND"):
            return statements.Suspend("SUSPEND")
        if scanner.accept("RESUME"):
            return statements.Suspend("RESUME", scanner.accept("IF SUSPENDED"))
        if scanner.accept("ABORT ALL QUERIES"):
            return statements.Suspend("ABORT")
    if kind.words == "SCHEMA" and (verb := scanner.accept_one("ENABLE MANAGED ACCESS", "DISABLE MANAGED ACCESS")):
        return statements.ManagedAccess(verb.startswith("ENABLE"))
    if kind.words == "NETWORK POLICY" and (verb := scanner.accept_one("ADD", "REMOVE")):
        items = take_settings(scanner, kind.words, kind.properties)
        ((name, raw),) = items.items()
        values = raw if isinstance(raw, tuple) else (raw,)
        return statements.AddToList(name, tuple(str(value) for value in values), verb == "REMOVE")
    raise unsupported(f"ALTER {kind.words} … {scanner.word()} {scanner.word(1)}".rstrip())


def _plural(scanner: Scanner) -> SandboxKind:
    """The kind whose plural is next, for SHOW."""
    if scanner.accept("INTEGRATIONS"):
        return BY_WORDS["STORAGE INTEGRATION"]
    words = scanner.accept_one(*PLURAL_PHRASES)
    if not words or words == "ACCOUNTS":
        raise unsupported(f"SHOW {scanner.word()} {scanner.word(1)}".rstrip())
    return BY_PLURAL[words]


def _target(scanner: Scanner, default: str | None = None) -> statements.OnObject:
    """ACCOUNT, or a kind and a name; `default` is the kind of a bare name."""
    if scanner.accept("ACCOUNT"):
        return statements.OnObject(BY_WORDS["ACCOUNT"], ())
    if scanner.accept("INTEGRATION"):
        return statements.OnObject(BY_WORDS["STORAGE INTEGRATION"], scanner.take_name())
    words = scanner.accept_one(*PHRASES)
    if not words and default is None:
        raise unsupported(f"object type {scanner.word()} {scanner.word(1)}".rstrip())
    if not words and default is not None:
        name = scanner.take_name()
        return statements.OnObject(BY_WORDS["SCHEMA" if len(name) == 2 else default], name)
    name = () if scanner.at_end() or scanner.word() in ("STARTS", "LIMIT") else scanner.take_name()
    return statements.OnObject(BY_WORDS[words], name)


def _show(scanner: Scanner) -> statements.Statement:
    scanner.expect("SHOW")
    if scanner.accept("GRANTS"):
        return _show_grants(scanner)
    if scanner.accept("FUTURE GRANTS"):
        direction = scanner.accept_one("IN", "TO")
        if not direction:
            raise scanner.unexpected()
        return statements.ShowFutureGrants(direction.lower(), _target(scanner, "ROLE" if direction == "TO" else None))
    if scanner.accept("PARAMETERS"):
        like = scanner.take_string() if scanner.accept("LIKE") else None
        target = None
        if scanner.accept_one("IN", "FOR") and not scanner.accept("SESSION"):
            target = _target(scanner)
        return statements.ShowParameters(like, target)
    terse = scanner.accept("TERSE")
    if scanner.accept("COLUMNS"):
        like = scanner.take_string() if scanner.accept("LIKE") else None
        return statements.ShowColumns(like, _target(scanner, "TABLE") if scanner.accept("IN") else None)
    kind = _plural(scanner)
    if scanner.accept("HISTORY"):
        raise unsupported(f"SHOW {kind.plural} HISTORY")
    like = scanner.take_string() if scanner.accept("LIKE") else None
    container = None
    if scanner.accept("IN"):
        container = _target(scanner, "DATABASE")
        if container.kind.words not in ("ACCOUNT", "DATABASE", "SCHEMA"):
            raise unsupported(f"SHOW {kind.plural} IN {container.kind.words}")
    starts_with = scanner.take_string() if scanner.accept("STARTS WITH") else None
    limit = scanner.take_integer() if scanner.accept("LIMIT") else None
    start_after = scanner.take_string() if limit is not None and scanner.accept("FROM") else None
    return statements.Show(
        kind=kind,
        like=like,
        container=container,
        starts_with=starts_with,
        limit=limit,
        start_after=start_after,
        terse=terse,
    )


def _show_grants(scanner: Scanner) -> statements.Statement:
    direction = scanner.accept_one("ON", "TO", "OF")
    if not direction:
        return statements.ShowGrants("to", None)
    target = _target(scanner, "ROLE" if direction != "ON" else None)
    if direction != "ON" and target.kind.words not in ("ROLE", "DATABASE ROLE", "USER"):
        raise unsupported(f"SHOW GRANTS {direction} {target.kind.words}")
    return statements.ShowGrants(direction.lower(), target)


def _describe(scanner: Scanner) -> statements.Statement:
    scanner.take()
    if not any(scanner.word() == phrase.split()[0] for phrase in (*PHRASES, "INTEGRATION")):
        raise unsupported(f"DESCRIBE {scanner.word()} {scanner.word(1)}".rstrip())
    kind = _kind(scanner, "DESCRIBE")
    name = scanner.take_name()
    if kind.words == "TABLE":
        scanner.accept("TYPE")
        if scanner.accept_symbol("="):
            scanner.expect("COLUMNS")
    return statements.Describe(kind, name)
