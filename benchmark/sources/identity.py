"""Sources that hold a checkpoint themselves, and its identity as asked: weights with adapter, dtype, chat template."""

import hashlib
import json
from pathlib import Path

from ...errors import BadInput
from ...tasks import Format
from ..checkpoint import Checkpoint, find_checkpoint
from ..decoding import Decoding
from .source import Model, Source, SourceOptions


class CheckpointSource(Source):
    """A source that is given a checkpoint, so that its model is known before anything is started."""

    def __init__(self, scheme: str, checkpoint: str, options: SourceOptions) -> None:
        super().__init__()
        self._options = options
        self._checkpoint = find_checkpoint(checkpoint)
        self._adapter = find_checkpoint(options.adapter, weights=False) if options.adapter else None
        self._model = describe(f"{scheme}:{checkpoint}", self._checkpoint, self._adapter, options)

    @property
    def spec(self) -> str:
        """The spec as given."""
        return self._model.spec

    @property
    def model(self) -> Model:
        """Identity by the hash of the weights, or by the hub commit."""
        return self._model

    def peek(self) -> Model:
        """The model; it is known from the start."""
        return self._model

    def require(self, format: Format, decoding: Decoding) -> None:  # noqa: ARG002  for overriding
        """Raise BadInput if prompts of `format` need a chat template and the checkpoint has none."""
        if format == "chat" and self._model.chat_template is None:
            raise BadInput(f"{self.spec} has no chat template: pass --format raw or --chat-template FILE")


def describe(spec: str, checkpoint: Checkpoint, adapter: Checkpoint | None, options: SourceOptions) -> Model:
    """Return the identity of a checkpoint with its adapter, dtype and chat template.

    Raises:
        BadInput: the chat template file is missing.
    """
    template = checkpoint.chat_template()
    if options.chat_template:
        try:
            template = Path(options.chat_template).read_text(encoding="utf-8")
        except OSError as error:
            raise BadInput(f"--chat-template {options.chat_template}: {error.strerror}") from error
    dtype = options.dtype if options.dtype != "auto" else checkpoint.dtype()
    weights = checkpoint.fingerprint()
    parts = [weights, dtype, adapter.fingerprint() if adapter else None]
    return Model(
        spec=spec,
        name=f"{checkpoint.name}+{adapter.name}" if adapter else checkpoint.name,
        identity="revision" if checkpoint.revision else "weights",
        fingerprint=hash_text(json.dumps(parts)),
        weights=weights,
        dtype=dtype,
        adapter=adapter.location if adapter else None,
        chat_template=None if template is None else hash_text(template),
        context=checkpoint.settings("config.json").get("max_position_embeddings"),
    )


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text as fingerprints write it."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
