"""The record of a judgement: `judgements/NAME.json` in a run folder, typed, versioned, and readable without gendiv."""

import json
import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...tasks import Format
from ..decoding import Decoding
from ..intervals import Interval
from ..sources.source import Model
from .alpaca_eval import AlpacaEval
from .comparison import Orders
from .questions import Questions

SCHEMA = 1
"""Version of the file; it rises when an older reader would misunderstand a newer file."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Part):
    """A number with its 95% interval over prompts, and how many cases it rests on."""

    value: float
    low: float | None = Field(description="null where a single prompt leaves no way to know")
    high: float | None
    cases: int

    @classmethod
    def of(cls, found: tuple[Interval, int] | None) -> "Figure | None":
        """Return the figure for an interval and its number of cases."""
        return (
            None if found is None else cls(value=found[0].value, low=found[0].low, high=found[0].high, cases=found[1])
        )


class Trust(_Part):
    """How a judge behaved, whatever its verdicts say of the answers."""

    questions: int = Field(description="asked, of comparisons whose answers are not identical")
    refused: int = Field(description="questions that have no reply")
    unparsable: Figure | None = Field(description="share of replies in which no clear verdict could be read")
    ties: Figure | None = Field(description="share of verdicts that are ties")
    position_bias: Figure | None = Field(
        description="share of decided verdicts for the answer shown first; 0.5 is none, 1 is a judge that always says A"
    )
    swap_consistency: Figure | None = Field(
        description="share of comparisons whose verdicts in both orders name the same answer, or tie twice"
    )
    longer: Figure | None = Field(description="share of decided verdicts for the longer answer, of unequal lengths")
    self_agreement: Figure | None = Field(
        description="share of repeated questions with the same verdict again, of those with a verdict at least once"
    )


class Figures(_Part):
    """What a judge's verdicts on one split come to."""

    split: str = Field(description="TASK/SPLIT")
    prompts: int
    comparisons: int
    identical: int = Field(description="comparisons of identical answers: draws, not asked")
    undecided: int = Field(description="comparisons without a readable reply; they are left out")
    win_rate: Figure | None = Field(description="mean preference over prompts; a draw counts 1/2")
    win_rate_lc: Figure | None = Field(description="had the answers been as long as the opponent's")
    length_slope: float | None = Field(description="logits a unit of standardised length; above 0: longer answers win")
    mean_characters: tuple[float, float] = Field(description="of our answers and of the opponent's")
    alpaca_eval: AlpacaEval | None = Field(description="over comparisons: win rate and standard error in percent")
    trust: Trust


class JudgeRecord(_Part):
    """Who judged, and how it was asked."""

    name: str = Field(description="as results name the judge: name@fingerprint")
    fingerprint: str = Field(description="SHA-256 over model, chat template, format, decoding and seed")
    model: Model
    format: Format
    decoding: Decoding
    source: dict[str, str] = Field(description="facts about the server: version, flags; empty where none was needed")
    questions: Questions
    orders: Orders
    repeats: int
    seed: int


class Spent(_Part):
    """What the replies took."""

    replies: int = Field(description="that this judgement rests on")
    asked_now: int = Field(description="of them, asked by this command; the others were kept from before")
    prompt_tokens: int = Field(description="of all replies, as the server counted them")
    completion_tokens: int
    prompt_tokens_now: int
    completion_tokens_now: int
    price_in: float | None = Field(description="of a million prompt tokens")
    price_out: float | None = Field(description="of a million reply tokens")
    money: float | None = Field(description="of all replies at these prices")
    money_now: float | None


class Judgement(_Part):
    """`judgements/NAME.json`: what a judge said of a run, and how far it can be trusted."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    gendiv: str
    made: str = Field(description="UTC, ISO 8601")
    run: str = Field(description="what tables call the model")
    opponent: str = Field(description="reference, or the other run's model with a fingerprint of model and decoding")
    judged: int = Field(description="samples of each prompt that were judged, the first ones")
    judge: JudgeRecord
    signatures: tuple[str, ...] = Field(description="of the metrics whose grades this judgement wrote")
    samples: str = Field(description="SHA-256 over the run's sample files at that time")
    splits: tuple[Figures, ...]
    trust: Trust = Field(description="over all splits")
    spent: Spent
    unanswered: int = Field(description="questions without a reply that may get one another time")
    remarks: tuple[str, ...] = Field(description="what was left out, and why")


class Validation(_Part):
    """How far a judge agrees with people: what `gendiv judge validate --json` prints."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    gendiv: str
    made: str = Field(description="UTC, ISO 8601")
    data: str = Field(description="name of the data, or the file")
    people: int = Field(description="human choices that were drawn")
    of: int = Field(description="human choices that are there")
    judge: JudgeRecord
    agreement: Figure | None = Field(
        description="share of human choices that the judge makes too; no preference is 1/2"
    )
    agreement_single: Figure | None = Field(description="the same, verdict by verdict, each from one order alone")
    agreement_consistent: Figure | None = Field(description="the same where both orders name the same answer")
    chance: float = Field(description="agreement of a judge that tosses a coin")
    always_first: float = Field(description="agreement of a judge that always names the data's first answer")
    majority: float = Field(description="agreement of a judge that names the place which people chose more often")
    longer: Figure | None = Field(description="agreement of a judge that always names the longer answer")
    identical: int
    undecided: int
    trust: Trust
    spent: Spent
    unanswered: int = Field(description="questions without a reply that may get one another time")
    remarks: tuple[str, ...]


def to_json(record: Judgement | Validation) -> dict[str, Any]:
    """Return a record as a JSON value; NaN, which JSON lacks, as null."""
    value: dict[str, Any] = _without_nan(record.model_dump(mode="json", by_alias=True))
    return value


def dumps(record: Judgement | Validation) -> str:
    """Return a record as the JSON text that its file holds."""
    return json.dumps(to_json(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _without_nan(value: Any) -> Any:  # noqa: ANN401  JSON can be anything
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value
