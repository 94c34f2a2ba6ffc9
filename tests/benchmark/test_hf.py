"""`hf:`: a tiny random model drawn by transformers in this process, with nothing of its own defaults in the way."""

import asyncio
import json

import pytest

from gendiv.benchmark.decoding import Decoding
from gendiv.benchmark.open import open_source
from gendiv.benchmark.sources.source import Refused, Request, SourceOptions
from gendiv.errors import BadInput, SourceFailed

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

WORDS = [f"w{number}" for number in range(60)]
CONTEXT = 48
TEMPLATE = (
    "{% for message in messages %}{{ message['content'] }}{% endfor %}{% if add_generation_prompt %} w0{% endif %}"
)


def save_model(folder, generation=None, template=TEMPLATE):
    """Save a Llama of two thin layers and random weights, with a tokeniser of sixty words."""
    from tokenizers import Tokenizer, decoders
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    vocabulary = {word: number for number, word in enumerate(["<unk>", "</s>", *WORDS, "abcdef"])}
    # transformers learns from "abcdef" how tokens join, wherever a stop string is given
    words = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = WhitespaceSplit()
    words.decoder = decoders.WordPiece(prefix="##")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="<unk>",
        eos_token="</s>",
        pad_token="</s>",
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=CONTEXT,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=1,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    (folder / "generation_config.json").write_text(
        json.dumps({"eos_token_id": 1, "pad_token_id": 1, **(generation or {})})
    )
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENDIV_CACHE", str(tmp_path / "cache"))


def draw(model, *requests, options=None):
    async def drawing():
        async with open_source(f"hf:{model}", options) as source:
            return [await source.draw(request) for request in requests]

    return asyncio.run(drawing())


def request(text="w1 w2 w3", n=8, seed=5, format="raw", **decoding):
    return Request(text, format, Decoding(**{"max_tokens": 12, **decoding}), n, seed)


def texts(answer):
    return [choice.text for choice in answer.choices]


def test_one_request_gives_n_different_samples(model):
    (answer,) = draw(model, request())
    assert len(answer.choices) == len(set(texts(answer))) == 8
    assert answer.prompt_tokens == 3
    assert 0 < answer.completion_tokens <= 8 * 12


def test_a_seed_gives_the_same_samples_again_and_another_seed_others(model):
    one, other, again = draw(model, request(), request(seed=6), request())
    (afterwards,) = draw(model, request())
    assert texts(one) == texts(again) == texts(afterwards)
    assert texts(one) != texts(other)


def test_sampling_leaves_no_trace_of_what_was_drawn_before(model):
    _, after = draw(model, request(seed=9, n=3), request())
    (first,) = draw(model, request())
    assert texts(after) == texts(first)


def test_a_stop_string_ends_a_sample_and_stays_out_of_it(model):
    (free,) = draw(model, request(n=16))
    stop = free.choices[0].text.split()[4]
    (answer,) = draw(model, request(n=16, stop=(stop,)))
    assert not any(stop in text for text in texts(answer))
    assert answer.choices[0].finish_reason == "stop"
    assert free.choices[0].text.startswith(answer.choices[0].text.strip())


def test_a_sample_that_uses_up_its_budget_says_so(model):
    (answer,) = draw(model, request(max_tokens=2, n=16))
    for choice in answer.choices:
        assert choice.finish_reason == ("length" if len(choice.text.split()) == 2 else "stop")
    assert "length" in {choice.finish_reason for choice in answer.choices}


def test_a_prompt_longer_than_the_context_is_refused_and_the_next_is_answered(model):
    async def drawing():
        async with open_source(f"hf:{model}") as source:
            with pytest.raises(Refused, match=f"40 tokens; with max_tokens 12 the model's context of {CONTEXT}"):
                await source.draw(request(" ".join(["w1"] * 40)))
            return await source.draw(request(" ".join(["w1"] * 36)))

    assert len(asyncio.run(drawing()).choices) == 8


def test_a_prompt_longer_than_its_budget_loses_its_beginning(model):
    long, end = request("w9 w8 w7 w1 w2 w3", prompt_tokens=3, temperature=0, n=1), request(temperature=0, n=1)
    cut, whole = draw(model, long, end)
    assert cut.prompt_tokens == 3
    assert texts(cut) == texts(whole)


def test_a_prompt_budget_leaves_room_for_the_answer_in_a_small_context(model):
    (answer,) = draw(model, request(" ".join(["w1"] * 70), prompt_tokens=1000))
    assert answer.prompt_tokens == CONTEXT - 12


@pytest.mark.parametrize(
    "generation",
    [{"top_k": 1}, {"top_p": 0.01}, {"temperature": 0.01, "do_sample": True}, {"max_length": 5}, {"num_beams": 3}],
    ids=str,
)
def test_a_generation_config_of_the_checkpoint_does_not_leak(generation, model, tmp_path):
    (answer,) = draw(save_model(tmp_path / "leaky", generation), request())
    assert texts(answer) == texts(draw(model, request())[0])


def test_what_is_asked_for_does_cut(model):
    (answer,) = draw(model, request(top_k=1))
    assert len(set(texts(answer))) == 1
    (greedy,) = draw(model, request(temperature=0.0, n=1))
    assert texts(greedy) == texts(answer)[:1]


def test_a_chat_prompt_goes_through_the_template(model):
    (chat, raw) = draw(model, request(format="chat"), request("w1 w2 w3 w0"))
    assert texts(chat) == texts(raw)
    assert chat.prompt_tokens == 4


def test_a_checkpoint_without_a_template_is_refused_for_chat_before_anything_is_drawn(tmp_path):
    bare = save_model(tmp_path / "bare", template=None)

    with pytest.raises(BadInput, match="has no chat template: pass --format raw or --chat-template FILE"):
        open_source(f"hf:{bare}").require("chat", Decoding())
    open_source(f"hf:{bare}").require("raw", Decoding())
    (tmp_path / "template").write_text(TEMPLATE)
    open_source(f"hf:{bare}", SourceOptions(chat_template=str(tmp_path / "template"))).require("chat", Decoding())


def test_penalties_that_transformers_does_not_know_are_refused_before_anything_is_drawn(model):
    with pytest.raises(BadInput, match="know no presence or frequency penalty"):
        open_source(f"hf:{model}").require("raw", Decoding(presence_penalty=0.5))


def test_the_fingerprint_follows_weights_and_dtype_and_not_the_place(model, tmp_path):
    same, other = save_model(tmp_path / "same"), save_model(tmp_path / "other")
    weights = other / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")

    def fingerprint(folder, dtype="auto"):
        return open_source(f"hf:{folder}", SourceOptions(dtype=dtype)).model.fingerprint

    assert fingerprint(model) == fingerprint(same)
    assert len({fingerprint(model), fingerprint(other), fingerprint(model, "bfloat16")}) == 3


def test_damaged_weights_are_one_line(tmp_path):
    damaged = save_model(tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(SourceFailed, match="transformers cannot load") as refusal:
        draw(damaged, request())
    assert "\n" not in str(refusal.value)
