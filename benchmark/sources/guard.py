"""Runs a command and ends it, with every process it started, as soon as whoever asked for it is gone.

Started as a script with the command as its arguments. Its standard input is a pipe that nobody writes to: when the
asking process ends, however it ends, the pipe closes and the command is stopped. Uses the standard library alone.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE = 15.0
"""Seconds between the polite signal and the final one."""


def main() -> int:
    """Run the command in `sys.argv[1:]` until it ends or standard input closes; return its exit code."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    threading.Thread(target=_stop_when_alone, args=(child,), daemon=True).start()
    code = child.wait()
    _signal_group(child, signal.SIGKILL)  # whatever the command left behind
    return code if code >= 0 else 128 - code


def _stop_when_alone(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):
        pass
    _signal_group(child, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE)
    _signal_group(child, signal.SIGKILL)


def _signal_group(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main())
