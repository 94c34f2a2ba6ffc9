"""The task of the small world: posts in distribution, and along three shifts, near and far."""

from functools import partial
from itertools import islice
from typing import Final

from ..ids import content_id
from ..task import Prompt, Shift, Split, Suite, Task
from ..templates import summary_request
from .dice import Dice
from .drawing import Post, posts
from .gold import VERSION
from .posts import CUE
from .scenes import WORLDS
from .summaries import CAREFUL

SIZE: Final = 500
"""Prompts of a split."""

MAX_TOKENS: Final = 28
"""Seven clauses with what parts them, and the end: every fact of the longest posts fits."""

_DESCRIPTIONS: Final = {
    "id": "posts like those that models are trained on",
    "topic-near": "one fact has a value that never stood there in training, but elsewhere: i lost the sister",
    "topic-far": "two facts are of attributes that training only mentions in passing",
    "length-near": "five facts and two things said in passing, where training has three or four and one",
    "length-far": "seven facts and four things said in passing",
    "register-near": "about half of the facts in a chatty register",
    "register-far": "formal sentences of another word order",
}


def load(name: str) -> list[Prompt]:
    """Return the prompts of a split, each with a flawless summary for its reference."""
    drawn = islice(posts(WORLDS[name], "test", f"small-world {name}"), SIZE)
    return [_prompt(post, dice) for post, dice in drawn]


def _prompt(post: Post, dice: Dice) -> Prompt:
    shown = post.text.removesuffix(f" {CUE}")
    message = summary_request("forum post", shown)
    return Prompt(content_id(post.text), post.text, message, post.summary(CAREFUL, dice), shown)


def _split(name: str) -> Split:
    shift: Shift = "id" if name == "id" else "near" if name.endswith("-near") else "far"
    return Split(name, shift, _DESCRIPTIONS[name], "post", partial(load, name), size=SIZE)


SMALL_WORLD: Final = Task(
    name="small-world",
    version=VERSION,
    description="Summaries in a small made-up world where their quality is exact: shifts of topic, length, register.",
    licence="CC0-1.0",
    format="raw",
    max_tokens=MAX_TOKENS,
    stop=(),
    splits=tuple(map(_split, WORLDS)),
)

SMALL_WORLD_SUITE: Final = Suite(
    name="small-world",
    description="The small world in distribution and along its shifts; small enough to train models for on a CPU.",
    splits=tuple(map(SMALL_WORLD.full_name, SMALL_WORLD.splits)),
    metrics=("distinct", "ead", "sbert:model=minilm", "length", "duplicates"),
)
