"""Running a coroutine to its end, wherever the caller is: in a script, in a notebook, in a thread."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def to_the_end(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end, in scripts and in notebooks; SIGTERM ends it as tidily as Ctrl-C does."""

    async def guarded() -> T:
        task = asyncio.current_task()
        if task is not None and threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(guarded())
    with ThreadPoolExecutor(max_workers=1) as beside:  # a notebook's loop is running in this thread
        return beside.submit(asyncio.run, guarded()).result()
