"""Benchmark: the machine that puts tasks to models: sources, sampling, the run record, scoring, statistics."""
