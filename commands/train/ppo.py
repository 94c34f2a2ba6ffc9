"""`gendiv train ppo`: a language model that answers for a high reward (RLHF)."""

import os
from pathlib import Path
from typing import Any

import click

from ...benchmark.progress import Telling
from ...benchmark.rewarding.asking import asked, name_of, weights_of
from ...benchmark.rewarding.open import open_reward
from ...benchmark.train.reinforcement.ppo_settings import PPOSettings
from ...benchmark.train.rows import find_prompts, held_out_prompts
from ...errors import BadInput
from ..options import json_option
from ..reward_options import chosen_reward_options, reward_options
from . import checkpoint_options, print_outcome, settings_of, settings_options

MODEL = "A causal language model, as a rule from gendiv train sft: a folder, or a hub id with @revision."
REWARD = "What scores answers: a spec as gendiv reward takes it, such as hf:FOLDER of gendiv train reward."


@click.command("ppo")
@checkpoint_options(MODEL, "prompt")
@reward_options(REWARD, required=True)
@click.option(
    "--held-out", multiple=True, metavar="FILE", help="JSONL with prompt that is watched, not trained on; repeatable."
)
@settings_options(PPOSettings)
@json_option
def command(
    model: str,
    data: tuple[str, ...],
    out: Path,
    reward: str,
    held_out: tuple[str, ...],
    as_json: bool,
    **given: Any,  # noqa: ANN401  click's hand-over
) -> None:
    """Train MODEL by PPO on the prompts in DATA, for a high --reward; the checkpoint is written to OUT.

    Diversity and reward on held-out prompts are watched, and a line warns when diversity falls before reward rises. The
    same command on the same OUT goes on after an interruption, with the same weights in the end.
    """
    settings = settings_of(PPOSettings, given)
    prompts, watched = find_prompts(data), held_out_prompts(data, held_out)
    if reward.startswith("vllm:") and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise BadInput(
            f"--reward {reward}: each process would start a server; start one and pass openai:URL#MODEL, or pass hf:"
        )
    with Telling() as progress:
        scorer = open_reward(reward, chosen_reward_options(given, progress.note))
        with asked(scorer) as score:
            from ...benchmark.train.ppo import train_ppo  # which loads torch; --help does without

            outcome = train_ppo(
                model,
                prompts,
                score,
                out=out,
                reward_name=name_of(scorer),
                reward_model=weights_of(scorer.spec),
                held_out=watched,
                settings=settings,
                progress=progress,
            )
    print_outcome(outcome, as_json=as_json)
