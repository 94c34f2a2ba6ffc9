"""gendiv: how well a fine-tuned language model holds up out of distribution, and how much variety the tuning cost.

>>> import gendiv
>>> scores = gendiv.score([["a cat sat", "a dog ran"], ["no", "no"], ["yes", "yes"]], metrics=["distinct:n=1"])
>>> [(result.level, round(result.value, 3)) for result in scores.results]
[('per_input', 0.611), ('across_input', 1.0)]
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from .version import __version__

if TYPE_CHECKING:
    from .benchmark.formats.row import Bad
    from .benchmark.gating.finding import Finding
    from .benchmark.generalisation.distances import Distance
    from .benchmark.generalisation.gap_differences import GapDifference
    from .benchmark.generalisation.gaps import Gap
    from .benchmark.judging.questions import Questions
    from .benchmark.judging.record import Judgement, Validation
    from .benchmark.judging.terms import Terms
    from .benchmark.planning.sizes import SizePlan
    from .benchmark.progress import Progress
    from .benchmark.record import Scores
    from .benchmark.reproduce.findings import Findings
    from .benchmark.reproduce.scale import Scale
    from .benchmark.rewarding.reward_model import RewardModel, RewardOptions
    from .benchmark.run import Run
    from .benchmark.sources.source import Source, SourceOptions
    from .benchmark.train.loop import Outcome
    from .benchmark.train.reinforcement.ppo_settings import PPOSettings
    from .benchmark.train.reward import RewardSettings
    from .benchmark.train.sft import SFTSettings
    from .leaderboard.comparison import Comparison
    from .leaderboard.report import Report
    from .metrics import Level, Metric, Profile
    from .tasks import Demonstration, Format, Kind, Ranked, Shift

__all__ = [
    "__version__",
    "assert_no_regression",
    "compare",
    "distance",
    "evaluate",
    "gap",
    "import_samples",
    "judge_reference",
    "judge_versus",
    "plan",
    "report",
    "reproduce",
    "reward",
    "score",
    "train_ppo",
    "train_reward",
    "train_sft",
    "validate_judge",
]


def evaluate(
    model: "str | Source",
    *,
    out: str | Path | None = None,
    label: str | None = None,
    options: "SourceOptions | None" = None,
    most_under_way: int | None = None,
    progress: "Progress | None" = None,
    **plan: Any,  # noqa: ANN401  the arguments of make_plan, typed there
) -> "Run":
    """Sample a model and score what it says: `gendiv run` from Python.

    Args:
        model: a spec (`vllm:...`, `openai:...`, `hf:...`) or a source, such as `Scripted`.
        out: the run folder; the same call goes on in it. Under `runs/` by default.
        label: what tables call the model.
        options: of the source.
        most_under_way: ceiling of the requests under way at once.
        progress: told how it goes; silent by default.
        **plan: suite or tasks, prompts, select, samples, decoding, format, metrics, sbert_model, seed, as in
            `gendiv.benchmark.plan.make_plan`.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; finished samples are kept.
    """
    from .benchmark.open import open_source
    from .benchmark.plan import make_plan
    from .benchmark.run import Job, default_folder, run_jobs

    made = make_plan(**plan)
    source = open_source(model, options) if isinstance(model, str) else model
    folder = Path(out) if out is not None else default_folder(source.spec, made)
    return run_jobs([Job(made, folder, label)], source, most_under_way=most_under_way, progress=progress)[0]


def score(
    samples: Sequence[Sequence[str]] | str | Path | Sequence[Path],
    *,
    metrics: "Sequence[str | Metric]" = (),
    quality: Sequence[Sequence[float]] | None = None,
    profile: "Profile" = "corrected",
    sbert_model: str | None = None,
    nli_model: str | None = None,
    format: str | None = None,
    bad: "Bad | None" = None,
) -> "Scores":
    """Score samples: `gendiv score` from Python.

    Args:
        samples: for each input its samples; or a file of them, or several; or a run folder, whose scores.json is then
            brought up to date.
        metrics: metrics, or their specs such as "ead:n=2"; those that need no model by default.
        quality: for each input how good each sample is, for the metrics that ask for it.
        profile: "as-released" repeats the arithmetic of the published code, defects and all.
        sbert_model: replaces the sentence encoder of every metric that has one.
        nli_model: replaces the NLI model of every metric that has one.
        format: of the files: a name of `gendiv.benchmark.formats.FORMATS`; each tells unless given.
        bad: `gendiv.benchmark.formats.row.Bad(skip=True)` leaves malformed rows out and counts them.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line.
    """
    from .benchmark.choosing import choose_metrics
    from .benchmark.formats.row import source_of
    from .benchmark.scores import score_samples

    chosen = choose_metrics(metrics, profile=profile, sbert_model=sbert_model, nli_model=nli_model)
    found = source_of(samples, quality)
    return score_samples(found, chosen, profile=profile, format=format, bad=bad)


def import_samples(
    *files: str | Path,
    out: str | Path,
    model: str,
    split: str | Sequence[str],
    revision: str | None = None,
    label: str | None = None,
    shift: "Shift | Sequence[Shift]" = (),
    kind: "Kind | None" = None,
    format: "Format | None" = None,
    prompts: int | None = None,
    select: str = "first",
    select_seed: int | None = None,
    samples: int | None = None,
    decoding: Mapping[str, object] | None = None,
    metrics: "Sequence[str | Metric]" = (),
    file_format: str | None = None,
    bad: "Bad | None" = None,
    progress: "Progress | None" = None,
) -> "Run":
    """Make a run folder of anybody's samples: `gendiv import` from Python.

    Args:
        *files: of one split; or, where several splits are named, one of each.
        out: the run folder, not there yet.
        model: what drew the samples.
        split: TASK/SPLIT, of gendiv's or of your own; or several.
        revision: which state of the model.
        label: what tables call it; the model's name unless given.
        shift: of a split of your own; of several, theirs in order.
        kind: what the prompts of such splits are about.
        format: how prompts were put; of splits of gendiv's, the one in which the rows have them unless given.
        prompts: of splits of gendiv's, take the first so many.
        select: how the prompts of such splits were selected.
        select_seed: of a random sample.
        samples: K, the first so many of each row; all by default, as many in each row.
        decoding: fields of `Decoding` that differ from its defaults and from the task's budget; None for not known.
        metrics: metrics, or their specs; those that need no model by default.
        file_format: a name of `gendiv.benchmark.formats.FORMATS`; each file tells unless given.
        bad: `gendiv.benchmark.formats.row.Bad(skip=True)` leaves bad rows out and counts them.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line.
    """
    from .benchmark.choosing import choose_metrics
    from .benchmark.importing import Stated, import_samples
    from .benchmark.selecting import Selection

    stated = Stated(
        model=model,
        revision=revision,
        label=label,
        shift=(shift,) if isinstance(shift, str) else tuple(shift),
        kind=kind,
        format=format,
        decoding=decoding,
        selection=Selection.of(select, select_seed),
    )
    return import_samples(
        [Path(file) for file in files],
        Path(out),
        stated,
        [split] if isinstance(split, str) else list(split),
        prompts=prompts,
        samples=samples,
        metrics=choose_metrics(metrics),
        file_format=file_format,
        bad=bad,
        progress=progress,
    )


def compare(
    *given: "str | Path | Run | Sequence[Path] | Sequence[Sequence[str]]",
    metrics: "Sequence[str | Metric]" = (),
    diversity: str = "ead",
    quality: str | None = None,
    sbert_model: str | None = None,
    nli_model: str | None = None,
    progress: "Progress | None" = None,
) -> "Comparison":
    """Compare the first of several models with each of the others on the same inputs: `gendiv compare` from Python.

    Args:
        *given: two or more run folders, runs, files of samples, or for each input its samples.
        metrics: metrics, or their specs; unless told, of scored runs all that they have scores of, otherwise those that
            need no model.
        diversity: the picture's horizontal axis, a metric per input.
        quality: its vertical one; the first that the scores hold unless told.
        sbert_model: replaces the sentence encoder of every metric that has one.
        nli_model: replaces the NLI model of every metric that has one.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line.
    """
    from .benchmark.progress import Silent
    from .leaderboard.comparison import Comparison

    telling = progress or Silent()
    return Comparison.of(
        given,
        metrics,
        diversity=diversity,
        quality=quality,
        sbert_model=sbert_model,
        nli_model=nli_model,
        tell=telling.note,
    )


def assert_no_regression(
    candidate: "str | Path | Run | Source",
    baseline: "str | Path | Run | None",
    checks: Sequence[str],
    *,
    out: str | Path | None = None,
    progress: "Progress | None" = None,
    **settings: Any,  # noqa: ANN401  inconclusive, confidence, undefined, as in gendiv.toml
) -> "list[Finding]":
    """Hold a model against checks: `gendiv check` from Python.

    Args:
        candidate: a run folder, or a run as `evaluate` returns it; or a spec or a source, which is then drawn from
            with the plan of the baseline.
        baseline: a run folder or a run; None where no check is about one.
        checks: lines such as "per_input.ead on TASK/SPLIT: drop <= 0.03".
        out: the folder for samples of a candidate that is a model; under runs/ unless given.
        progress: told how the drawing goes; silent by default.
        **settings: `inconclusive` ("fail", "skip" or "pass"), `confidence` of each one-sided bound, `undefined`, the
            share of prompts that may have no value.

    Returns:
        What each check found, all of them being passed, or not decided where `inconclusive` lets that pass.

    Raises:
        AssertionError: with a line for each check that failed.
        gendiv.errors.GendivError: a check cannot be put, in one line.
    """
    from .benchmark.gating.gate import Gate
    from .benchmark.gating.settings import from_here, make_settings
    from .benchmark.sources.source import Source

    source = candidate if isinstance(candidate, Source) else None
    named = candidate.spec if isinstance(candidate, Source) else candidate
    if not isinstance(named, str):
        named = str(_folder(named))
    given = {"candidate": named, "baseline": None if baseline is None else str(_folder(baseline)), "out": out}
    asked = make_settings(from_here({**given, "checks": checks, **settings}), Path.cwd(), "assert_no_regression")
    gate = Gate(asked, source, progress)
    found = gate.answers()
    failed = [str(finding) for finding in found if gate.counts_as(finding) == "fail"]
    if failed:
        raise AssertionError("\n".join(failed))
    return found


def reward(
    *runs: "str | Path | Run",
    model: "str | RewardModel",
    options: "RewardOptions | None" = None,
    progress: "Progress | None" = None,
) -> "list[Run]":
    """Score the samples of runs by a reward model: `gendiv reward` from Python.

    Args:
        *runs: run folders, or runs as `evaluate` returns them.
        model: a spec (`hf:...`, `vllm:...`, `openai:...`) or a reward model, such as `ScriptedReward`.
        options: how the model that a spec names reads.
        progress: told how it goes; silent by default.

    Returns:
        The runs, with the scores of the metric `reward` among theirs.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; scores that were given are kept.
    """
    from .benchmark.rewarding.grading import grade_runs
    from .benchmark.rewarding.open import open_reward

    opened = open_reward(model, options) if isinstance(model, str) else model
    return list(grade_runs(list(map(_folder, runs)), opened, progress).runs)


@overload
def gap(run: "str | Path | Run", other: None = None, *, metrics: Sequence[str] = ()) -> "list[Gap]": ...


@overload
def gap(
    run: "str | Path | Run", other: "str | Path | Run", *, metrics: Sequence[str] = (), pairing: bool = True
) -> "list[GapDifference]": ...


def gap(
    run: "str | Path | Run",
    other: "str | Path | Run | None" = None,
    *,
    metrics: Sequence[str] = (),
    pairing: bool = True,
) -> "list[Gap] | list[GapDifference]":
    """Return the generalisation gaps of a run, or its gaps minus another run's: `gendiv gap` from Python.

    Args:
        run: a run folder, or a run as `evaluate` returns it; it must be scored.
        other: the same of another model.
        metrics: of those that have scores, by name or with the settings that signatures show; all by default.
        pairing: of two runs, pair them on the prompts that both have; False takes the scores as independent.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line.
    """
    from .benchmark.generalisation.gap_differences import gap_differences
    from .benchmark.generalisation.gaps import gaps

    first = _loaded(run)
    return gaps(first, metrics) if other is None else gap_differences(first, _loaded(other), metrics, pairing=pairing)


def distance(
    *splits: str | Path | Sequence[str],
    tasks: Sequence[str] = (),
    suite: str | None = None,
    prompts: int | None = 500,
    measures: Sequence[str] = (),
    sbert_model: str = "minilm",
    seed: int = 0,
) -> "list[Distance]":
    """Return how far splits are from each other: `gendiv distance` from Python.

    Args:
        *splits: TASK/SPLIT, RUN:TASK/SPLIT or texts, of which the first is measured to each of the others; or one run
            folder.
        tasks: of each, its split in distribution is measured to those out of it.
        suite: the same for each of its tasks.
        prompts: the first so many of each split; None takes all.
        measures: "mmd", "novelty"; both by default.
        sbert_model: sentence encoder of `mmd`: a hub id, a path, or minilm.
        seed: of the relabellings behind the p-value of `mmd`.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line.
    """
    from .benchmark.generalisation.distances import choose_measures, distances
    from .benchmark.generalisation.shown import shown_pairs

    between = shown_pairs(splits, tasks, suite, prompts)
    return distances(between, choose_measures(between, measures, sbert_model=sbert_model, seed=seed))


def plan(
    run: "str | Path | Run",
    detect: float,
    *,
    metric: str = "ead",
    level: "Level" = "per_input",
    powers: Sequence[float] = (0.8, 0.9),
    paired_with: "str | Path | Run | None" = None,
    tasks: Sequence[str] = (),
) -> "list[SizePlan]":
    """Return how many prompts and samples a run needs to see a difference: `gendiv plan` from Python.

    Args:
        run: a pilot: a run folder, or a run as `evaluate` returns it.
        detect: the difference to be seen, in the metric's unit.
        metric: by name, as the pilot has scores of it, or as `--metrics` takes it.
        level: "per_input" or "across_input".
        powers: chances of seeing it.
        paired_with: a pilot of another model on the same prompts.
        tasks: those to be planned; all of the pilot's by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line.
    """
    from .benchmark.planning.sizes import plan_sizes

    other = None if paired_with is None else _loaded(paired_with)
    return plan_sizes(_loaded(run), detect, metric=metric, level=level, powers=powers, other=other, tasks=tasks)


def report(*runs: "str | Path | Run") -> "Report":
    """Lay runs side by side: `gendiv report` from Python.

    Args:
        *runs: run folders, or runs as `evaluate` returns them.
    """
    from .leaderboard.report import Report

    return Report.of(list(map(_loaded, runs)))


def reproduce(
    scale: "str | Scale" = "mini",
    *,
    out: str | Path | None = None,
    seeds: int | None = None,
    sweeps: Sequence[str] = (),
    base: str | None = None,
    judge: str | None = None,
    workers: int | None = None,
    progress: "Progress | None" = None,
) -> "Findings":
    """Train, draw and hold the paper's claims against it: `gendiv reproduce` from Python.

    Args:
        scale: "mini", "smoke", "opt", "llama", or a scale.
        out: the folder for all that comes of it, under runs/ unless given; the same call on it goes on where it was.
        seeds: how many times everything is trained; the scale's own number unless given.
        sweeps: "kl", "temperature".
        base: another model to begin with, where the scale takes one.
        judge: spec of the judge, where quality is not exact.
        workers: steps at a time; one a core, or one on a GPU.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; what is done is kept and the same call goes on.
    """
    from .benchmark.progress import Silent
    from .benchmark.reproduce.reproducing import Reproduction, default_folder

    folder = default_folder(scale) if out is None else Path(out)
    asked = Reproduction.of(scale, folder, seeds=seeds, sweeps=sweeps, base=base, judge=judge)
    return asked.run(progress or Silent(), workers)


def judge_reference(
    run: "str | Path | Run",
    judge: "str | Source",
    *,
    questions: "str | Path | Questions" = "kirk2023",
    judged: int = 1,
    prompts: int | None = None,
    splits: Sequence[str] = (),
    options: "SourceOptions | None" = None,
    progress: "Progress | None" = None,
    **terms: Any,  # noqa: ANN401  the fields of Terms, typed there
) -> "Judgement":
    """Judge a run against the references of its prompts: `gendiv judge reference` from Python.

    The run folder receives grades, scores (`win_rate`, `win_rate_lc`) and a record under `judgements/`.

    Args:
        run: a run folder, or a run as `evaluate` returns it.
        judge: a spec (`vllm:...`, `openai:...`, `hf:...`) or a source.
        questions: what the judge is asked: a name, a file, or questions.
        judged: samples of each prompt that are judged, the first ones.
        prompts: the first so many of each split; all by default.
        splits: TASK/SPLIT names; all by default.
        options: of the judge's source.
        progress: told how it goes; silent by default.
        **terms: orders, repeats, format, max_tokens, seed, fresh, max_judge_tokens, price_in, price_out,
            most_under_way, as in `gendiv.benchmark.judging.terms.Terms`.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; every reply is kept and the same call goes on.
    """
    from .benchmark.judging.judging import judge_matches
    from .benchmark.judging.matching import Wanted, match_reference

    match = match_reference(_folder(run), Wanted(judged, prompts, splits))
    return judge_matches([match], *_bench(judge, options, questions, terms), progress=progress)[0]


def judge_versus(
    first: "str | Path | Run",
    second: "str | Path | Run",
    judge: "str | Source",
    *,
    questions: "str | Path | Questions" = "kirk2023",
    judged: int = 1,
    prompts: int | None = None,
    splits: Sequence[str] = (),
    options: "SourceOptions | None" = None,
    progress: "Progress | None" = None,
    **terms: Any,  # noqa: ANN401  the fields of Terms, typed there
) -> "Judgement":
    """Judge a run against another one on the prompts that both were asked: `gendiv judge versus` from Python.

    Args:
        first: the run whose wins are counted, which receives the results; a folder, or as `evaluate` returns it.
        second: its opponent.
        judge: a spec (`vllm:...`, `openai:...`, `hf:...`) or a source.
        questions: what the judge is asked: a name, a file, or questions.
        judged: samples of each prompt that are judged, the first ones.
        prompts: the first so many of each split; all by default.
        splits: TASK/SPLIT names; all by default.
        options: of the judge's source.
        progress: told how it goes; silent by default.
        **terms: as for `judge_reference`.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; every reply is kept and the same call goes on.
    """
    from .benchmark.judging.judging import judge_matches
    from .benchmark.judging.matching import Wanted, match_runs

    match = match_runs(_folder(first), _folder(second), Wanted(judged, prompts, splits))
    return judge_matches([match], *_bench(judge, options, questions, terms), progress=progress)[0]


def validate_judge(
    judge: "str | Source",
    data: str | Path = "tldr",
    *,
    questions: "str | Path | Questions" = "kirk2023",
    count: int | None = 500,
    options: "SourceOptions | None" = None,
    progress: "Progress | None" = None,
    **terms: Any,  # noqa: ANN401  the fields of Terms, typed there
) -> "Validation":
    """Measure how often a judge chooses as people did: `gendiv judge validate` from Python.

    Args:
        judge: a spec (`vllm:...`, `openai:...`, `hf:...`) or a source.
        data: "tldr", "cnn_dailymail", or a JSONL file of choices.
        questions: what the judge is asked: a name, a file, or questions.
        count: how many human choices are drawn; None takes all.
        options: of the judge's source.
        progress: told how it goes; silent by default.
        **terms: as for `judge_reference`.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; every reply is kept and the same call goes on.
    """
    from .benchmark.judging.validating import validate_judge

    source, asked = _bench(judge, options, questions, terms)
    return validate_judge(source, data, asked, count=count, progress=progress)


def train_sft(
    model: str,
    rows: "Sequence[Demonstration]",
    *,
    out: str | Path,
    held_out: "Sequence[Demonstration]" = (),
    settings: "SFTSettings | None" = None,
    progress: "Progress | None" = None,
) -> "Outcome":
    """Fine-tune a language model on demonstrations: `gendiv train sft` from Python.

    Args:
        model: a causal language model: folder, or hub id with @revision.
        rows: to be imitated, `gendiv.tasks.Demonstration`.
        out: folder of the checkpoint; the same call on it goes on after an interruption.
        held_out: measured now and then, not trained on.
        settings: `gendiv.benchmark.train.sft.SFTSettings`; the defaults unless given.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; the last good state is kept.
    """
    from .benchmark.train.sft import train_sft

    return train_sft(model, rows, out=out, held_out=held_out, settings=settings, progress=progress)


def train_reward(
    model: str,
    rows: "Sequence[Ranked]",
    *,
    out: str | Path,
    held_out: "Mapping[str, Sequence[Ranked]] | None" = None,
    settings: "RewardSettings | None" = None,
    progress: "Progress | None" = None,
) -> "Outcome":
    """Train a reward model on ranked answers: `gendiv train reward` from Python.

    Args:
        model: a causal language model, or a classifier of one label: folder, or hub id with @revision.
        rows: two answers each, `gendiv.tasks.Ranked`.
        out: folder of the checkpoint; the same call on it goes on after an interruption.
        held_out: parts by name on which accuracy is measured; scores are normalised on the first.
        settings: `gendiv.benchmark.train.reward.RewardSettings`; the defaults unless given.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; the last good state is kept.
    """
    from .benchmark.train.reward import train_reward

    return train_reward(model, rows, out=out, held_out=held_out, settings=settings, progress=progress)


def train_ppo(
    model: str,
    prompts: Sequence[str],
    reward: "Callable[[Sequence[tuple[str, str]]], Sequence[float]] | str | RewardModel",
    *,
    out: str | Path,
    reward_name: str | None = None,
    reward_options: "RewardOptions | None" = None,
    held_out: Sequence[str] = (),
    settings: "PPOSettings | None" = None,
    progress: "Progress | None" = None,
) -> "Outcome":
    """Train a language model to answer for a high reward: `gendiv train ppo` from Python.

    Args:
        model: a causal language model, which is the reference too: folder, or hub id with @revision.
        prompts: to be answered.
        reward: a function from (prompt, answer) pairs to scores, a spec (`hf:...`), or a reward model.
        out: folder of the checkpoint; the same call on it goes on after an interruption.
        reward_name: names the reward, so that a folder is not gone on with under another one; a function has none.
        reward_options: how the model that a spec names reads.
        held_out: prompts that are watched and not trained on.
        settings: `gendiv.benchmark.train.reinforcement.ppo_settings.PPOSettings`; the defaults unless given.
        progress: told how it goes; silent by default.

    Raises:
        gendiv.errors.GendivError: what went wrong, in one line; the last good state is kept.
    """
    from .benchmark.rewarding.asking import asked, name_of, weights_of
    from .benchmark.rewarding.open import open_reward
    from .benchmark.train.ppo import train_ppo

    train = partial(train_ppo, model, prompts, out=out, held_out=held_out, settings=settings, progress=progress)
    if not isinstance(reward, str) and callable(reward):
        return train(reward, reward_name=reward_name or "")
    opened = open_reward(reward, reward_options) if isinstance(reward, str) else reward
    with asked(opened) as score:
        name, weights = reward_name or name_of(opened), weights_of(opened.spec)
        return train(score, reward_name=name, reward_model=weights)


def _bench(
    judge: "str | Source",
    options: "SourceOptions | None",
    questions: "str | Path | Questions",
    terms: dict[str, Any],
) -> "tuple[Source, Terms]":
    """Return a judge's source, and the terms on which it is asked."""
    from .benchmark.judging.choosing import choose_questions
    from .benchmark.judging.terms import Terms
    from .benchmark.open import open_source

    source = open_source(judge, options) if isinstance(judge, str) else judge
    return source, Terms(questions=choose_questions(questions), **terms)


def _folder(run: "str | Path | Run") -> Path:
    return Path(run) if isinstance(run, (str, Path)) else run.folder


def _loaded(run: "str | Path | Run") -> "Run":
    from .benchmark.run import Run

    return Run.load(run) if isinstance(run, (str, Path)) else run
