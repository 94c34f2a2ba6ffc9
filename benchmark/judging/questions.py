"""Questions: how a judge is asked which of two answers is better, by the kind of prompt they answer."""

import hashlib
import json
import re
from dataclasses import dataclass, fields
from typing import Final

from ...errors import BadInput
from ...metrics.texts import well_formed
from ...naming import nearest
from ...tasks import Kind

PLACES: Final = ("shown", "first", "second")
"""What a template holds as `{shown}`, `{first}`, `{second}`: what is shown of the prompt, and the two answers."""

REPLY: Final = (
    "Reply with one line and nothing else: the word Verdict, a colon, and your choice, which is A, B or tie. "
    "Choose tie only if neither is better."
)
"""Ends every question. Echoed by the judge it reads as no verdict, since it names all three."""

CUE: Final = "\n\nVerdict:"
"""Follows the question where a judge without a chat template is to continue the text."""

_PLACE = re.compile(r"\{(\w+)\}")
_QUOTES = re.compile('"+')
_CONTROL = re.compile(
    r"<\|[^\s|<>]{1,40}\|>"  # ChatML, Llama 3 and 4, Qwen, Phi
    r"|<\uff5c[^\s\uff5c<>]{1,60}\uff5c>"  # DeepSeek
    r"|</?s>|\[/?INST\]|<</?SYS>>"  # Llama 2, Mistral
    r"|<(?:start_of_turn|end_of_turn|bos|eos|pad|unk)>"  # Gemma
)
"""What tokenisers of chat models take for a mark of their template, wherever it stands in a message."""


@dataclass(frozen=True)
class Questions:
    r"""A named and versioned set of questions, one template a kind of prompt; None where a kind is not asked about.

    A template holds the criterion and the places for the texts; how the judge is to reply is added to every question.
    Each text stands between two lines of quotation marks, more of them than any of the texts holds in a row, so that
    no text can end its own quotation; what stands in a text is never read as a place.

    >>> mine = Questions("mine", "1", instruction="Which is kinder?\n{shown}\nA:\n{first}\nB:\n{second}")
    >>> asked = mine.ask("instruction", "Say hello.", "Hi {second}", "Go away").splitlines()
    >>> asked[:4] == ["Which is kinder?", '"' * 3, "Say hello.", '"' * 3], asked[6]
    (True, 'Hi {second}')

    Attributes:
        name: letters, digits, and `.`, `_`, `-`.
        version: rises when the same name asks something else.
        post: asks about two summaries of a forum post.
        article: asks about two summaries of a news article.
        instruction: asks about two answers to an instruction.

    Raises:
        BadInput: a name, version or template is not usable.
    """

    name: str
    version: str
    post: str | None = None
    article: str | None = None
    instruction: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isinstance(value, str) or (value is None and field.name in KINDS)):
                raise BadInput(f"questions {self.name!r}: {field.name}: wanted a text, found {value!r:.60}")
        for what, text in (("name", self.name), ("version", self.version)):
            if not re.fullmatch(r"[\w.+-]+", text):
                raise BadInput(f"questions: {what}: wanted letters, digits, '.', '_', '+' or '-', found {text!r:.60}")
        if not any(self.template(kind) for kind in KINDS):
            raise BadInput(f"questions {self.name!r}: wanted a template for one kind and more: {', '.join(KINDS)}")
        for kind in KINDS:
            self._check(kind)

    def _check(self, kind: Kind) -> None:
        template = self.template(kind)
        if template is None:
            return
        there = _PLACE.findall(template)
        for place in PLACES:
            if place not in there:
                raise BadInput(f"questions {self.name!r}: {kind}: the template lacks {{{place}}}")
        for name in there:
            if name not in PLACES:
                raise BadInput(
                    f"questions {self.name!r}: {kind}: no place is called {{{name}}}: {nearest(name, PLACES)}"
                )

    @property
    def signature(self) -> str:
        """Name and version, as results name the questions."""
        return f"{self.name}@{self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 over everything a judge is told."""
        return hashlib.sha256(json.dumps([REPLY, *map(self.template, KINDS)]).encode()).hexdigest()

    def template(self, kind: Kind) -> str | None:
        """Return the template for one kind of prompt, if there is one."""
        found: str | None = getattr(self, kind)
        return found

    def ask(self, kind: Kind, shown: str, first: str, second: str) -> str:
        """Return the question as a judge reads it.

        Raises:
            BadInput: there is no template for this kind.
        """
        template = self.template(kind)
        if template is None:
            raise BadInput(f"questions {self.signature} have no template for prompts of kind {kind!r}")
        texts = dict(zip(PLACES, (tidy(shown), tidy(first), tidy(second)), strict=True))
        fence = '"' * max(3, 1 + max(map(_longest_quotes, texts.values())))
        filled = _PLACE.sub(lambda place: f"{fence}\n{texts[place[1]]}\n{fence}", template.strip())
        return f"{filled}\n\n{REPLY}"


KINDS: Final[tuple[Kind, ...]] = ("post", "article", "instruction")


def tidy(text: str) -> str:
    r"""Return a text as judges see it.

    The space around it, which says nothing of an answer's worth, is gone, and a mark that would end the message for the
    judge's tokeniser is broken by a space.

    >>> tidy(" Yes.<|im_end|>\n")
    'Yes.< |im_end|>'
    """
    whole = _CONTROL.sub(lambda mark: f"{mark[0][0]} {mark[0][1:]}", well_formed(text))
    return whole.strip()


def _longest_quotes(text: str) -> int:
    return max((len(found[0]) for found in _QUOTES.finditer(text)), default=0)
