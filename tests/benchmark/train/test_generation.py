"""Answers drawn from a policy: their distribution, their probabilities, and that neighbours do not matter."""

import pytest
from tiny_causal import tiny_causal

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from gendiv.benchmark.train.networks import adapt, find_base, load_policy  # noqa: E402
from gendiv.benchmark.train.reinforcement.critics import make_critic  # noqa: E402  after torch is known to be there
from gendiv.benchmark.train.reinforcement.generation import draw, pick  # noqa: E402
from gendiv.benchmark.train.reinforcement.policy import Policy, readings  # noqa: E402
from gendiv.benchmark.train.reinforcement.ppo_settings import PPOSettings  # noqa: E402

KINDS = ["llama", "gpt_neox", "gpt2", "opt"]
END = 2
PROMPTS = [[1, 5, 6, 7], [1, 9], [1, 4, 5, 6, 8, 9, 10, 11], [1, 12, 4], [1]]


def made(folder, kind="llama", **given):
    settings = PPOSettings(batch=4, minibatch=4, **given)
    network = adapt(load_policy(find_base(str(tiny_causal(folder, kind, spread=0.3)))), settings)
    critic = make_critic(network, settings, None, 10)
    return Policy(network, END, temperature=settings.temperature, critic=critic)


def noise(rows, tokens, seed=0):
    return torch.rand(rows, tokens, generator=torch.Generator().manual_seed(seed))


def test_tokens_are_picked_as_often_as_they_are_likely():
    chances = torch.tensor([0.5, 0.0, 0.3, 0.2])
    found = pick(chances.expand(20000, 4), noise(20000, 1)[:, 0])
    counts = torch.bincount(found, minlength=4)
    assert counts[1] == 0
    expected = chances[[0, 2, 3]] * 20000
    assert float(((counts[[0, 2, 3]] - expected) ** 2 / expected).sum()) < 13.8  # chi^2 of 2 degrees, p 0.001


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_noted_while_drawing_is_what_a_forward_pass_says(kind, tmp_path):
    policy = made(tmp_path / "m", kind)
    draws = draw(policy, PROMPTS * 6, noise(30, 20), min_tokens=0, at_once=12)
    assert len(set(draws.lengths.tolist())) > 1
    for row, prompt in enumerate(draws.prompts):  # each alone, by transformers
        answer = draws.tokens[row][draws.mask[row]].tolist()
        with torch.no_grad():
            logits = policy.network(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1]
        chances = logits.log_softmax(-1)
        alone = chances[range(len(answer)), answer]
        assert draws.log_probabilities[row][draws.mask[row]].tolist() == pytest.approx(alone.tolist(), abs=1e-4)
        entropies = -(chances.exp() * chances).sum(-1)
        assert draws.entropies[row][draws.mask[row]].tolist() == pytest.approx(entropies.tolist(), abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_learners_reading_says_the_same_again_values_included(kind, tmp_path):
    policy = made(tmp_path / "m", kind, temperature=0.7, min_tokens=3)
    draws = draw(policy, PROMPTS, noise(5, 12), min_tokens=3, at_once=8)
    for size in (1, 2, 5):
        found = [torch.zeros(draws.mask.shape) for _ in range(3)]
        for reading in readings(PROMPTS, draws.tokens, draws.mask, range(5), size, min_tokens=3):
            with torch.no_grad():
                for whole, part in zip(found, policy.view(reading, entropy=True), strict=True):
                    whole.view(-1)[reading.cells] = part
        for whole, noted in zip(found, (draws.log_probabilities, draws.entropies, draws.values), strict=True):
            assert torch.allclose(whole, noted, atol=1e-4)
    assert float(draws.values.abs().sum()) > 0


def test_an_answer_ends_at_its_first_end_token_and_no_earlier_than_asked(tmp_path):
    policy = made(tmp_path / "m")
    free = draw(policy, PROMPTS * 80, noise(400, 12), min_tokens=0, at_once=64)
    late = draw(policy, PROMPTS * 80, noise(400, 12), min_tokens=5, at_once=64)
    assert 0 < float(free.ended(END).float().mean()) < 1
    assert int(free.lengths.min()) < 6
    assert int(late.lengths.min()) >= 6
    for draws in (free, late):
        ends = (draws.tokens == END) & draws.mask
        assert torch.equal(ends.sum(1) > 0, draws.ended(END))
        assert bool((ends.sum(1) <= 1).all())
        assert bool((draws.lengths[~draws.ended(END)] == 12).all())


def test_neighbours_and_number_at_once_change_no_answer(tmp_path):
    policy = made(tmp_path / "m")
    together = draw(policy, PROMPTS, noise(5, 12), min_tokens=0, at_once=5)
    for row, prompt in enumerate(PROMPTS):
        alone = draw(policy, [prompt], noise(5, 12)[row : row + 1], min_tokens=0, at_once=1)
        assert alone.tokens[0][alone.mask[0]].tolist() == together.tokens[row][together.mask[row]].tolist()


def test_answers_come_from_the_distribution_at_the_temperature(tmp_path):
    policy = made(tmp_path / "m", temperature=0.5)
    draws = draw(policy, [[1, 5, 6]] * 4000, noise(4000, 1), min_tokens=0, at_once=4000)
    with torch.no_grad():
        chances = torch.softmax(policy.network(torch.tensor([[1, 5, 6]])).logits[0, -1] / 0.5, -1)
    found = torch.bincount(draws.tokens[:, 0], minlength=len(chances)) / 4000
    assert float((found - chances).abs().sum()) < 0.12


def test_dropout_stays_off_whatever_mode_is_asked(tmp_path):
    policy = made(tmp_path / "m", "gpt2")  # which has dropout of 0.1
    reading = next(readings([[1, 5]], torch.tensor([[6, 7]]), torch.ones(1, 2, dtype=torch.bool), [0], 1))
    policy.train()
    assert torch.equal(policy.view(reading).log_probabilities, policy.view(reading).log_probabilities)


@pytest.mark.parametrize("kind", KINDS)
def test_computing_activations_twice_changes_no_gradient(kind, tmp_path):
    gradients = []
    for twice in (False, True):
        policy = made(tmp_path / str(twice), kind, gradient_checkpointing=twice)
        policy.train()
        reading = next(readings([[1, 5]], torch.tensor([[6, 7]]), torch.ones(1, 2, dtype=torch.bool), [0], 1))
        policy.view(reading).log_probabilities.sum().backward()
        gradients.append({name: one.grad for name, one in policy.named_parameters() if one.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    assert all(torch.allclose(gradients[0][name], gradients[1][name], atol=1e-5) for name in gradients[0])
