"""Decoding: checked when made, whole in its signature, and part of every sample's key."""

from dataclasses import asdict, fields, replace

import pytest

from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.keys import Keyring, prompt_seed
from gendiv.benchmark.sources.source import Model
from gendiv.errors import BadInput

OTHER = {
    "temperature": 0.5,
    "top_p": 0.5,
    "top_k": 5,
    "min_p": 0.5,
    "repetition_penalty": 1.5,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "max_tokens": 5,
    "stop": ("x",),
    "prompt_tokens": 5,
}
MODEL = Model("s", "n", "script", "f", chat_template="t")


def key(model=MODEL, format="chat", decoding=None, text="p", index=0, seed=0):
    return Keyring(model, format, decoding or Decoding()).of_prompt(text).of_sample(index, seed)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("temperature", [0, 5], [-0.1, 5.1, float("nan"), float("inf")]),
        ("top_p", [1, 0.01], [0, 1.01, -1, float("nan")]),
        ("top_k", [None, 1], [0, -1]),
        ("min_p", [0, 0.99], [1, -0.1, float("nan")]),
        ("repetition_penalty", [0.1, 10], [0, 11, float("nan")]),
        ("presence_penalty", [-2, 2], [-2.1, 2.1, float("nan")]),
        ("frequency_penalty", [-2, 2], [-2.1, 2.1, float("nan")]),
        ("max_tokens", [1], [0, -1]),
        ("stop", [(), ("a",)], [("",), ("a", "")]),
        ("prompt_tokens", [None, 1], [0, -1]),
    ],
)
def test_a_value_out_of_range_is_named_with_what_was_wanted(name, good, bad):
    for value in good:
        assert getattr(Decoding(**{name: value}), name) == value
    for value in bad:
        with pytest.raises(BadInput, match=f"^{name}: wanted .*, found"):
            Decoding(**{name: value})


def test_nothing_is_cut_unless_asked():
    assert asdict(Decoding(max_tokens=1)) == {
        "temperature": 1.0,
        "top_p": 1.0,
        "top_k": None,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "max_tokens": 1,
        "stop": (),
        "prompt_tokens": None,
    }


def test_every_field_moves_the_signature_and_the_key():
    assert OTHER.keys() == {field.name for field in fields(Decoding)}
    changed = [replace(Decoding(), **{name: value}) for name, value in OTHER.items()]
    assert len({decoding.signature for decoding in (Decoding(), *changed)}) == len(OTHER) + 1
    assert len({key(decoding=decoding) for decoding in (Decoding(), *changed)}) == len(OTHER) + 1


def test_stops_that_look_alike_have_signatures_of_their_own():
    stops = [("a", "b"), ("a+b",), ("a'+'b",), ("ab",), ("none",), ()]
    assert len({Decoding(stop=stop).signature for stop in stops}) == len(stops)


def test_everything_that_decides_a_sample_moves_its_key():
    others = [
        key(model=replace(MODEL, fingerprint="g")),
        key(model=replace(MODEL, chat_template="u")),
        key(format="raw"),
        key(text="q"),
        key(index=1),
        key(seed=1),
    ]
    assert len({key(), *others}) == len(others) + 1


def test_a_chat_template_decides_nothing_about_plain_text():
    assert key(format="raw") == key(model=replace(MODEL, chat_template="u"), format="raw")


def test_seeds_differ_by_run_split_and_prompt_and_fit_31_bits():
    seeds = {prompt_seed(run, split, prompt) for run in range(3) for split in "ab" for prompt in "xyz"}
    assert len(seeds) == 18
    assert all(0 <= seed < 2**30 for seed in seeds)
