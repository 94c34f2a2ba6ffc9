"""`gendiv judge`: let a language model say which answers are better, and how far it can be trusted."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from ..benchmark.judging.choosing import choose_questions
from ..benchmark.judging.judging import judge_matches, quote_matches
from ..benchmark.judging.matching import Match, Wanted, match_reference, match_runs
from ..benchmark.judging.record import to_json
from ..benchmark.judging.terms import Terms
from ..benchmark.judging.validating import quote_validation, validate_judge
from ..benchmark.open import open_source
from ..benchmark.progress import Progress, Telling
from ..benchmark.sources.source import Source, SourceOptions
from ..leaderboard.judgements import print_judgements, print_validation
from .judging import require_answers
from .options import json_option, print_json

F = TypeVar("F", bound=Callable[..., Any])

TERMS = ("orders", "repeats", "format", "max_tokens", "seed", "fresh", "max_judge_tokens", "price_in", "price_out")
SOURCE = ("chat_template", "dtype", "server_args", "timeout", "api_key_variable", "adapter")


def _judge_options(command: F) -> F:
    """Add what every subcommand takes: who is asked, how, and what it may cost."""
    options = (
        click.option(
            "--judge", required=True, metavar="SPEC", help="vllm:PATH_OR_HUB_ID, openai:URL#MODEL or hf:PATH_OR_HUB_ID."
        ),
        click.option(
            "--questions",
            default="kirk2023",
            show_default=True,
            metavar="NAME|FILE",
            help="What the judge is asked; a .json, .toml or .yaml file holds your own.",
        ),
        click.option(
            "--orders",
            type=click.Choice(["both", "random"]),
            default="both",
            show_default=True,
            help="Ask every comparison in both orders, or in one that a hash of the prompt draws.",
        ),
        click.option(
            "--repeats",
            type=int,
            default=0,
            show_default=True,
            metavar="N",
            help="Ask so many questions a second time, to see whether the judge agrees with itself.",
        ),
        click.option("--max-judge-tokens", type=int, metavar="N", help="Spend no more tokens, replies included."),
        click.option("--price-in", type=float, metavar="MONEY", help="Of a million prompt tokens."),
        click.option("--price-out", type=float, metavar="MONEY", help="Of a million reply tokens."),
        click.option("--dry-run", is_flag=True, help="Say what would be asked and what it costs, and stop."),
        click.option("--fresh", is_flag=True, help="Ask again what this judge answered before."),
        click.option(
            "--format",
            type=click.Choice(["chat", "raw"]),
            help="Chat unless the judge has no chat template.",
        ),
        click.option(
            "--max-tokens",
            type=int,
            default=32,
            show_default=True,
            metavar="N",
            help="Of one reply; a judge that thinks aloud needs more.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Of everything that is drawn."),
        click.option("--adapter", metavar="DIR", help="A LoRA adapter on top of the judge."),
        click.option("--chat-template", metavar="FILE", help="A Jinja template in place of the checkpoint's own."),
        click.option(
            "--dtype", type=click.Choice(["auto", "float32", "float16", "bfloat16"]), default="auto", show_default=True
        ),
        click.option("--concurrency", type=click.IntRange(1), metavar="N", help="Most requests under way at once."),
        click.option(
            "--timeout", type=click.FloatRange(1), default=600.0, show_default=True, help="Seconds a request may take."
        ),
        click.option(
            "--api-key-variable", default="GENDIV_API_KEY", show_default=True, help="Environment variable with the key."
        ),
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _wanted_options(command: F) -> F:
    """Add what says which part of a run is judged."""
    options = (
        click.option("--task", "splits", multiple=True, metavar="TASK/SPLIT", help="Judge this split; repeatable."),
        click.option("-n", "prompts", type=int, metavar="PROMPTS", help="The first so many of each split; else all."),
        click.option(
            "--judged",
            type=int,
            default=1,
            show_default=True,
            metavar="SAMPLES",
            help="Samples of each prompt that are judged, the first ones.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _server_args(command: F) -> F:
    """Add what goes to a vLLM server."""
    return click.option(
        "--server-arg",
        "server_args",
        multiple=True,
        metavar="FLAG",
        help="A flag of the vLLM server that is started, such as --server-arg=--max-model-len=4096; repeatable.",
    )(command)


@click.group("judge")
def command() -> None:
    """Let a language model say which of two answers is better, and how far it can be trusted.

    Every comparison is asked in both orders. Every reply is kept as it comes and never asked for twice: a command that
    was stopped goes on when it is given again.
    """


@command.command("reference", short_help="Runs against the references of their prompts.")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@_wanted_options
@_judge_options
@_server_args
def reference(runs: Sequence[Path], **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Judge the samples of run folders against the references of their prompts.

    Each folder receives grades, which its scores.json then averages as win_rate and win_rate_lc, and under judgements/
    a record of the judge, its figures, its replies and what they took.
    """
    wanted = _wanted(given)
    _judge([match_reference(folder, wanted) for folder in runs], given)


@command.command("versus", short_help="A run against another run.")
@click.argument("first", type=click.Path(path_type=Path), metavar="RUN_A")
@click.argument("second", type=click.Path(path_type=Path), metavar="RUN_B")
@_wanted_options
@_judge_options
@_server_args
def versus(first: Path, second: Path, **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Judge RUN_A against RUN_B, on the prompts that both were asked; A's folder receives the results.

    Prompts are paired by split and id; those whose text differs are left out and counted.
    """
    _judge([match_runs(first, second, _wanted(given))], given)


@command.command("validate", short_help="A judge against people.")
@click.option(
    "--data",
    default="tldr",
    show_default=True,
    metavar="NAME|FILE",
    help='tldr, cnn_dailymail, or a JSONL file of {"id", "kind", "shown", "answers": [a, b], "choice": 0}.',
)
@click.option("-n", "count", type=int, default=500, show_default=True, metavar="N", help="Human choices to draw.")
@_judge_options
@_server_args
def validate(data: str, count: int, **given: Any) -> None:  # noqa: ANN401  click's hand-over
    """Measure how often a judge chooses as people did, beside what needs no judge at all."""
    terms = _terms(given)
    with Telling() as progress:
        judge = _open(given, progress)
        if given["dry_run"]:
            quote = quote_validation(judge, data, terms, count=count, progress=progress)
            _print_quote(quote.to_json(), given)
            return
        found = validate_judge(judge, data, terms, count=count, progress=progress)
    if given["as_json"]:
        print_json(to_json(found))
    else:
        print_validation(found)
    require_answers([found])


def _judge(matches: Sequence[Match], given: dict[str, Any]) -> None:
    """Judge, or say what judging would take."""
    terms = _terms(given)
    with Telling() as progress:
        judge = _open(given, progress)
        if given["dry_run"]:
            _print_quote(quote_matches(matches, judge, terms, progress=progress).to_json(), given)
            return
        found = judge_matches(matches, judge, terms, progress=progress)
    if given["as_json"]:
        print_json({"schema": 1, "judgements": [to_json(judgement) for judgement in found]})
    else:
        print_judgements(found)
    require_answers(found)


def _terms(given: dict[str, Any]) -> Terms:
    settings = {name: given[name] for name in TERMS}
    return Terms(questions=choose_questions(given["questions"]), most_under_way=given["concurrency"], **settings)


def _wanted(given: dict[str, Any]) -> Wanted:
    return Wanted(given["judged"], given["prompts"], given["splits"])


def _open(given: dict[str, Any], progress: Progress) -> Source:
    return open_source(given["judge"], SourceOptions(log=progress.note, **{name: given[name] for name in SOURCE}))


def _print_quote(quote: dict[str, object], given: dict[str, Any]) -> None:
    """Print the quote as JSON; for people it was said on standard error, as before every judging."""
    if given["as_json"]:
        print_json({"schema": 1, "quote": quote})
