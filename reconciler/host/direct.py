"""The door for a program in this process: a service's coroutines as the methods of a gRPC stub.

No socket, and nothing is serialised. The SDK calls a stub's methods as functions
that wait, from worker threads of its loop's executor. `MonitorCalls` is that
executor: a call that goes to the engine occupies no thread while it is under way.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

import grpc

from reconciler.host.refusals import RefusedError, refusal, unserved

P = ParamSpec("P")
T = TypeVar("T")

# Of the answers that wait, one in so many is given at a time: few, so that the others' resources do not wait.
_SHARE: Final = 4
# A program that keeps its loop busy by itself still gets its answers.
_MOST_PASSES: Final = 50
# Where the SDK makes the functions that it has a worker thread call: each makes one call of the monitor, and no more.
_SDK_CALLS: Final = "pulumi.runtime._context"


class MonitorCalls(ThreadPoolExecutor):
    """The executor of the program's loop: the SDK's calls of the monitor need no thread, anything else has one.

    A function of the SDK's is run on the loop itself. Where it calls the monitor it is left, and run once more when
    the engine has answered: then its call returns at once. Hundreds of registrations may wait at the same time, and
    starting and waking a thread for each costs more than the engine's work on it.
    """

    def __init__(self, engine: asyncio.AbstractEventLoop, most_threads: int, thread_prefix: str) -> None:
        super().__init__(max_workers=most_threads, thread_name_prefix=thread_prefix)
        self._local = threading.local()
        self._answers = Answers(engine)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function; the loop awaits what this gives."""
        if getattr(fn, "__module__", "") != _SDK_CALLS:
            return super().submit(fn, *args, **kwargs)
        loop = asyncio.get_running_loop()
        outcome: Future[T] = Future()
        # As of a thread that began: it cannot be cancelled any more.
        outcome.set_running_or_notify_cancel()

        def again(answer: Future[Any]) -> None:
            self._local.answer = answer
            try:
                outcome.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  # told where it is awaited
                outcome.set_exception(error)
            finally:
                self._local.answer = None

        self._local.may_leave = True
        try:
            outcome.set_result(fn(*args, **kwargs))
        except _Left as left:
            left.answer.add_done_callback(lambda answer: self._answers.add(partial(again, answer), loop))
        except BaseException as error:  # noqa: BLE001  # told where it is awaited
            outcome.set_exception(error)
        finally:
            self._local.may_leave = False
        return outcome

    def wait_for(self, serve: Callable[[Any], Any], request: Any, loop: asyncio.AbstractEventLoop) -> Any:
        """The answer of one call; leaves the caller when it is to be run again with the answer."""
        answer: Future[Any] | None = getattr(self._local, "answer", None)
        if answer is not None:
            return answer.result()
        under_way = asyncio.run_coroutine_threadsafe(serve(request), loop)
        if getattr(self._local, "may_leave", False):
            raise _Left(under_way)
        return under_way.result()


class Answers:
    """The engine's answers on their way to the program: one, and the next when what came of it is under way.

    Given all at once, a hundred chains of resources would go through the SDK in step, and the first could register
    its next resource no sooner than the last; their calls would go out, and come back, together ever after. So the
    program takes an answer in and registers what it waited with. Then the engine has its turn: the interpreter runs
    one thread at a time, and does not hand over by itself while the other has something to do.
    """

    def __init__(self, engine: asyncio.AbstractEventLoop) -> None:
        self._engine = engine
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._is_under_way = False

    def add(self, give: Callable[[], None], program: asyncio.AbstractEventLoop) -> None:
        """Have an answer given on the program's loop. From any thread."""
        with self._lock:
            self._waiting.append(give)
            if self._is_under_way:
                return
            self._is_under_way = True
        self._go_on(program)

    def _go_on(self, program: asyncio.AbstractEventLoop) -> None:
        # A program that was left to itself may have closed its loop.
        with suppress(RuntimeError):
            program.call_soon_threadsafe(self._give, program)

    def _give(self, program: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            share = [self._waiting.popleft() for _ in range(1 + len(self._waiting) // _SHARE) if self._waiting]
            if not share:
                self._is_under_way = False
                return
        for give in share:
            give()
        program.call_soon(self._hand_over, program, 1)

    def _hand_over(self, program: asyncio.AbstractEventLoop, passes: int) -> None:
        # The SDK, too, knows the loop by this: it pumps it while it waits in a synchronous call.
        is_busy = bool(getattr(program, "_ready", ()))
        if is_busy and passes < _MOST_PASSES:
            program.call_soon(self._hand_over, program, passes + 1)
            return
        try:
            self._engine.call_soon_threadsafe(self._go_on, program)
        except RuntimeError:
            # The run is over, and its loop closed.
            self._go_on(program)


class _Left(BaseException):
    """Not an error: a function was left where it would wait. The SDK catches exceptions, and must not catch this."""

    def __init__(self, answer: Future[Any]) -> None:
        super().__init__()
        self.answer = answer


class Direct:
    """Stands for the stub of one service, whose coroutines run on the engine's loop."""

    def __init__(self, service: object, loop: asyncio.AbstractEventLoop, calls: MonitorCalls) -> None:
        self._service = service
        self._loop = loop
        self._calls = calls

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        serve = getattr(self._service, name, None)

        def call(request: Any) -> Any:
            if serve is None:
                raise unserved(name)
            if self._loop.is_closed():
                # A program that went on after its run was stopped.
                raise RefusedError(grpc.StatusCode.UNAVAILABLE, "the run is over")
            try:
                return self._calls.wait_for(serve, request, self._loop)
            except Exception as error:
                # The cause stays: the host finds the engine's own error there, and shows that.
                raise refusal(error) from error

        return call
