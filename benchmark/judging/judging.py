"""Judging runs: matches in; grades, scores and a record in each run's folder out."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ...metrics import LengthControlledWinRate, WinRate
from ...version import __version__
from ..grades import write_grades
from ..progress import Progress, Silent
from ..scores import score_run
from ..sources.source import Source
from ..store import hash_samples, make_folder, write_whole
from ..to_the_end import to_the_end
from .comparison import Outcome, outcomes_of, questions_of
from .figures import figures, grades, trust
from .hearing import Hearing, hear, inquire
from .matching import Match
from .quote import Quote
from .record import Figures, Judgement, dumps
from .recording import judge_record, now, refusals, repeated, spent, unanswered
from .rows import write_rows
from .terms import Terms


def judge_matches(
    matches: Sequence[Match], judge: Source, terms: Terms | None = None, *, progress: Progress | None = None
) -> list[Judgement]:
    """Judge runs; the judge is started once, and only if a reply is missing.

    Questions that got no answer are counted (`unanswered`) and left out; the same call asks them again.

    Each run's folder receives grades, which `scores.json` then averages, and under `judgements/` a record and its
    replies.

    Args:
        matches: what is judged, as `match_reference` and `match_runs` give it.
        judge: not yet entered.
        terms: how it is asked, and what it may cost.
        progress: told how it goes.

    Raises:
        GendivError: what went wrong, in one line; every reply is kept and the same call goes on.
    """
    terms, telling = terms or Terms(), progress or Silent()
    for line in (line for match in matches for line in match.remarks):
        telling.note(line)
    comparisons = [comparison for match in matches for comparison in match.comparisons]
    hearing = to_the_end(lambda: hear(judge, comparisons, terms, telling))
    return [_conclude(match, hearing, terms, telling) for match in matches]


def quote_matches(
    matches: Sequence[Match], judge: Source, terms: Terms | None = None, *, progress: Progress | None = None
) -> Quote:
    """Return what judging will ask and cost at most; nothing is asked and no server started."""
    comparisons = [comparison for match in matches for comparison in match.comparisons]
    return to_the_end(lambda: inquire(judge, comparisons, terms or Terms(), progress or Silent()))


def metrics_of(match: Match, judge: str, terms: Terms) -> tuple[WinRate, LengthControlledWinRate]:
    """Return the metrics that average a judgement's grades; their signatures name all that decides them."""
    settings = {"judge": judge, "questions": terms.questions.signature, "opponent": match.opponent}
    return (
        WinRate(**settings, orders=terms.orders, judged=match.judged),
        LengthControlledWinRate(**settings, orders=terms.orders, judged=match.judged),
    )


def _conclude(match: Match, hearing: Hearing, terms: Terms, telling: Progress) -> Judgement:
    """Write what the replies say of one run, and return it."""
    outcomes = outcomes_of(match.comparisons, terms.questions, terms.orders, hearing.heard())
    win_rate, controlled = metrics_of(match, hearing.judge.signature, terms)
    for split in match.splits:
        plain, without_length = grades(outcomes, split)
        write_grades(match.folder, split, win_rate.signature, plain)
        write_grades(match.folder, split, controlled.signature, without_length)
    score_run(match.folder, [win_rate, controlled], progress=telling, splits=match.splits)
    judgement = _judgement(match, hearing, terms, outcomes, (win_rate.signature, controlled.signature))
    path = match.folder / "judgements" / _file_name(judgement)
    make_folder(path.parent)
    write_rows(path.with_name(f"{path.name}l"), outcomes)
    write_whole(path, dumps(judgement))
    telling.note(f"wrote {path} and, beside it, every reply")
    return judgement


def _judgement(
    match: Match, hearing: Hearing, terms: Terms, outcomes: Sequence[Outcome], signatures: tuple[str, ...]
) -> Judgement:
    questions = _questions(outcomes, terms)
    by_split = {split: [one for one in outcomes if one.comparison.split == split] for split in match.splits}
    splits = tuple(
        figures(split, found, repeated(hearing, _questions(found, terms))) for split, found in by_split.items()
    )
    return Judgement(
        gendiv=__version__,
        made=now(),
        run=match.record.label,
        opponent=match.opponent,
        judged=match.judged,
        judge=judge_record(hearing, terms),
        signatures=signatures,
        samples=hash_samples(match.folder, [split.name for split in match.record.splits]),
        splits=splits,
        trust=trust(outcomes, repeated(hearing, questions)),
        spent=spent(hearing, questions, terms),
        unanswered=unanswered(hearing, questions),
        remarks=(*match.remarks, *refusals(hearing, questions), *_without_support(splits)),
    )


def _questions(outcomes: Iterable[Outcome], terms: Terms) -> list[str]:
    """Return the distinct questions that some comparisons make."""
    asked = questions_of((outcome.comparison for outcome in outcomes), terms.questions, terms.orders)
    return list(dict.fromkeys(question for _, _, question in asked))


def _without_support(splits: Iterable[Figures]) -> Iterator[str]:
    for split in splits:
        if split.win_rate is not None and split.win_rate_lc is None:
            yield (
                f"{split.split}: too few answers are as long as their opponents', or as short, to say what equal "
                "lengths would do: no length-controlled win rate"
            )


def _file_name(judgement: Judgement) -> str:
    """Return the name of a judgement's file, by all that tells it from another one of the same run."""
    judge = judgement.judge
    name = f"{judgement.opponent}-by-{judge.name}-{judge.questions.signature}-{judge.orders}-{judgement.judged}"
    return re.sub(r"[^\w.+=@-]+", "-", name)[:200] + ".json"
