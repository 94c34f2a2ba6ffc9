"""A reply is read as what it clearly says; everything else is no verdict."""

import pytest

from gendiv.benchmark.judging.questions import REPLY
from gendiv.benchmark.judging.verdict import read_verdict

CLEAR = {
    "A": [
        "Verdict: A",
        "**Verdict:** A",
        "verdict - a.",
        " A",
        '"A"',
        "[A]",
        "Verdict:\n\nA",
        "Summary A",
        "Answer A is better.",
        "The answer is A.",
        "The better summary is: A",
        "The verdict is: A",
        "Verdict: A. Summary A says what happened.",
        "Verdict: A (more precise)",
        "Verdict: B\nOn reflection I was wrong.\nVerdict: A",
        "<think>\nSurely B.\nVerdict: B\n</think>\n\nVerdict: A",
        "B is longer, but it invents a dog.\n\nVerdict: A",
        "A\n\nThe first summary names the reason.",
        "Verdict: A\nVerdict:",
    ],
    "B": ["Verdict: B", "Verdict: Summary B.", "Verdict: B - it is precise", "My verdict: __B__", "verdict\tB"],
    "tie": ["Verdict: tie", "Verdict: Tie!", "TIE", "verdict is tie"],
}
UNCLEAR = [
    "",
    "  \n",
    "Verdict:",
    "Verdict: A or B",
    "Verdict: A/B",
    "Verdict: A, B or tie",
    "Verdict: A because B is longer",
    "Verdict: A. B is worse, though.",
    "Verdict: neither",
    "Verdict: Apple",
    "Verdict: a tie",
    "A is better than B",
    "I like A",
    "A\nB",
    "A:",
    "Summary A:\nThe council met.",
    "C",
    "Both have their merits.",
    "Verdict: A\nVerdict: A or B",
    "<think>Verdict: B",
    "As a language model I cannot judge.",
]


@pytest.mark.parametrize(("verdict", "reply"), [(v, reply) for v, replies in CLEAR.items() for reply in replies])
def test_a_clear_reply_is_read(verdict, reply):
    assert read_verdict(reply) == verdict


@pytest.mark.parametrize("reply", UNCLEAR)
def test_an_unclear_reply_is_never_guessed(reply):
    assert read_verdict(reply) is None


def test_a_judge_that_repeats_its_instructions_says_nothing():
    assert read_verdict(REPLY) is None
    assert read_verdict(f"{REPLY}\nVerdict: A, B or tie") is None
