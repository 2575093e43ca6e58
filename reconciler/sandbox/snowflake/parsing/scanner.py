"""A cursor over the tokens of one statement.

sqlglot's tokenizer knows Snowflake's quoting, comments and `$$`; the grammar
of control statements is in `parser` and `granting`, which read through here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import TokenType

from reconciler.sandbox.snowflake.vocabulary.identifiers import Name
from reconciler.sandbox.snowflake.vocabulary.refusals import RefusedError, syntax


class Sort(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `start` and `end` are offsets in the text, `end` inclusive."""

    sort: Sort
    text: str
    start: int
    end: int


_STRINGS: Final = frozenset(
    {TokenType.STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING, TokenType.NATIONAL_STRING}
)


def tokens_of(sql: str) -> tuple[Token, ...]:
    """The tokens of the text, words of several words taken apart, trailing semicolons dropped.

    Raises:
        RefusedError: an unclosed quote or comment.
    """
    try:
        raw = Snowflake().tokenize(sql)
    except TokenError as error:
        raise syntax(f"syntax error: {error}") from error
    found: list[Token] = []
    for token in raw:
        if token.token_type in _STRINGS:
            found.append(Token(Sort.STRING, token.text, token.start, token.end))
        elif token.token_type == TokenType.IDENTIFIER:
            found.append(Token(Sort.QUOTED, token.text, token.start, token.end))
        elif token.token_type == TokenType.NUMBER:
            found.append(Token(Sort.NUMBER, token.text, token.start, token.end))
        elif token.text[:1].isalpha() or token.text[:1] == "_":
            # "FILE FORMAT" and its like are one token to sqlglot.
            words = token.text.split()
            found.extend(Token(Sort.WORD, word, token.start, token.end) for word in words)
        else:
            found.append(Token(Sort.SYMBOL, token.text, token.start, token.end))
    while found and found[-1].sort is Sort.SYMBOL and found[-1].text == ";":
        found.pop()
    return tuple(found)


class Scanner:
    """Reads tokens from left to right; every `take_` refuses what it does not expect."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = tokens_of(sql)
        self.position = 0

    def peek(self, ahead: int = 0) -> Token | None:
        """The token `ahead` of the cursor; None past the end."""
        index = self.position + ahead
        return self.tokens[index] if index < len(self.tokens) else None

    def word(self, ahead: int = 0) -> str:
        """The unquoted word at the cursor, in upper case; "" when there is none."""
        token = self.peek(ahead)
        return token.text.upper() if token is not None and token.sort is Sort.WORD else ""

    def at_end(self) -> bool:
        """Has everything been read?"""
        return self.position >= len(self.tokens)

    def accept(self, phrase: str) -> bool:
        """Step over the words of the phrase if they are next."""
        words = phrase.split()
        if all(self.word(index) == word for index, word in enumerate(words)):
            self.position += len(words)
            return True
        return False

    def accept_one(self, *phrases: str) -> str:
        """Step over the first phrase that is next and say which; "" for none."""
        return next((phrase for phrase in phrases if self.accept(phrase)), "")

    def expect(self, phrase: str) -> None:
        """Step over the words, or refuse."""
        if not self.accept(phrase):
            raise self.unexpected()

    def is_symbol(self, text: str, ahead: int = 0) -> bool:
        """Is that symbol next?"""
        token = self.peek(ahead)
        return token is not None and token.sort is Sort.SYMBOL and token.text == text

    def accept_symbol(self, text: str) -> bool:
        """Step over the symbol if it is next."""
        if self.is_symbol(text):
            self.position += 1
            return True
        return False

    def expect_symbol(self, text: str) -> None:
        """Step over the symbol, or refuse."""
        if not self.accept_symbol(text):
            raise self.unexpected()

    def take(self) -> Token:
        """The next token, whatever it is."""
        token = self.peek()
        if token is None:
            raise self.unexpected()
        self.position += 1
        return token

    def take_string(self) -> str:
        """A string literal."""
        token = self.peek()
        if token is None or token.sort is not Sort.STRING:
            raise self.unexpected()
        self.position += 1
        return token.text

    def take_integer(self) -> int:
        """A whole number."""
        token = self.peek()
        if token is None or token.sort is not Sort.NUMBER or not token.text.isdigit():
            raise self.unexpected()
        self.position += 1
        return int(token.text)

    def take_part(self) -> str:
        """One identifier, folded."""
        token = self.peek()
        if token is None or token.sort not in (Sort.WORD, Sort.QUOTED):
            raise self.unexpected()
        self.position += 1
        return token.text if token.sort is Sort.QUOTED else token.text.upper()

    def take_name(self) -> Name:
        """A name of one to three parts; `IDENTIFIER('x')` is not known."""
        parts = [self.take_part()]
        while self.is_symbol("."):
            self.position += 1
            parts.append(self.take_part())
        if len(parts) > 3:
            raise syntax(f"invalid identifier '{'.'.join(parts)}'")
        return tuple(parts)

    def expect_end(self) -> None:
        """Nothing may follow."""
        if not self.at_end():
            raise self.unexpected()

    def unexpected(self) -> RefusedError:
        """The refusal that names the token at the cursor."""
        token = self.peek()
        if token is None:
            return syntax("syntax error: unexpected end of the statement")
        line = self.sql.count("\n", 0, token.start) + 1
        column = token.start - (self.sql.rfind("\n", 0, token.start) + 1)
        text = self.sql[token.start : token.end + 1]
        return syntax(f"syntax error line {line} at position {column} unexpected '{text}'.")

    def rest(self) -> str:
        """The text from the cursor to the end, without a trailing semicolon."""
        token = self.peek()
        return self.sql[token.start : self.tokens[-1].end + 1] if token is not None else ""
