"""Judges of known character, as replies of `OpenAIServer`: for tests, need no model.

A judge here reads its question as a model would: it finds three quoted texts, and nothing else, between lines of
quotation marks.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from openai_server import PROBE, prompt_of

Reply = Callable[[dict[str, Any], int], str]
"""What a server says to a request that has come so many times before."""

QUOTED = re.compile(r'^("{3,})\n(.*?)\n\1$', re.MULTILINE | re.DOTALL)


def texts_of(question: str) -> tuple[str, str, str]:
    """Return what is shown of the prompt, the first answer and the second one."""
    found = [match[2] for match in QUOTED.finditer(question)]
    assert len(found) == 3, f"the question holds {len(found)} quotations: {question}"
    return found[0], found[1], found[2]


def judge(choose: Callable[[str, str, str, int], str]) -> Reply:
    """Return a judge whose reply is chosen from shown, first, second, and how often the question came before."""

    def reply(body: dict[str, Any], before: int) -> str:
        prompt = prompt_of(body)
        return "a spoon" if prompt == PROBE else choose(*texts_of(prompt), before)

    return reply


def _longest(first: str, second: str) -> str:
    return "tie" if len(first) == len(second) else "A" if len(first) > len(second) else "B"


def _fair(first: str, second: str) -> str:
    """Prefer an answer by a hash of its text: decided, consistent, and blind to length and place."""
    worth = [hashlib.sha256(text.encode()).digest() for text in (first, second)]
    return "A" if worth[0] > worth[1] else "B"


ALWAYS_A = judge(lambda shown, first, second, before: "Verdict: A")
LONGEST = judge(lambda shown, first, second, before: f"Verdict: {_longest(first, second)}")
FAIR = judge(lambda shown, first, second, before: f"Verdict: {_fair(first, second)}")
UNREADABLE = judge(lambda shown, first, second, before: "Both have their merits, A as well as B.")
FICKLE = judge(lambda shown, first, second, before: f"Verdict: {'AB'[before % 2]}")
