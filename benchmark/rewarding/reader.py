"""Reading: a prompt and an answer in, the tokens that a reward model looks at out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import BadInput
from ...metrics.graded import RewardEnding, RewardFormat
from ...metrics.models.loading import load_tokenizer, loading
from ..checkpoint import Checkpoint
from ..truncation import fitted
from .reward_model import Pair, RewardOptions

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

RECORDED: Final = "gendiv_reward"
"""The key of a checkpoint's config.json under which `gendiv train reward` writes how it reads."""

WAY_OUT: Final = "pass --reward with a sequence classifier of one label"


@dataclass(frozen=True, eq=False)
class Reader:
    """How one reward model reads.

    Raw is the text of Kirk et al. (2024): prompt, one space where neither side has white space there, answer, end
    token. Chat is the model's chat template over a user's and an assistant's message. The score is read at the last
    token. Checkpoints that pad with their end token are an exception that their training made: transformers reads
    their score before the padding, and so before the end token, in training as in scoring; with `ending` "auto" their
    inputs therefore have no end token at all, which gives the same number by any engine.

    Attributes:
        longest: most tokens; a longer input loses its beginning, but keeps a token that marks the beginning.
        mean: what engines take from each logit: of checkpoints that say so themselves, the mean of their scores.
    """

    tokenizer: "PreTrainedTokenizerBase"
    format: RewardFormat
    ending: RewardEnding
    longest: int
    mean: float = 0.0

    def centred(self, logits: Sequence[float]) -> list[float]:
        """Return the scores that logits mean."""
        return [logit - self.mean for logit in logits]

    def read(self, pairs: Sequence[Pair]) -> tuple[list[list[int]], int]:
        """Return the tokens of each pair, and how many of them had to be shortened."""
        texts = [self._text(prompt, answer) for prompt, answer in pairs]
        encoded = self.tokenizer(texts, add_special_tokens=self.format == "raw", truncation=False, verbose=False)
        whole = [self._ended(list(tokens)) for tokens in encoded["input_ids"]]
        marks = {self.tokenizer.bos_token_id, self.tokenizer.cls_token_id}
        return [fitted(tokens, self.longest, marks) for tokens in whole], sum(
            len(tokens) > self.longest for tokens in whole
        )

    def _text(self, prompt: str, answer: str) -> str:
        if self.format == "raw":
            return join(prompt, answer)
        messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
        return str(self.tokenizer.apply_chat_template(messages, tokenize=False))

    def _ended(self, tokens: list[int]) -> list[int]:
        end = self.tokenizer.eos_token_id
        if self.ending == "eos" and tokens[-1:] != [end]:
            tokens.append(end)
        while self.ending == "none" and len(tokens) > 1 and tokens[-1] == end:
            tokens.pop()
        return tokens


def join(prompt: str, answer: str) -> str:
    r"""Return a prompt and its answer as one text: with one space where neither side has white space at the seam.

    >>> join("TL;DR:", "It rained."), join("TL;DR:", " It rained."), join("### Response:\n", "It rained.")
    ('TL;DR: It rained.', 'TL;DR: It rained.', '### Response:\nIt rained.')
    """
    seam = "" if prompt[-1:].isspace() or answer[:1].isspace() else " "
    return f"{prompt}{seam}{answer}"


def find_reader(spec: str, checkpoint: Checkpoint, options: RewardOptions, context: int | None = None) -> Reader:
    """Return how the reward model in a checkpoint reads, after a look at its config and tokeniser.

    Args:
        spec: what messages call the model.
        checkpoint: with config and tokeniser; its weights are not read.
        options: what the user asks.
        context: most tokens that a server takes, where there is one.

    Raises:
        BadInput: it is no reward model, or cannot read as asked.
    """
    where, revision = checkpoint.location, checkpoint.revision
    with loading("reward model", spec, WAY_OUT) as local:
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(where, revision=revision, local_files_only=local)
    _check_label(spec, config)
    with loading("the tokeniser of the reward model", spec, "save it beside the weights") as local:
        tokenizer = load_tokenizer(where, local, revision)
    return reader_for(spec, config, tokenizer, options, context)


def reader_for(
    spec: str,
    config: "PreTrainedConfig",
    tokenizer: "PreTrainedTokenizerBase",
    options: RewardOptions,
    context: int | None = None,
) -> Reader:
    """Return how a reward model of this config and tokeniser reads.

    What its training recorded (`gendiv_reward` in config.json) holds where the user asks nothing else.

    Raises:
        BadInput: it cannot read as asked.
    """
    known = _recorded(spec, config)
    format: RewardFormat = "chat" if tokenizer.chat_template else "raw"
    if options.format != "auto":
        format = options.format
    elif known is not None:
        format = known.format
    if format == "chat" and not tokenizer.chat_template:
        raise BadInput(f"{spec} has no chat template: pass --reward-format raw")
    own = getattr(config.get_text_config(), "max_position_embeddings", None)
    limits = (options.longest, known and known.longest, own, tokenizer.model_max_length, context)
    ending = _ending(spec, options.ending, format, tokenizer, config)
    if known is not None and options.ending == "auto" and format == known.format:
        ending = known.ending or ending
    return Reader(tokenizer, format, ending, min(one for one in limits if one), known.mean if known else 0.0)


class Recorded(BaseModel):
    """What a trainer wrote into a checkpoint's config.json of how its reward model reads."""

    model_config = ConfigDict(frozen=True)

    format: RewardFormat
    ending: RewardEnding | None = None
    longest: int | None = Field(default=None, ge=1)
    mean: float = Field(default=0.0, allow_inf_nan=False)


def _recorded(spec: str, config: "PreTrainedConfig") -> Recorded | None:
    found = getattr(config, RECORDED, None)
    if found is None:
        return None
    try:
        return Recorded.model_validate(found)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise BadInput(
            f"{spec}: wanted {RECORDED} in its config.json as `gendiv train reward` writes it, found {found!r} "
            f"({'.'.join(map(str, first['loc']))}: {first['msg']}); train it anew"
        ) from wrong


def _check_label(spec: str, config: "PreTrainedConfig") -> None:
    kinds = ", ".join(config.architectures or ()) or "of no architecture that it names"
    if not any("SequenceClassification" in kind for kind in config.architectures or ()):
        raise BadInput(
            f"{spec} is no reward model: wanted a sequence classifier (...ForSequenceClassification in its "
            f"config.json), found {kinds}"
        )
    if config.num_labels != 1:
        names = ", ".join(str(name) for name in list((config.id2label or {}).values())[:5])
        raise BadInput(
            f"{spec} is no reward model: wanted a classifier with one label, whose logit is the reward, found "
            f"{config.num_labels} ({names})"
        )


def _ending(
    spec: str,
    asked: Literal["auto", "eos", "none"],
    format: RewardFormat,
    tokenizer: "PreTrainedTokenizerBase",
    config: "PreTrainedConfig",
) -> RewardEnding:
    end, padding = tokenizer.eos_token_id, config.get_text_config().pad_token_id
    if asked == "eos" and end is None:
        raise BadInput(f"{spec}: its tokeniser has no end token: pass --reward-ending none")
    if asked != "auto":
        return asked
    if end is None or end == padding:
        return "none"
    return "eos" if format == "raw" else "template"
