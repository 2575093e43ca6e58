"""Where does output go, may questions be asked, and is it coloured?"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from reconciler import errors
from reconciler.cli.render.colours import Mode, Painter

# What build servers set.
_BUILD_SERVERS = ("CI", "BUILD_ID", "BUILDKITE", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """The three streams and what they are.

    Attributes:
        interactive: a person is there to answer.
        live: lines that were written may be rewritten.
    """

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    interactive: bool
    live: bool
    painter: Painter

    def write(self, text: str) -> None:
        """Print on stdout as it is; what no encoding of the stream can say is replaced."""
        _write(self.stdout, text)

    def warn(self, text: str) -> None:
        """Print a line on stderr."""
        _write(self.stderr, f"{text}\n")

    def ask(self, question: str) -> str:
        """Ask for a line; "" at the end of the input.

        Raises:
            UsageError: nobody is there to answer.
        """
        self._require_person(question)
        self.write(question)
        self.stdout.flush()
        return self.stdin.readline().rstrip("\r\n")

    def ask_secret(self, question: str) -> str:
        """Ask for a line without showing it.

        Raises:
            UsageError: nobody is there to answer.
        """
        self._require_person(question)
        return getpass.getpass(question, stream=self.stderr)

    def _require_person(self, question: str) -> None:
        if not self.interactive:
            raise errors.UsageError(f"cannot ask {question.strip()!r} in non-interactive mode")


def open_terminal(colour: str, *, non_interactive: bool, environment: Mapping[str, str]) -> Terminal:
    """The process's terminal. `colour`: `always`, `never`, `raw` or `auto`."""
    is_person = sys.stdin.isatty() and sys.stdout.isatty()
    on_build_server = any(environment.get(name) not in (None, "", "false", "0") for name in _BUILD_SERVERS)
    return Terminal(
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
        interactive=is_person and not non_interactive and not on_build_server,
        live=sys.stdout.isatty() and not non_interactive and environment.get("TERM") != "dumb" and not on_build_server,
        painter=Painter(_mode(colour, environment)),
    )


def _mode(colour: str, environment: Mapping[str, str]) -> Mode:
    if colour != "auto":
        return Mode(colour)
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb" or not sys.stdout.isatty():
        return Mode.NEVER
    return Mode.ALWAYS


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()
