"""A scorer: the reward of answers, which reads texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ....errors import TrainingFailed
from .generation import Draws

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Pair: TypeAlias = tuple[str, str]
Reward: TypeAlias = Callable[[Sequence[Pair]], Sequence[float]]
"""Prompts with answers in, a score for each out."""


@dataclass(frozen=True, eq=False)
class Scorer:
    """The reward, which reads texts: answers without their end token."""

    reward: Reward
    tokenizer: "PreTrainedTokenizerBase"

    def answers(self, draws: Draws) -> list[str]:
        """Return the texts of answers."""
        rows = [tokens[here].tolist() for tokens, here in zip(draws.tokens.cpu(), draws.mask.cpu(), strict=True)]
        return list(self.tokenizer.batch_decode(rows, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    def scores(self, prompts: Sequence[str], answers: Sequence[str]) -> list[float]:
        """Return the score of each answer.

        Raises:
            TrainingFailed: one has none.
        """
        scores = [float(score) for score in self.reward(list(zip(prompts, answers, strict=True)))]
        if len(scores) != len(answers):
            raise TrainingFailed(f"the reward gave {len(scores)} scores to {len(answers)} answers; wanted one for each")
        for prompt, answer, score in zip(prompts, answers, scores, strict=True):
            if not abs(score) < float("inf"):
                raise TrainingFailed(
                    f"the reward of {answer[:60]!r}, an answer to {prompt[-60:]!r}, is {score}; wanted a finite "
                    "number; the last good state is kept: mend the reward and give the same command again"
                )
        return scores
