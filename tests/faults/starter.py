"""Starts `pulumi` processes fast: has everything imported, and forks one whenever a line on standard input asks for it.

A line in is a JSON object with `arguments`, `folder`, `environment`, `log`, and what goes wrong with its writes: `at`
which of them, counted from 0, and `wrong`, a signal's name or the name of an error that the system gives from then on;
or `limit_bytes`, how large a file may be. Lines out are an empty one when it is ready, the process's id, then its exit
status, as `os.waitpid` has it. One run at a time.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any

CHANGES = ("write", "fsync", "replace", "unlink")


def main() -> None:
    """Serve until standard input ends."""
    # What a run imports while it runs. Importing starts no thread, so that forking is safe.
    import grpc.aio  # noqa: F401
    import obstore  # noqa: F401
    import pulumi.provider  # noqa: F401

    import reconciler.cli.conductor
    import reconciler.host.direct
    import reconciler.host.monitor
    import reconciler.host.program
    import reconciler.providers.plugins.client
    import reconciler.providers.plugins.pool  # noqa: F401
    from reconciler.cli import main as command

    answers = os.fdopen(os.dup(1), "w", buffering=1)
    answers.write("\n")
    for line in sys.stdin:
        asked = json.loads(line)
        process = os.fork()
        if process == 0:
            _run(command, asked)
        answers.write(f"{process}\n")
        answers.write(f"{os.waitpid(process, 0)[1]}\n")


def _run(command: Any, asked: Mapping[str, Any]) -> None:
    code = 99
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        if asked.get("limit_bytes"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (asked["limit_bytes"], asked["limit_bytes"]))
        if asked.get("wrong"):
            _spoil_writes(asked["at"], asked["wrong"])
        code = command.run(asked["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _spoil_writes(at: int, wrong: str) -> None:
    """From the `at`-th on, whatever changes a file for good is refused, or ends the process before it is done."""
    writes = itertools.count()
    turn = threading.Lock()

    def spoilt(change: Any) -> Any:
        def instead(*arguments: Any, **named: Any) -> Any:
            with turn:
                if next(writes) >= at:
                    if wrong.startswith("SIG"):
                        os.kill(os.getpid(), signal.Signals[wrong])
                        signal.pause()
                    raise OSError(getattr(errno, wrong), os.strerror(getattr(errno, wrong)))
            return change(*arguments, **named)

        return instead

    for name in CHANGES:
        setattr(os, name, spoilt(getattr(os, name)))


if __name__ == "__main__":
    main()
