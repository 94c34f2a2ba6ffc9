"""Replaying: the plan that drew a run, made again from its record, draws the very same samples."""

from dataclasses import replace

import pytest

import gendiv
from gendiv.benchmark.prompts import prompts_file, write_prompts
from gendiv.benchmark.replaying import replayed
from gendiv.benchmark.run import Job, run_jobs
from gendiv.benchmark.sources.scripted import Scripted
from gendiv.benchmark.store import read_samples, split_file
from gendiv.errors import BadInput

NEWS, FORMAL = "mini-summarisation/news", "mini-instructions/formal"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    plan = {"prompts": 3, "samples": 2, "seed": 5, "select": "random", "select_seed": 9, "metrics": ["length"]}
    decoding = {"temperature": 0.7, "max_tokens": 9}
    out = tmp_path_factory.mktemp("replayed") / "run"
    return gendiv.evaluate(Scripted(), tasks=[NEWS, FORMAL], decoding=decoding, out=out, **plan)


def samples(folder, split):
    return {(sample.prompt, sample.index): sample for sample in read_samples(split_file(folder, split))}


def of_nobody(record):
    """Return the record as if its tasks were somebody's own."""
    splits = tuple(split.model_copy(update={"name": f"own-{split.name}"}) for split in record.splits)
    return record.model_copy(update={"splits": splits})


def own_prompts(run, folder):
    """Copy the prompts of a run to where those of somebody's own tasks are kept."""
    for split in run.record.splits:
        path = prompts_file(folder, f"own-{split.name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(prompts_file(run.folder, split.name).read_text())
    return folder


def test_a_replayed_plan_draws_the_same_samples(run, tmp_path):
    plan = replayed(run.record, None, ["length"])
    again = run_jobs([Job(plan, tmp_path / "again")], Scripted())[0]
    assert again.record.splits == run.record.splits
    assert again.scores.results == run.scores.results
    for split in (NEWS, FORMAL):
        assert samples(again.folder, split) == samples(run.folder, split) != {}


def test_a_part_of_a_plan_draws_the_samples_that_the_whole_one_draws(run, tmp_path):
    wanted = sorted({prompt for prompt, _ in samples(run.folder, NEWS)})[1]
    plan = replayed(run.record, run.folder, ["length"], {NEWS: [wanted]})
    again = run_jobs([Job(plan, tmp_path / "part")], Scripted())[0]
    expected = {key: sample for key, sample in samples(run.folder, NEWS).items() if key[0] == wanted}
    assert samples(again.folder, NEWS) == expected
    assert [split.name for split in again.record.splits] == [NEWS]


def test_prompts_of_a_task_that_is_not_known_here_come_from_the_run_folder(run, tmp_path):
    plan = replayed(of_nobody(run.record), own_prompts(run, tmp_path))
    assert [split.record() for split in plan.splits] == list(of_nobody(run.record).splits)
    known = replayed(run.record, None)
    for ours, theirs in zip(plan.splits, known.splits, strict=True):
        assert ours.asked() == theirs.asked()
        assert {prompt.raw == prompt.message for prompt in ours.prompts} == {True}


def test_prompts_of_a_task_that_has_changed_since_come_from_the_run_folder(run, tmp_path):
    ours = replayed(run.record, None, only={NEWS: [min(samples(run.folder, NEWS))[0]]}).splits[0]
    before = replace(ours, prompts=tuple(replace(one, message="as it was", raw="as it was") for one in ours.prompts))
    record = run.record.model_copy(update={"splits": (before.record(),)})
    with pytest.raises(BadInput, match=r"found other prompts in the task as it is here, and .*prompts keeps none"):
        replayed(record, tmp_path)
    write_prompts(tmp_path, NEWS, before.asked())
    assert replayed(record, tmp_path).splits[0].asked() == before.asked()
    write_prompts(tmp_path, NEWS, ours.asked())
    with pytest.raises(BadInput, match=r"found other prompts in the task as it is here, and .*prompts keeps others"):
        replayed(record, tmp_path)


def test_prompts_that_are_nowhere_are_refused_with_a_way_out(run, tmp_path):
    with pytest.raises(BadInput, match=r"found no such task here .* keeps none; use the version"):
        replayed(of_nobody(run.record), tmp_path)
    with pytest.raises(BadInput, match=r"found no such task here .*; use the version"):
        replayed(of_nobody(run.record), None)


def test_a_wanted_part_that_is_not_in_the_run_is_refused(run):
    with pytest.raises(BadInput, match="mini-summarisation/news: no prompt of the run has the id 'none'"):
        replayed(run.record, None, only={NEWS: ["none"]})
    with pytest.raises(BadInput, match=r"no split 'a/b' is in the run .* it holds mini-summarisation/news, mini-"):
        replayed(run.record, None, only={"a/b": []})
