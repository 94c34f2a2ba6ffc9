"""Recording: who was asked, how, and what the replies took."""

import datetime as dt
from collections.abc import Collection
from typing import Final

from .agenda import AGAIN, FIRST
from .hearing import Hearing
from .record import JudgeRecord, Spent
from .terms import Terms

PARTS: Final = ("prompt", "completion")


def judge_record(hearing: Hearing, terms: Terms) -> JudgeRecord:
    """Return what a record keeps of the judge."""
    judge = hearing.judge
    return JudgeRecord(
        name=judge.signature,
        fingerprint=judge.fingerprint,
        model=judge.model,
        format=judge.format,
        decoding=judge.decoding,
        source=dict(hearing.source),
        questions=terms.questions,
        orders=terms.orders,
        repeats=terms.repeats,
        seed=terms.seed,
    )


def spent(hearing: Hearing, questions: Collection[str], terms: Terms) -> Spent:
    """Return what the replies to some questions took, those asked twice included."""
    taken = [
        ((take, question), replies[question])
        for take, replies in ((FIRST, hearing.replies), (AGAIN, hearing.again))
        for question in questions
        if question in replies
    ]
    now = [reply for asked, reply in taken if asked in hearing.now]
    prompts, completions = (sum(getattr(reply, f"{part}_tokens") for _, reply in taken) for part in PARTS)
    prompts_now, completions_now = (sum(getattr(reply, f"{part}_tokens") for reply in now) for part in PARTS)
    return Spent(
        replies=len(taken),
        asked_now=len(now),
        prompt_tokens=prompts,
        completion_tokens=completions,
        prompt_tokens_now=prompts_now,
        completion_tokens_now=completions_now,
        price_in=terms.price_in,
        price_out=terms.price_out,
        money=terms.money(prompts, completions),
        money_now=terms.money(prompts_now, completions_now),
    )


def repeated(hearing: Hearing, questions: Collection[str]) -> list[tuple[str, str]]:
    """Return both replies to those of some questions that were asked twice."""
    first, second = hearing.heard(), hearing.heard(again=True)
    return [(first[question], second[question]) for question in questions if question in first and question in second]


def refusals(hearing: Hearing, questions: Collection[str]) -> tuple[str, ...]:
    """Return remarks about those of some questions that have no reply."""
    asked = set(questions)
    refused = [reason for question, reason in hearing.refused.items() if question in asked]
    given_up = [reason for question, reason in hearing.given_up.items() if question in asked]
    return tuple(
        f"{len(reasons)} of {len(questions)} questions {what}, first: {reasons[0]}"
        for what, reasons in (("were refused by the judge", refused), ("got no answer", given_up))
        if reasons
    )


def unanswered(hearing: Hearing, questions: Collection[str]) -> int:
    """Return how many of some questions have no reply and may get one another time."""
    return len(set(questions) & set(hearing.given_up))


def now() -> str:
    """Return the moment, UTC, as records write it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
