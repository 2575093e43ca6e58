"""GRANT and REVOKE: their grammar.

Source: Snowflake SQL reference, GRANT <privileges>, GRANT ROLE, GRANT DATABASE
ROLE, GRANT OWNERSHIP, and the REVOKE pages.
"""

from __future__ import annotations

from reconciler.sandbox.snowflake.parsing import statements
from reconciler.sandbox.snowflake.parsing.scanner import Scanner
from reconciler.sandbox.snowflake.vocabulary.kinds import (
    ACCOUNT,
    BY_GRANT_WORD,
    BY_PLURAL,
    BY_WORDS,
    GRANT_PHRASES,
    PLURAL_PHRASES,
    SandboxKind,
)
from reconciler.sandbox.snowflake.vocabulary.refusals import syntax, unsupported


def parse_grant(scanner: Scanner) -> statements.Statement:
    """The statement at a GRANT or REVOKE."""
    revoke = scanner.take().text.upper() == "REVOKE"
    toward = "FROM" if revoke else "TO"
    if scanner.accept("DATABASE ROLE"):
        return _role(scanner, "DATABASE ROLE", toward)
    if scanner.word() == "ROLE":
        scanner.expect("ROLE")
        return _role(scanner, "ROLE", toward)
    if scanner.word() in ("APPLICATION", "INHERITED", "CALLER", "IMPORTED"):
        raise unsupported(f"{'REVOKE' if revoke else 'GRANT'} {scanner.word()} {scanner.word(1)}".rstrip())
    option_only = revoke and scanner.accept("GRANT OPTION FOR")
    privileges = _privileges(scanner)
    scanner.expect("ON")
    target = _target(scanner)
    scanner.expect(toward)
    grantee = _grantee(scanner)
    with_option = not revoke and scanner.accept("WITH GRANT OPTION")
    current_grants = scanner.accept_one("COPY CURRENT GRANTS", "REVOKE CURRENT GRANTS") if not revoke else ""
    if revoke:
        scanner.accept_one("CASCADE", "RESTRICT")
    if "OWNERSHIP" in privileges and (len(privileges) > 1 or with_option):
        raise syntax("OWNERSHIP cannot be combined with other privileges or the grant option")
    return statements.Grant(
        privileges=privileges,
        on=target,
        grantee=grantee,
        with_option=with_option,
        revoke=revoke,
        option_only=option_only,
        current_grants=current_grants.split()[0] if current_grants else "",
    )


def _role(scanner: Scanner, kind: str, toward: str) -> statements.Statement:
    role = statements.Grantee(BY_WORDS[kind], scanner.take_name())
    scanner.expect(toward)
    return statements.GrantRole(role=role, grantee=_grantee(scanner), revoke=toward == "FROM")


def _grantee(scanner: Scanner) -> statements.Grantee:
    words = scanner.accept_one("DATABASE ROLE", "ROLE", "USER")
    if not words and scanner.word() in ("SHARE", "APPLICATION", "CLASS", "INSTANCE"):
        raise unsupported(f"grants to {scanner.word()}")
    # The word ROLE may be left out.
    return statements.Grantee(BY_WORDS[words or "ROLE"], scanner.take_name())


def _privileges(scanner: Scanner) -> tuple[str, ...]:
    """Privileges up to ON: words, with commas between."""
    if scanner.accept("ALL"):
        scanner.accept("PRIVILEGES")
        return ("ALL",)
    found: list[str] = []
    words: list[str] = []
    while scanner.word() != "ON":
        if scanner.accept_symbol(","):
            found.append(" ".join(words))
            words = []
            continue
        if not scanner.word():
            raise scanner.unexpected()
        words.append(scanner.take().text.upper())
    found.append(" ".join(words))
    if not all(found):
        raise scanner.unexpected()
    return tuple(found)


def _plural(scanner: Scanner) -> SandboxKind:
    words = scanner.accept_one(*PLURAL_PHRASES)
    if not words:
        raise unsupported(f"grants on all or future {scanner.word()} {scanner.word(1)}".rstrip())
    return BY_PLURAL[words]


def _target(scanner: Scanner) -> statements.OnObject | statements.OnMany:
    if scanner.accept("ACCOUNT"):
        return statements.OnObject(ACCOUNT, ())
    if scope := scanner.accept_one("ALL", "FUTURE"):
        kind = _plural(scanner)
        scanner.expect("IN")
        container = scanner.accept_one("DATABASE", "SCHEMA")
        if not container:
            raise scanner.unexpected()
        return statements.OnMany(kind, BY_WORDS[container], scanner.take_name(), scope == "FUTURE")
    words = scanner.accept_one(*GRANT_PHRASES)
    if not words:
        raise unsupported(f"grants on {scanner.word()} {scanner.word(1)}".rstrip())
    return statements.OnObject(BY_GRANT_WORD[words], scanner.take_name())
