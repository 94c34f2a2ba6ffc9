"""Runs with grades set by hand, so that scores and gaps can be counted by hand."""

import gendiv
from gendiv.benchmark.grades import write_grades
from gendiv.benchmark.run import Run
from gendiv.benchmark.samples import read_split
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.metrics import WinRate

ID, NEAR, FAR = "mini-instructions/everyday", "mini-instructions/formal", "mini-instructions/sequential"
WIN_RATE = WinRate(judge="hand")


def graded_run(folder, grades, metric=WIN_RATE, **plan):
    """Draw a run of as many prompts a split as have grades, and score them by the grades.

    Args:
        folder: of the run.
        grades: by split, one for each prompt in the order of their ids.
        metric: that reads them.
        **plan: as `gendiv.evaluate` takes it.
    """
    count = max(map(len, grades.values()))
    plan = {"samples": 1, "prompts": count, "metrics": ["length"], **plan}
    run = gendiv.evaluate(Scripted(), tasks=list(grades), out=folder, **plan)
    for split, values in grades.items():
        names = [row.id for row in read_split(run.folder, split, 1).rows]
        write_grades(run.folder, split, metric.signature, dict(zip(names, ([value] for value in values), strict=False)))
    gendiv.score(run.folder, metrics=[metric])
    return Run.load(run.folder)


def grades_in(folder, split):
    """Return the grades that count: by prompt, then by metric."""
    return {row.id: row.grades for row in read_split(folder, split, 1).rows}
