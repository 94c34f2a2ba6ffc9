"""The guard: no server outlives whoever asked for it, however that one ends."""

import os
import select
import signal
import subprocess
import sys

import pytest

from gendiv.benchmark.sources import guard

SERVER = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
child.wait()
"""
ASKER = f"""
import subprocess, sys
guarded = subprocess.Popen(
    [sys.executable, {guard.__file__!r}, sys.executable, "-c", {SERVER!r}],
    stdin=subprocess.PIPE, start_new_session=True,
)
print(guarded.pid, flush=True)
guarded.wait()
"""


def ended(descriptor):
    """Tell whether a process ends within a time that its grace period does not reach."""
    return bool(select.select([descriptor], [], [], 10)[0])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_and_its_children_end_when_the_asking_process_is_killed(number):
    asker = subprocess.Popen([sys.executable, "-c", ASKER], stdout=subprocess.PIPE, text=True)
    watched = [os.pidfd_open(int(pid)) for _ in range(2) for pid in asker.stdout.readline().split()]
    assert len(watched) == 3  # the guard, the server, the server's child
    asker.send_signal(number)
    asker.wait()
    asker.stdout.close()
    for descriptor in watched:
        assert ended(descriptor)
        os.close(descriptor)


def guarded(program):
    return subprocess.Popen(
        [sys.executable, guard.__file__, sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_server_that_ends_by_itself_hands_its_exit_code_on_and_leaves_no_child():
    process = guarded(SERVER.replace("child.wait()", "sys.exit(7)"))
    child = os.pidfd_open(int(process.stdout.readline().split()[1]))
    assert process.wait(10) == 7
    assert ended(child)
    os.close(child)
    process.stdin.close()
    process.stdout.close()


def test_a_server_is_asked_politely_first():
    process = guarded(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: (print('tidied', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    assert process.stdout.readline() == "up\n"
    process.stdin.close()
    assert process.stdout.readline() == "tidied\n"
    assert process.wait(10) == 0
    process.stdout.close()
