"""What one command line said for every verb: where it runs, who answers, how it prints."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.flags import SHARED

if TYPE_CHECKING:
    from reconciler.cli.redact import Redactor
    from reconciler.cli.terminal import Terminal


class Invocation:
    """Shared flags and what follows from them. Everything is made when it is first asked for."""

    def __init__(self, meta: MutableMapping[str, object], environment: Mapping[str, str]) -> None:
        self._meta = meta
        self.environment = environment

    @cached_property
    def directory(self) -> Path:
        """Where the command runs: `--cwd`, else the working directory."""
        return Path(self._text("cwd") or ".").resolve()

    @cached_property
    def terminal(self) -> Terminal:
        """The process's terminal, as `--color` and `--non-interactive` want it."""
        from reconciler.cli.terminal import open_terminal  # `pulumi version` prints without it.

        return open_terminal(
            self._text("color") or "auto",
            non_interactive=self.is_set("non_interactive"),
            environment=self.environment,
        )

    @cached_property
    def redactor(self) -> Redactor:
        """The secrets known so far; errors are masked with it, too."""
        from reconciler.cli.redact import Redactor  # as above

        redactor = Redactor()
        self._meta["redactor"] = redactor
        return redactor

    @property
    def stack_name(self) -> str:
        """`--stack`, "" when the line has none."""
        return self._text("stack")

    @property
    def lock_wait_s(self) -> float:
        """How long to wait for a lock that another run holds."""
        seconds = self._meta.get(f"{SHARED}lock_wait")
        return seconds if isinstance(seconds, float) else 0.0

    @property
    def verbosity(self) -> int | None:
        """How much the developers' log is to say on stderr, None for no such log."""
        if not self.is_set("logtostderr"):
            return None
        verbose = self._meta.get(f"{SHARED}verbose")
        return verbose if isinstance(verbose, int) else 0

    def in_folder(self, folder: Path) -> Invocation:
        """The same command line, run in another directory."""
        return Invocation({**self._meta, f"{SHARED}cwd": str(folder)}, self.environment)

    @property
    def skips_confirmations(self) -> bool:
        """Does the environment say yes to every question?"""
        return self.is_on("PULUMI_SKIP_CONFIRMATIONS")

    def is_on(self, variable: str) -> bool:
        """Does this variable of the environment say yes?"""
        return self.environment.get(variable, "").strip().lower() in ("1", "true", "t", "yes")

    def is_set(self, flag: str) -> bool:
        """Was this shared switch given? Its name is in snake_case."""
        return bool(self._meta.get(f"{SHARED}{flag}"))

    def _text(self, flag: str) -> str:
        value = self._meta.get(f"{SHARED}{flag}")
        return value if isinstance(value, str) else ""
