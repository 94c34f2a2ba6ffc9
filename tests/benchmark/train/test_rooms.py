"""The rooms that trainers share: settings, rows, order of the data, state, log, folder."""

import json
from collections import Counter

import pytest
from tiny_causal import write_rows

from gendiv.benchmark.checkpoint import Checkpoint
from gendiv.benchmark.train.folder import Purpose, TrainingFolder, hash_rows, opened
from gendiv.benchmark.train.log import Log, read_log
from gendiv.benchmark.train.loop import batch_of, micro_batches, steps_of
from gendiv.benchmark.train.reward import RewardSettings
from gendiv.benchmark.train.rows import (
    find_demonstrations,
    find_prompts,
    find_rankings,
    held_out_demonstrations,
    held_out_rankings,
)
from gendiv.benchmark.train.schedule import rate
from gendiv.benchmark.train.settings import Supervised
from gendiv.benchmark.train.sft import SFTSettings
from gendiv.benchmark.train.state import State, last_state, load_state, save_state
from gendiv.errors import BadInput, NotInstalled, StoreFailed
from gendiv.tasks import Demonstration, Lessons, Ranked


def test_the_paper_s_values_are_a_preset():
    sft, reward = SFTSettings.of("kirk2023"), RewardSettings.of("kirk2023")
    assert (sft.learning_rate, sft.batch, sft.epochs, sft.freeze) == (3e-5, 128, 1, 0.8)
    assert (sft.schedule, sft.prompt_tokens, sft.completion_tokens) == ("cosine", 1024, 1024)
    assert (reward.learning_rate, reward.batch, reward.epochs, reward.freeze) == (3e-5, 64, 1, 0.8)


def test_options_go_over_the_file_and_the_file_over_the_preset(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text("learning_rate: 1e-4\nbatch: 7\n")
    found = SFTSettings.of("kirk2023", file, batch=9)
    assert (found.learning_rate, found.batch, found.freeze) == (1e-4, 9, 0.8)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"preset": "kirk"}, "--preset: no preset is called 'kirk': .*kirk2023"),
        ({"learning_rat": 1}, "settings: no setting is called 'learning_rat': .*learning_rate"),
        ({"batch": 0}, "--batch: found 0, which should be greater than or equal to 1"),
        ({"learning_rate": "fast"}, "--learning-rate: found 'fast', which should be a valid number"),
        ({"learning_rate": float("inf")}, "--learning-rate: found inf"),
        ({"schedule": "square"}, "--schedule: found 'square', which should be 'cosine', 'linear' or 'constant'"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(given, said):
    with pytest.raises(BadInput, match=said) as error:
        SFTSettings.of(**given)
    assert "\n" not in str(error.value)


def test_a_wrong_file_of_settings_is_named(tmp_path):
    file = tmp_path / "settings.yaml"
    for text, said in (
        ("- batch", "wanted `setting: value` lines"),
        ("bach: 3", "settings.yaml: no setting is called 'bach'"),
        ("batch: 3\nbatch: 4", "twice"),
    ):
        file.write_text(text)
        with pytest.raises(BadInput, match=said):
            SFTSettings.of("default", file)
    with pytest.raises(BadInput, match="--settings: cannot read"):
        SFTSettings.of("default", tmp_path / "absent.yaml")


def test_settings_on_which_no_weight_depends_are_not_compared():
    assert set(Supervised().model_dump()) - set(Supervised().deciding()) == {
        "save_every",
        "evaluate_every",
        "evaluate_rows",
        "tensorboard",
    }


def test_each_epoch_sees_each_row_once_in_an_order_of_its_own():
    settings = SFTSettings(batch=4, epochs=2, seed=5)
    assert steps_of(10, settings) == 6
    seen = [batch_of(step, 10, settings) for step in range(6)]
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    epochs = [[row for batch in some for row in batch] for some in (seen[:3], seen[3:])]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 2
    assert epochs[0] != epochs[1]
    assert batch_of(4, 10, settings) == seen[4]
    assert batch_of(4, 10, SFTSettings(batch=4, seed=6)) != seen[4]


@pytest.mark.parametrize("processes", [1, 2, 3, 5])
@pytest.mark.parametrize("rows", [1, 4, 7, 12])
def test_processes_share_a_batch_so_that_each_row_counts_once_and_all_have_equally_many_passes(rows, processes):
    lengths = [5, 1, 9, 3, 3, 8, 2, 7, 6, 4, 1, 2]
    parts = [micro_batches(range(rows), lengths, 2, process, processes) for process in range(processes)]
    assert len({len(part) for part in parts}) == 1
    counted = Counter(row for part in parts for places, counts in part if counts for row in places)
    assert counted == Counter(range(rows))
    assert all(1 <= len(places) <= 2 for part in parts for places, _ in part)


def test_the_learning_rate_rises_and_falls():
    assert [rate("constant", step, 5) for step in range(5)] == [1.0] * 5
    assert [rate("linear", step, 4) for step in range(4)] == [1.0, 0.75, 0.5, 0.25]
    risen = [rate("cosine", step, 100, 0.1) for step in range(100)]
    assert risen[:11] == sorted(risen[:11])
    assert risen[10] == 1.0
    assert risen[10:] == sorted(risen[10:], reverse=True)
    assert 0 < risen[-1] < 0.001


def test_rows_come_from_files_by_their_columns(tmp_path):
    file = write_rows(tmp_path / "a.jsonl", [{"prompt": "p", "completion": "c", "other": "x"}])
    assert find_demonstrations([str(file)]) == [Demonstration("p", "c")]
    assert find_prompts([str(file), str(file)]) == ["p", "p"]
    ranked = write_rows(tmp_path / "r.jsonl", [{"prompt": "p", "chosen": "c", "rejected": "r"}])
    assert find_rankings([str(ranked)]) == [Ranked("p", "c", "r")]
    assert held_out_rankings([str(ranked)], [f"far={ranked}", str(ranked)]) == {
        "validation": [Ranked("p", "c", "r")],
        "far": [Ranked("p", "c", "r")],
    }


def test_rows_come_from_lessons_by_name(monkeypatch):
    lessons = Lessons(
        "chalk",
        "a lesson",
        "CC0",
        {"train": lambda: [Demonstration("p", "c")], "validation": lambda: [Demonstration("v", "c")]},
        {
            "far": lambda: [Ranked("f", "c", "r")],
            "train": lambda: [Ranked("p", "c", "r")],
            "validation": lambda: [Ranked("v", "c", "r")],
        },
    )
    monkeypatch.setattr("gendiv.benchmark.train.rows.LESSONS", {"chalk": lessons})
    assert find_demonstrations(["chalk"]) == [Demonstration("p", "c")]
    assert held_out_demonstrations(["chalk"], []) == [Demonstration("v", "c")]
    assert find_rankings(["chalk"]) == [Ranked("p", "c", "r")]
    assert find_prompts(["chalk"]) == ["p"]
    assert list(held_out_rankings(["chalk"], [])) == ["validation", "far"]
    with pytest.raises(BadInput, match=r"have no Demonstration rows called 'test': it has train, validation"):
        find_demonstrations(["chalk"], "test")
    with pytest.raises(BadInput, match=r"no lessons and no file are called 'chalks': .*chalk"):
        find_demonstrations(["chalks"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.jsonl: wanted rows with prompt and completion, found none"),
        ('{"prompt": "p"}\n', "a.jsonl:1: wanted the columns prompt and completion, found prompt"),
        (
            '{"prompt": "p", "completion": "c"}\n\n{"prompt": "p", "completion": 3}\n',
            "a.jsonl:3: wanted a text as completion",
        ),
        ('{"prompt": "p", "completion": " "}\n', "a.jsonl:1: wanted a text as completion"),
        ('{"prompt": "p", "completion": "c"}\n{"prompt"', "a.jsonl:2: wanted a JSON object"),
    ],
)
def test_a_malformed_file_of_rows_is_named_with_its_line(text, said, tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text(text)
    with pytest.raises(BadInput, match=said):
        find_demonstrations([str(file)])


def test_two_equal_answers_cannot_be_ranked(tmp_path):
    file = write_rows(tmp_path / "r.jsonl", [{"prompt": "p", "chosen": "c", "rejected": "c"}])
    with pytest.raises(BadInput, match=r"r.jsonl:1: chosen and rejected are the same text"):
        find_rankings([str(file)])


def test_the_last_state_is_kept_whole_and_a_torn_one_is_not_taken_for_it(tmp_path):
    torch = pytest.importorskip("torch")
    weights = {"a": torch.tensor([1.0, 2.0])}
    assert load_state(tmp_path / "state") is None
    for step in (5, 12):
        save_state(tmp_path / "state", State(step, weights, {"x": 1}, {"score": [1.5]}))
    (tmp_path / "state" / ".step.1").write_bytes(b"half")  # of a process that was killed while it wrote
    found = load_state(tmp_path / "state")
    assert (found.step, found.optimizer, found.extra) == (12, {"x": 1}, {"score": [1.5]})
    assert torch.equal(found.weights["a"], weights["a"])
    assert last_state(tmp_path / "state").name == "step-00000012.pt"
    last_state(tmp_path / "state").write_bytes(b"damaged")
    with pytest.raises(StoreFailed, match="wanted a state of a training"):
        load_state(tmp_path / "state")


def test_the_log_is_cut_back_to_the_step_that_is_gone_on_from(tmp_path):
    log = Log(tmp_path, 0)
    for step in (1, 2, 3):
        log.write(step, {"loss": step / 2, "nothing": None})
    log.close()
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    log = Log(tmp_path, 2)
    log.write(3, {"loss": 9.0})
    log.close()
    assert [(row["step"], row["loss"]) for row in read_log(tmp_path)] == [(1, 0.5), (2, 1.0), (3, 9.0)]
    (tmp_path / "log.jsonl").write_text('x\n{"step": 1}\n')
    with pytest.raises(StoreFailed, match=r"log.jsonl:1: wanted a row of a log"):
        read_log(tmp_path)


def test_tensorboard_is_asked_for_where_it_is_missing(tmp_path, monkeypatch):
    import importlib.util

    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorboard" else there(name))
    with pytest.raises(NotInstalled, match="pip install tensorboard"):
        Log(tmp_path, 0, tensorboard=True)


def test_a_folder_is_trained_into_by_one_process_at_a_time(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    purpose = Purpose("sft", SFTSettings(), Checkpoint(str(model)), {"train": hash_rows([Demonstration("p", "c")])})
    out = tmp_path / "out"
    first, second = TrainingFolder(out, purpose), TrainingFolder(out, purpose)
    with opened(first), pytest.raises(StoreFailed, match="in use by another training"):
        second.open()
    record = json.loads((out / "training" / "settings.json").read_text())
    assert record["settings"]["learning_rate"] == 2e-5
    assert record["finished"] is None
    (out / "training" / "settings.json").write_text("[]")
    with pytest.raises(BadInput, match="no record of a training"):
        TrainingFolder(out, purpose)
