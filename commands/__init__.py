"""The commands: one file each, which reads arguments, calls a room, and prints. Loaded only when asked for."""

from collections.abc import Mapping
from typing import Final

import click

from ..version import __version__
from .lazy import Lazy

COMMANDS: Final[Mapping[str, str]] = {
    "quickstart": "Serve a packaged 135M model with vLLM and report its diversity: the first thing to try.",
    "run": "Sample a model K times for each prompt, and score what it says.",
    "score": "Score samples that are already there: a run folder, or anybody's JSONL.",
    "import": "Make a run folder of anybody's samples, which every other command takes.",
    "compare": "Paired differences of a model to others on the same inputs, with verdicts and corrected p-values.",
    "check": "Regression checks on a model release: pass, fail, or not decided yet.",
    "gap": "What a model loses out of distribution, and whether another one loses more.",
    "distance": "How far out of distribution a split is: what its prompts are about, and their wording.",
    "plan": "How many prompts and samples a run needs to see a difference, from a pilot run.",
    "judge": "Let a language model say which answers are better, and how far it can be trusted.",
    "reward": "Score the samples of runs by a reward model, and show the scores.",
    "best-of-n": "What the best of n of a run's samples would be worth, by a reward model.",
    "train": "Train checkpoints: supervised fine-tuning, a reward model, PPO; or a small model from nothing.",
    "report": "Show runs side by side: terminal table, Markdown, figure.",
    "reproduce": "Train SFT, reward model and PPO from nothing, and say which of the paper's claims hold there.",
    "export": "Write splits as tasks of lm-eval, or a run in the formats of other places.",
    "board": "Publish a leaderboard: pack runs, check them, build the site.",
    "push": "Upload a run to the Hugging Face hub; without --yes, say what would be public.",
    "tasks": "List the tasks, their splits, and the suites.",
    "metrics": "List the metrics and their settings.",
    "doctor": "Say what is installed, what is missing, and the command that brings it.",
}


@click.group(cls=Lazy, package=__package__, listed=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gendiv")
def gendiv() -> None:
    """How well does a fine-tuned language model hold up out of distribution, and what variety did the tuning cost?"""
