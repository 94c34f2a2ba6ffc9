"""Graded: metrics whose numbers somebody else gave, sample by sample: a judge, a reward model."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from .metric import Cost, Direction, Level, Metric, Undefined
from .texts import FloatArray, IntArray, Texts

RewardFormat: TypeAlias = Literal["raw", "chat"]
RewardEnding: TypeAlias = Literal["eos", "none", "template"]


@dataclass(frozen=True)
class Graded(Metric):
    """A metric that averages grades; its settings name who gave them, so that two graders are never mixed."""

    levels: ClassVar[tuple[Level, ...]] = ("per_input",)
    cost: ClassVar[Cost] = "cpu"

    def graded(self, grades: FloatArray) -> float:
        """Return the value of one input from the grades of its samples, NaN where one could not be given.

        Raises:
            Undefined: there is no grade.
        """
        there = grades[~np.isnan(grades)]
        if not there.size:
            raise Undefined("no sample of the input could be graded" if grades.size else "the set has no samples")
        return float(there.mean())

    def value(self, texts: Texts, members: IntArray) -> float:  # noqa: ARG002  there is nothing to compute from
        """Raise `Undefined`: without grades there is no value."""
        raise Undefined(f"{self.name} needs grades of this input, and the run folder keeps none of {self.signature}")


@dataclass(frozen=True)
class WinRate(Graded):
    """Share of comparisons that a judge decides for the model: a win counts 1, a draw 1/2, a loss 0.

    Source: AlpacaEval (Li et al., 2023), and Kirk et al. (2024), who call it "preference versus reference"; here each
    comparison is asked in both orders unless `orders` says otherwise, and the two answers are averaged.

    Range: 0 (every comparison lost) to 1 (every one won); 0.5 is a draw with the opponent.
    Unit: wins per comparison.
    Direction: higher is better.
    Undefined: for no samples, and where no answer of the judge could be read.
    Settings: `judge` is the judge's name and fingerprint, `questions` the set of questions with its version, `opponent`
    "reference" or the name and fingerprint of another model, `orders` "both" or "random" (one order, drawn from the
    prompt, as AlpacaEval does), `judged` how many samples of each prompt were judged.
    Edge cases: answers that cannot be read are left out of the mean; their share stands in the judge's report.
    Do not use: without that report (`gendiv judge`): a judge that always says "A" gives every model 0.5 in both orders.

    One comparison won, one drawn, one that could not be read: the mean of 1 and 1/2:

    >>> import numpy as np
    >>> from gendiv.metrics.graded import WinRate
    >>> WinRate(judge="j").graded(np.array([1.0, 0.5, np.nan]))
    0.75
    """

    name: ClassVar[str] = "win_rate"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "wins per comparison"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    direction: ClassVar[Direction] = "higher_is_better"

    judge: str = ""
    questions: str = ""
    opponent: str = "reference"
    orders: str = "both"
    judged: int = 1


@dataclass(frozen=True)
class LengthControlledWinRate(WinRate):
    """Win rate had the model's answers been as long as its opponent's, by a logistic model of win against length.

    Source: Dubois et al. (2024), "Length-Controlled AlpacaEval", in a generic form without the difficulty of single
    prompts: logit(win) = a + b tanh(standardised difference of lengths), and the value is its prediction at equal
    lengths, the logistic of a.

    Range: 0 to 1; 0.5 is a draw with the opponent.
    Unit: wins per comparison.
    Direction: higher is better.
    Undefined: for no samples, where no answer of the judge could be read, and where fewer than 5% of the samples, or
    than three, are as short as their opponents, or as long: nothing then says what equal lengths would do.
    Settings: those of `win_rate`.
    Edge cases: the value of one input is what that input makes of the whole (the value plus how far the input pulls
    it), so single values may lie outside 0 to 1; their mean is the value, and their spread gives the interval.
    Do not use: where length is what was asked for, or on fewer than some dozens of comparisons.

    >>> import numpy as np
    >>> from gendiv.metrics.graded import LengthControlledWinRate
    >>> LengthControlledWinRate(judge="j").graded(np.array([0.625]))
    0.625
    """

    name: ClassVar[str] = "win_rate_lc"


@dataclass(frozen=True)
class Reward(Graded):
    """Mean score that a reward model gives the samples.

    Source: the scores of a sequence-classification checkpoint with one label, as Kirk et al. (2024) use it for
    best-of-N and over-optimisation checks.

    Range: without limits.
    Unit: the reward model's own.
    Direction: higher is better.
    Undefined: for no samples, and where the model gave no score.
    Settings: `model` is the reward model's name and fingerprint, `format` what it reads: "raw" is the prompt and the
    sample as one text, "chat" the model's chat template over user and assistant. `ending` says how that text ends:
    "eos" with the end token once, "none" without it, "template" as the chat template has it. `longest` is the most
    tokens the model reads, and longer texts lose their beginning (0 is no limit).
    Edge cases: the raw score at the last token, before any squashing; two reward models' scores have no common scale.
    Do not use: on samples that were drawn or trained by the same reward model, as a measure of quality.

    >>> import numpy as np
    >>> from gendiv.metrics.graded import Reward
    >>> Reward(model="rm").graded(np.array([-1.0, 2.0]))
    0.5
    """

    name: ClassVar[str] = "reward"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "the reward model's own"
    range: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    direction: ClassVar[Direction] = "higher_is_better"

    model: str = ""
    format: RewardFormat = "raw"
    ending: RewardEnding = "eos"
    longest: int = 4096
