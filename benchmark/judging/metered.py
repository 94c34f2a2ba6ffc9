"""A source whose answers are weighed: what the server counted for each question."""

from ...tasks import Format
from ..sources.source import Abilities, Answer, Model, Request, Source


class Metered(Source):
    """Passes everything on to another, entered source and remembers the tokens of each answer.

    Attributes:
        counted: by the request's text, prompt and completion tokens, until somebody takes them out.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self.slots = source.slots
        self.details = source.details
        self.counted: dict[str, tuple[int, int]] = {}

    @property
    def spec(self) -> str:
        """The other source's."""
        return self._source.spec

    @property
    def model(self) -> Model:
        """The other source's."""
        return self._source.model

    async def draw(self, request: Request) -> Answer:
        """Answer one request and remember what it took."""
        answer = await self._source.draw(request)
        self.counted[request.text] = (answer.prompt_tokens, answer.completion_tokens)
        return answer

    async def examine(self, format: Format) -> Abilities:
        """Ask the other source."""
        return await self._source.examine(format)
