"""PPO: a language model learns to answer so that a reward is high, without going far from what it was (RLHF).

A step draws an answer to each prompt of a batch, scores it, says how good each token was (advantages), and goes over
the batch a few times, making good tokens likelier within limits. Shapes: B answers of a process, T tokens each.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import BadInput
from ..progress import Progress, Silent
from .folder import Purpose, TrainingFolder, hash_rows, opened
from .learner import Learner, make_accelerator
from .loop import Outcome, finished, go_through
from .networks import adapt, find_base, load_policy, load_tokenizer, save_network, trunk
from .reinforcement import estimators
from .reinforcement.critics import make_critic
from .reinforcement.early_warning import Change, Look
from .reinforcement.experience import Experience, Tally, measure
from .reinforcement.frozen import find_frozen
from .reinforcement.generation import Draws, draw
from .reinforcement.kl_control import KLControl
from .reinforcement.policy import Policy, Reading, check_head, readings
from .reinforcement.ppo_settings import PPOSettings
from .reinforcement.prompts import Prompts
from .reinforcement.reference import Reference
from .reinforcement.scorer import Reward, Scorer
from .reinforcement.shaping import shaped_scores, token_rewards
from .reinforcement.vllm_rollouts import VLLMRollouts, no_server
from .seeds import generator, order


def train_ppo(
    model: str,
    prompts: Sequence[str],
    reward: Reward,
    *,
    out: Path | str,
    reward_name: str = "",
    reward_model: str | None = None,
    held_out: Sequence[str] = (),
    settings: PPOSettings | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Train a causal language model by PPO, and write a checkpoint that `vllm:` and `hf:` serve.

    Args:
        model: folder, or hub id with @revision; also the reference that KL is measured from.
        prompts: to be answered; each step takes the next ones, in an order anew for each time round.
        reward: scores answers.
        out: the folder; the same call on it goes on after an interruption, and returns at once when it is finished.
        reward_name: what names the reward: a folder is never gone on with under another one.
        reward_model: folder or hub id that a separate value network starts from (`value_from="reward"`).
        held_out: prompts that are watched and not trained on.
        settings: the defaults unless given.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; the last good state is kept.
    """
    settings, progress = settings or PPOSettings(), progress or Silent()
    if not prompts:
        raise BadInput("--data: wanted prompts to train on, found none")
    base = find_base(model)
    accelerator = make_accelerator()
    _check_processes(settings, accelerator)
    data = {"train": hash_rows(prompts), "held_out": hash_rows(held_out)}
    more = {"reward": reward_name, "value": (reward_model or "") if settings.value_from == "reward" else ""}
    purpose = Purpose("ppo", settings, base, data, more)
    folder = TrainingFolder(Path(out), purpose, main=accelerator.is_main_process)
    if done := finished(folder):
        return done
    tokenizer = load_tokenizer(base)
    network = load_policy(base)
    learned, watched = (Prompts.of(some, tokenizer, network.config, settings) for some in (prompts, held_out))
    network = adapt(network, settings)
    critic = make_critic(network, settings, reward_model, len(tokenizer))
    policy = Policy(network, tokenizer.eos_token_id, temperature=settings.temperature, critic=critic)
    with opened(folder):
        learner = Learner(policy, settings, settings.steps * settings.optimiser_steps, folder.state, accelerator)
        with learner.arithmetic():
            check_head(policy, learned.tokens[0])
            policy.frozen = find_frozen(trunk(policy.bare), learned.tokens[0])
        reference = Reference(policy)  # before weights are read back
        learner.resume()
        told = progress if learner.main else Silent()
        where = base.location, base.revision
        with VLLMRollouts(policy, where, settings, progress) if settings.rollouts == "vllm" else no_server() as server:
            ppo = PPO(learner, reference, Scorer(reward, tokenizer), learned, watched, server)
            metrics = go_through(
                learner,
                folder,
                ppo.step,
                lambda last: ppo.watch(told),
                told,
                updates=settings.optimiser_steps,
                from_start=True,
                remember=ppo.remembered,
            )
        if learner.main:
            folder.save(
                lambda place: save_network(network, tokenizer, place, settings.dtype),
                {"steps": settings.steps, "metrics": metrics},
            )
        accelerator.wait_for_everyone()
    return Outcome(Path(out), settings.steps, metrics)


class PPO:
    """The trainer: each `step` is a `draw`, an `experience` and a `learn`; now and then it has a `watch`."""

    def __init__(
        self,
        learner: Learner,
        reference: Reference,
        scorer: Scorer,
        prompts: Prompts,
        held_out: Prompts,
        server: VLLMRollouts | None = None,
    ) -> None:
        self.learner = learner
        self.policy: Policy = learner.plain  # type: ignore[assignment]  # what the learner was made of
        self.reference = reference
        self.scorer = scorer
        self.prompts, self.held_out = prompts, held_out
        self.server = server
        self.settings: PPOSettings = learner.settings  # type: ignore[assignment]  # likewise
        self.control = KLControl(
            learner.extra.get("kl_coefficient", self.settings.kl_coefficient),
            self.settings.kl_target,
            self.settings.kl_horizon,
        )
        self.first = Look.of_json(learner.extra["first"]) if learner.extra.get("first") else None
        self.warned = bool(learner.extra.get("warned", False))

    def step(self, number: int) -> tuple[dict[str, Any], int]:
        """Draw a batch of answers, learn from it, and return what was measured, and the tokens drawn."""
        began = time.perf_counter()
        draws, scores = self.draw(number)
        drawn = time.perf_counter()
        experience = self.experience(draws, scores)
        found = measure(experience, self.policy.end, self.learner.sum)
        found["kl_coefficient"] = self.control.coefficient
        found |= self.learn(number, experience)
        self.control.update(found["kl"], self.settings.batch)
        ended = time.perf_counter()
        found["tokens_per_second"] = found["tokens"] / (ended - began)
        found["drawing_share"] = (drawn - began) / (ended - began)
        return found, found["tokens"]

    def draw(self, number: int) -> tuple[Draws, Tensor]:
        """Draw an answer to each of this process's prompts of a step, and have them scored."""
        settings, learner = self.settings, self.learner
        rows = rows_of(number, len(self.prompts.texts), settings)[learner.process :: learner.processes]
        noise = torch.rand(settings.batch, settings.max_tokens, generator=generator(settings.seed, "answers", number))[
            learner.process :: learner.processes
        ]
        tokens = [self.prompts.tokens[row] for row in rows]
        draws = self.server.draw(tokens, number) if self.server else self.sample(tokens, noise)
        scores = self.scorer.scores([self.prompts.texts[row] for row in rows], self.scorer.answers(draws))
        return draws, torch.tensor(scores, device=self.policy.device)

    def sample(self, tokens: Sequence[Sequence[int]], noise: Tensor) -> Draws:
        """Draw answers by the policy as it is now."""
        settings = self.settings
        with self.learner.arithmetic():
            return draw(self.policy, tokens, noise, min_tokens=settings.min_tokens, at_once=settings.rollout_batch)

    @torch.no_grad()
    def experience(self, draws: Draws, scores: Tensor) -> Experience:
        """Say how good each token of each answer was."""
        settings, mask = self.settings, draws.mask
        reference = self.remember(draws)
        old, entropies, values = self.recall(draws)
        kl = estimators.kl_estimate(old, reference, settings.kl_estimator) * mask
        shaped = shaped_scores(
            scores,
            draws.lengths,
            draws.ended(self.policy.end),
            clip=settings.reward_clip,
            missing_end=settings.missing_eos_penalty,
            length=settings.length_penalty,
            longest=settings.max_tokens,
        )
        rewards = token_rewards(shaped, mask, kl if settings.kl_as == "reward" else None, self.control.coefficient)
        advantages = estimators.gae(rewards, values, mask, settings.discount, settings.trace)  # (B, T)
        returns = advantages + values
        if settings.whiten:
            advantages = estimators.whiten(advantages, mask, self.learner.sum)
        return Experience(draws, scores, old, reference, entropies, values, returns, advantages)

    def remember(self, draws: Draws) -> Tensor:
        """Return the reference's log-probabilities (B, T), and keep what frozen blocks make of answers on the way."""
        rows, found = range(len(draws.prompts)), torch.zeros(draws.mask.shape, device=draws.mask.device)
        longest = max(map(len, draws.prompts)) + draws.mask.shape[1]
        kept: Tensor | None = None
        for reading in self.read(draws, rows, self.settings.rollout_batch):
            with self.learner.arithmetic(), self.reference.noting() as noted:
                found.view(-1)[reading.cells] = self.reference.log_probabilities(reading).float()
            for states in noted:
                kept = states.new_zeros(len(rows), longest, states.shape[2]) if kept is None else kept
                kept[reading.rows, : states.shape[1]] = states
        draws.kept = kept
        return found

    def recall(self, draws: Draws) -> tuple[Tensor, Tensor, Tensor]:
        """Return log-probabilities, entropies and values of answers, read anew where drawing left none."""
        own = self.policy.critic is not None and self.policy.critic.trunk is not None
        exact = self.settings.dtype == "float32" and draws.log_probabilities is not None
        if exact and not own:
            assert draws.log_probabilities is not None and draws.entropies is not None and draws.values is not None  # noqa: S101
            return draws.log_probabilities, draws.entropies, draws.values
        if exact:
            assert draws.log_probabilities is not None and draws.entropies is not None  # noqa: S101
            return draws.log_probabilities, draws.entropies, self.over(draws, self.policy.worth)
        found = [torch.zeros(draws.mask.shape, device=draws.mask.device) for _ in range(3)]
        for reading in self.read(draws, range(len(draws.prompts)), self.settings.rollout_batch):
            with self.learner.arithmetic():
                view = self.policy.view(reading, entropy=True)
            for whole, part in zip(found, view, strict=True):
                assert part is not None  # noqa: S101  entropies are asked for, and there is a critic
                whole.view(-1)[reading.cells] = part.float()
        return found[0], found[1], found[2]

    def over(self, draws: Draws, of: Callable[[Reading], Tensor]) -> Tensor:
        """Return what a function says of each token of all answers: (B, T)."""
        found = torch.zeros(draws.mask.shape, device=draws.mask.device)
        for reading in self.read(draws, range(len(draws.prompts)), self.settings.rollout_batch):
            with self.learner.arithmetic():
                found.view(-1)[reading.cells] = of(reading).float()
        return found

    def read(self, draws: Draws, rows: Sequence[int], size: int) -> list[Reading]:
        """Return some of the answers, laid out for forward passes."""
        return list(
            readings(
                draws.prompts,
                draws.tokens,
                draws.mask,
                rows,
                size,
                min_tokens=self.settings.min_tokens,
                kept=draws.kept,
            )
        )

    def learn(self, number: int, experience: Experience) -> dict[str, Any]:
        """Go over a batch `ppo_epochs` times, each time in minibatches anew; an optimiser step each."""
        settings, learner = self.settings, self.learner
        own, size = len(experience.scores), settings.minibatch // learner.processes
        tally = Tally(experience.mask.device)
        done: dict[str, float] = {}
        for epoch in range(settings.ppo_epochs):
            shuffled = torch.randperm(own, generator=generator(settings.seed, "passes", number, epoch)).tolist()
            for start in range(0, own, size):
                rows = shuffled[start : start + size]
                tokens = float(learner.sum(experience.mask[rows].sum().float()))  # of all processes
                done = learner.optimise(
                    self.read(experience.draws, rows, settings.micro_batch),
                    lambda reading, tokens=tokens: self.loss(experience, reading, tokens, tally),  # type: ignore[misc]
                )
        visits = settings.ppo_epochs * float(learner.sum(experience.mask.sum().float()))
        return {**tally.means(learner.sum, visits), **done}

    def loss(self, experience: Experience, reading: Reading, tokens: float, tally: "Tally") -> Tensor:
        """Return what some answers add to the loss: sums over their tokens, divided by the whole minibatch's tokens."""
        settings, at = self.settings, reading.cells
        entropy = settings.entropy_coefficient > 0
        new, entropies, values = self.learner.network(
            reading.tokens, reading.places, reading.targets, reading.early, reading.kept, entropy
        )  # (N,) each
        old, advantages = experience.old.view(-1)[at], experience.advantages.view(-1)[at]
        policy, clipped = estimators.policy_loss(new, old, advantages, settings.clip)
        before, returns = experience.values.view(-1)[at], experience.returns.view(-1)[at]
        value = estimators.value_loss(values, before, returns, settings.value_clip)
        total = policy.sum() + settings.value_coefficient * value.sum()
        if settings.kl_as == "loss":
            kl = estimators.kl_estimate(new, experience.reference.view(-1)[at], settings.kl_estimator)
            total = total + self.control.coefficient * kl.sum()
        if entropy:
            total = total - settings.entropy_coefficient * entropies.sum()
        tally.add(policy_loss=policy, value_loss=value, clipped=clipped, policy_kl=(new - old).square() / 2)
        return total / tokens

    def watch(self, progress: Progress) -> dict[str, Any]:
        """Look at held-out prompts if there are any, and say so if diversity has fallen before reward has risen."""
        if not self.held_out.texts:
            return {}
        look = self.look()
        self.first = self.first or look
        change = Change.between(self.first, look)
        if change.alarming and not self.warned:
            self.warned = True
            progress.note(change.warning(self.learner.step // self.settings.optimiser_steps))
        return {**change.to_json(), "watch_alarm": change.alarming}

    def look(self) -> Look:
        """Draw and score several answers to each held-out prompt, with the same noise at each look."""
        from accelerate.utils import gather_object

        settings, learner = self.settings, self.learner
        prompts, each = min(settings.watch_prompts, len(self.held_out.texts)), settings.watch_samples
        noise = torch.rand(prompts, each, settings.max_tokens, generator=generator(settings.seed, "watch"))
        mine = range(learner.process, prompts, learner.processes)
        answers: list[str] = []
        scores: list[float] = []
        if mine:
            draws = self.sample(
                [self.held_out.tokens[row] for row in mine for _ in range(each)], noise[mine].flatten(0, 1)
            )
            answers = self.scorer.answers(draws)
            scores = self.scorer.scores([self.held_out.texts[row] for row in mine for _ in range(each)], answers)
        part = [
            (row, answers[place * each : (place + 1) * each], scores[place * each : (place + 1) * each])
            for place, row in enumerate(mine)
        ]
        whole = sorted(gather_object(part) if learner.processes > 1 else part)
        return Look.at([some for _, some, _ in whole], [some for _, _, some in whole])

    def remembered(self) -> dict[str, Any]:
        """Return what a resumed training has to know beside weights and optimiser."""
        return {
            "kl_coefficient": self.control.coefficient,
            "first": self.first.to_json() if self.first else None,
            "warned": self.warned,
        }


def rows_of(number: int, rows: int, settings: PPOSettings) -> list[int]:
    """Return the prompts of a step: the next of an endless row, each time round in another order.

    >>> settings = PPOSettings(batch=2, minibatch=2)
    >>> sorted(rows_of(0, 3, settings) + rows_of(1, 3, settings)[:1])
    [0, 1, 2]
    """
    found: list[int] = []
    first = number * settings.batch
    while len(found) < settings.batch:
        turn, place = divmod(first + len(found), rows)
        found += order(settings.seed, turn, rows)[place : place + settings.batch - len(found)]
    return found


def _check_processes(settings: PPOSettings, accelerator: Any) -> None:  # noqa: ANN401  an Accelerator
    if settings.minibatch % accelerator.num_processes:
        raise BadInput(
            f"--minibatch: wanted a multiple of the {accelerator.num_processes} processes, found {settings.minibatch}"
        )
    if settings.rollouts == "vllm" and accelerator.num_processes > 1:
        raise BadInput("--rollouts vllm works with one process; launch one, or pass --rollouts hf")
