"""Logs made by the real tools are read: lm-eval's are made here, those of inspect_ai and lighteval lie beside.

`data/inspect_ai-*` were written by inspect_ai 0.3.285: two inputs, three epochs, mockllm/model answering "answer 0",
"answer 1", ... in turn, the fifth answer in parts. `data/lighteval-*` were written by `EvaluationTracker.save` of
lighteval 0.13.0: three documents with four texts each, and the same documents scored by log-likelihoods.
"""

import gzip
import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from gendiv.benchmark.formats import inspect_ai, lighteval, lm_eval
from gendiv.benchmark.formats.row import Bad, Row
from gendiv.errors import BadInput, NotInstalled

DATA = Path(__file__).parent / "data"
EVAL = DATA / "inspect_ai-0.3.285.eval"
JSON = DATA / "inspect_ai-0.3.285.json.gz"
POEMS = [
    Row("7", None, ("answer 1 ", "answer 3 " + "long " * 30, "answer 5 ")),
    Row("a/b c_epoch_\u00e9", "Say hi", ("answer 0 ", "answer 2 ", "part 4\nmore")),
]


@pytest.fixture(scope="module")
def lm_eval_logs(tmp_path_factory):
    """The folder lm-eval writes its logs into, from a stub that answers with a number."""
    with pytest.MonkeyPatch.context() as offline:
        folder = tmp_path_factory.mktemp("lm_eval")
        offline.setenv("HF_HUB_OFFLINE", "1")
        offline.setenv("HF_DATASETS_CACHE", str(folder / "cache"))
        evaluate_a_stub(folder)
    return next((folder / "out").iterdir())


def evaluate_a_stub(folder):
    from lm_eval import simple_evaluate
    from lm_eval.api.model import LM
    from lm_eval.loggers import EvaluationTracker

    class Numbers(LM):
        asked = 0

        def generate_until(self, requests):
            for request in requests:
                self.asked += 1
                yield f"{self.asked}: [{request.args[0]}]"

        def loglikelihood(self, requests):
            return [(-1.5, True) for _ in requests]

        def loglikelihood_rolling(self, requests):
            return [-3.5 for _ in requests]

    data = folder / "data.json"
    data.write_text(json.dumps([{"q": "Say hi", "a": "x"}, {"q": "Nom d'\u00e9t\u00e9", "a": "y"}]))
    shared = {
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data)}},
        "test_split": "test",
        "doc_to_text": "{{q}}",
    }
    poems = {
        "task": "poems",
        "output_type": "generate_until",
        "doc_to_target": "{{a}}",
        "repeats": 4,
        "generation_kwargs": {"until": ["\n\n"], "do_sample": True, "temperature": 1.0},
        "filter_list": [
            {"name": name, "filter": [{"function": "take_first"}]} for name in ("as-is", "the-same-under-another-name")
        ],
        "metric_list": [{"metric": "exact_match"}],
    }
    choices = {
        "task": "choices",
        "output_type": "multiple_choice",
        "doc_to_target": 0,
        "doc_to_choice": ["u", "v"],
        "metric_list": [{"metric": "acc"}],
    }
    rolling = {
        "task": "rolling",
        "output_type": "loglikelihood_rolling",
        "doc_to_target": "{{q}}",
        "doc_to_text": "",
        "metric_list": [{"metric": "word_perplexity"}],
    }
    tracker = EvaluationTracker(output_path=str(folder / "out"))
    tasks = [shared | task for task in (poems, choices, rolling)]
    results = simple_evaluate(Numbers(), tasks=tasks, log_samples=True, evaluation_tracker=tracker, bootstrap_iters=0)
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for task, rows in samples.items():
        tracker.save_results_samples(task_name=task, samples=rows)


def test_lm_eval_logs_hold_every_repeat_of_a_document_once(lm_eval_logs):
    (log,) = lm_eval_logs.glob("samples_poems_*.jsonl")
    assert len(log.read_text().splitlines()) == 4
    assert list(lm_eval.read(log, Bad())) == [
        Row("0", "Say hi", tuple(f"{number}: [Say hi]" for number in (1, 2, 3, 4))),
        Row("1", "Nom d'\u00e9t\u00e9", tuple(f"{number}: [Nom d'\u00e9t\u00e9]" for number in (5, 6, 7, 8))),
    ]


@pytest.mark.parametrize("task", ["choices", "rolling"])
def test_lm_eval_logs_of_log_likelihoods_hold_no_text(task, lm_eval_logs):
    (log,) = lm_eval_logs.glob(f"samples_{task}_*.jsonl")
    with pytest.raises(BadInput, match=":1: wanted generated text, found log-likelihoods"):
        list(lm_eval.read(log, Bad()))


def logged(**changes):
    request = {"arg_0": "Say hi", "arg_1": {"until": []}}
    return {"doc_id": 0, "arguments": {"gen_args_0": request}, "resps": [["a", "b"]], "filter": "none"} | changes


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"doc_id": 1}, "wanted a row of lm-eval with doc_id and resps, found doc_id"),
        (logged(doc_id=None), "wanted a row of lm-eval"),
        (logged(), "the doc_id 0 was there before"),
        (logged(doc_id=1, arguments=[["Say hi"]]), "wanted the arguments of the requests"),
        (logged(doc_id=1, arguments={}), "wanted the arguments of the requests"),
        (logged(doc_id=1, resps="a"), "wanted resps to hold a list for each request, found 'a'"),
        (logged(doc_id=1, resps=["a"]), "wanted resps to hold a list for each request"),
        (logged(doc_id=1, resps=[[]]), r"wanted texts in resps, found \[\[\]\]"),
        (logged(doc_id=1, resps=[["a", None]]), "wanted texts in resps"),
        (
            logged(doc_id=1, arguments={name: {"arg_0": name, "arg_1": {}} for name in "ab"}, resps=[["x"], ["y"]]),
            "wanted one prompt for a document, found 2 requests",
        ),
    ],
    ids=str,
)
def test_a_bad_row_of_lm_eval_stops_the_reading_or_is_counted(row, reason, tmp_path):
    path = tmp_path / "samples_x.jsonl"
    path.write_text("\n".join(map(json.dumps, [logged(), row, logged(doc_id=2, filter="other"), logged(doc_id=3)])))
    with pytest.raises(BadInput, match=f":2: {reason}"):
        list(lm_eval.read(path, Bad()))
    bad = Bad(skip=True)
    assert [row.id for row in lm_eval.read(path, bad)] == ["0", "3"]
    assert bad.count == 1


def test_a_chat_logged_by_lm_eval_has_its_json_as_the_prompt(tmp_path):
    chat = '[{"role": "user", "content": "Say hi"}]'
    path = tmp_path / "samples_x.jsonl"
    path.write_text(json.dumps(logged(arguments={"gen_args_0": {"arg_0": [chat], "arg_1": {}}})))
    assert list(lm_eval.read(path, Bad())) == [Row("0", chat, ("a", "b"))]


def test_inspect_ai_json_logs_hold_the_epochs_of_each_sample():
    assert list(inspect_ai.read(JSON, Bad())) == POEMS


def test_inspect_ai_archives_hold_the_same():
    pytest.importorskip("zstandard")
    assert sorted(inspect_ai.read(EVAL, Bad()), key=lambda row: row.id) == POEMS


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python's own zipfile unpacks Zstandard")
def test_an_archive_packed_by_zstandard_names_what_reads_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(NotInstalled, match="is packed by Zstandard, and reading it needs: pip install zstandard"):
        list(inspect_ai.read(EVAL, Bad()))


def test_a_member_that_is_damaged_is_bad(tmp_path):
    pytest.importorskip("zstandard")
    path = tmp_path / "log.eval"
    shutil.copy(EVAL, path)
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("samples/7_epoch_2.json")
    data = bytearray(path.read_bytes())
    data[member.header_offset + 100] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"7_epoch_2.json: wanted a whole member, found it damaged"):
        list(inspect_ai.read(path, Bad()))
    bad = Bad(skip=True)
    assert [len(row.samples) for row in sorted(inspect_ai.read(path, bad), key=lambda row: row.id)] == [2, 3]
    assert bad.count == 1


@pytest.fixture
def archive(tmp_path):
    """Pack the samples of the real log by deflate, as inspect_ai did before, with some of them changed."""

    def pack(change=lambda sample: sample):
        log = json.loads(gzip.decompress(JSON.read_bytes()))
        path = tmp_path / "log.eval"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("header.json", json.dumps({"version": 2, "status": "success"}))
            for sample in reversed(log["samples"]):
                changed = change(sample)
                packed.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(changed))
        return path

    return pack


def test_the_order_of_the_members_does_not_matter(archive):
    assert sorted(inspect_ai.read(archive(), Bad()), key=lambda row: row.id) == POEMS


def choice(content):
    return {"message": {"role": "assistant", "content": content}}


@pytest.mark.parametrize(
    ("change", "texts"),
    [
        ({"output": {"choices": [choice("x"), choice("y")]}}, ("x", "y")),
        ({"output": {"choices": [choice("attachment://ab")]}, "attachments": {"ab": "kept apart"}}, ("kept apart",)),
        ({"output": {"choices": [choice("attachment://ab")]}}, ("attachment://ab",)),
        ({"output": {"choices": [choice([{"type": "image", "image": "data:"}])]}}, ("",)),
    ],
    ids=["several choices", "attachment", "a text like one", "no text part"],
)
def test_what_was_said_in_an_epoch_is_every_choice_as_text(change, texts, archive):
    path = archive(lambda sample: sample | change if (sample["id"], sample["epoch"]) == (7, 2) else sample)
    rows = {row.id: row.samples for row in inspect_ai.read(path, Bad())}
    assert rows["7"] == ("answer 1 ", *texts, "answer 5 ")


FAILED = {
    "output": {"model": "m", "choices": [], "completion": ""},
    "error": {"message": "TimeoutError(\n" + "long " * 40},
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (FAILED, r"wanted an answer, found none in epoch 2 of 7 \(TimeoutError\( long [long ]{90,110}\)$"),
        (FAILED | {"error": None}, r"found none in epoch 2 of 7 \(no error was logged\)"),
        ({"output": None}, "wanted a sample with id, epoch and output"),
        ({"epoch": "2"}, "wanted a sample with id, epoch and output"),
        ({"output": {"choices": [{}]}}, "wanted a message with a text, found None"),
        ({"output": {"choices": [choice([{"type": "text"}])]}}, "wanted a message with a text"),
    ],
    ids=str,
)
def test_an_epoch_without_an_answer_stops_the_reading_or_is_counted(change, reason, archive, tmp_path):
    def changed(sample):
        return sample | change if (sample["id"], sample["epoch"]) == (7, 2) else sample

    log = json.loads(gzip.decompress(JSON.read_bytes()))
    text = tmp_path / "log.json"
    text.write_text(json.dumps(log | {"samples": [changed(sample) for sample in log["samples"]]}, indent=2))
    line = text.read_text().splitlines().index('      "epoch": 2,') - 1 if "epoch" not in change else None
    for path, where in ((archive(changed), "samples/7_epoch_2.json"), (text, str(line) if line else r"\d+")):
        with pytest.raises(BadInput, match=f"^{path}:{where}: .*{reason}"):
            list(inspect_ai.read(path, Bad()))
        bad = Bad(skip=True)
        rows = {row.id: row.samples for row in inspect_ai.read(path, bad)}
        assert rows["7"] == ("answer 1 ", "answer 5 ")
        assert bad.count == 1


def test_an_archive_that_ends_early_is_refused(tmp_path):
    path = tmp_path / "log.eval"
    path.write_bytes(EVAL.read_bytes()[:5000])
    with pytest.raises(BadInput, match="wanted a log of inspect_ai, found a damaged archive"):
        list(inspect_ai.read(path, Bad()))


def test_lighteval_details_hold_every_text_of_a_document():
    prompts = ["Say hi", "Name a colour", "Count"]
    assert list(lighteval.read(DATA / "lighteval-0.13.0-generative.parquet", Bad())) == [
        Row(str(number), prompt, tuple(f"{prompt}: text {text} \u00e9" for text in range(4)))
        for number, prompt in enumerate(prompts)
    ]


def test_lighteval_details_of_log_likelihoods_hold_no_text():
    path = DATA / "lighteval-0.13.0-choices.parquet"
    with pytest.raises(BadInput, match=f"^{path}: row 1: wanted generated text, found none"):
        list(lighteval.read(path, Bad()))


def details(*rows):
    return [{"doc": {"id": id, "query": "q"}, "model_response": {"text": texts}} for id, texts in rows]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((None, ["a"]), "wanted a document with an id"),
        (("2", []), "wanted generated text, found none"),
        (("2", None), "wanted generated text, found none"),
        (("2", ["a", None]), "wanted texts in model_response.text"),
        (("1", ["a"]), "the id '1' was there before"),
    ],
    ids=str,
)
def test_a_bad_row_of_lighteval_stops_the_reading_or_is_counted(row, reason, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    from pyarrow import Table

    path = tmp_path / "details.parquet"
    parquet.write_table(Table.from_pylist(details(("1", ["a"]), row, ("3", ["b", ""]))), path)
    with pytest.raises(BadInput, match=f"^{path}: row 2: {reason}"):
        list(lighteval.read(path, Bad()))
    bad = Bad(skip=True)
    assert [row.samples for row in lighteval.read(path, bad)] == [("a",), ("b", "")]
    assert bad.count == 1


def test_parquet_that_is_damaged_or_of_another_layout_is_refused(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    from pyarrow import Table

    path = tmp_path / "details.parquet"
    path.write_bytes((DATA / "lighteval-0.13.0-generative.parquet").read_bytes()[:-100])
    with pytest.raises(BadInput, match="wanted a whole Parquet file, found a damaged one"):
        list(lighteval.read(path, Bad()))
    parquet.write_table(Table.from_pylist([{"predictions": ["a"], "full_prompt": "q"}]), path)
    with pytest.raises(BadInput, match=r"with doc.id; found columns predictions, full_prompt"):
        list(lighteval.read(path, Bad()))


def test_without_pyarrow_the_command_that_brings_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(NotInstalled, match="reading it needs: pip install pyarrow"):
        list(lighteval.read(DATA / "lighteval-0.13.0-generative.parquet", Bad()))
