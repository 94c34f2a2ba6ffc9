"""Threads: two tests at a time on two cores, each with threads of its own for every core, get in each other's way."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports torch; child processes inherit it
