"""Judge: a model as a judge, by its weights, template and decoding."""

import hashlib
import json
from dataclasses import dataclass

from ...tasks import Format
from ..decoding import Decoding
from ..keys import Keyring
from ..sources.source import Model
from .questions import CUE
from .terms import Terms


@dataclass(frozen=True)
class Judge:
    """A model, the format it is asked in, and how its replies are drawn."""

    model: Model
    format: Format
    decoding: Decoding
    seed: int

    @classmethod
    def of(cls, model: Model, terms: Terms) -> "Judge":
        """Return the judge that a model is on these terms.

        A checkpoint without a chat template continues text; of a server it cannot be known, and chat is assumed.
        """
        checkpoint = model.identity in ("weights", "revision")
        format = terms.format or ("raw" if checkpoint and model.chat_template is None else "chat")
        return cls(model, format, terms.decoding(), terms.seed)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all of the judge that decides its verdicts."""
        template = self.model.chat_template if self.format == "chat" else None
        whole = [self.model.fingerprint, template, self.format, self.decoding.signature, self.seed]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()

    @property
    def signature(self) -> str:
        """Name and the beginning of the fingerprint, as results name the judge."""
        return f"{self.model.name}@{self.fingerprint[:8]}"

    def text(self, question: str) -> str:
        """Return a question as it is sent."""
        return question + CUE if self.format == "raw" else question

    def heard(self, reply: str) -> str:
        """Return what counts of a reply: all, or the first line with anything in it where a text is continued.

        What follows there is no afterthought but the text going on, perhaps with another question and its verdict.
        """
        if self.format == "chat":
            return reply
        return next(filter(str.strip, reply.splitlines()), "")

    def keys(self, questions: list[str], take: int) -> dict[str, str]:
        """Return the key of each question's reply in the cache; `take` counts the times it was asked."""
        keyring = Keyring(self.model, self.format, self.decoding)
        return {question: keyring.of_prompt(self.text(question)).of_sample(take, self.seed) for question in questions}
