"""Reward models whose checkpoint is at hand, so that what they are and how they read is known before they start."""

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...errors import BadInput, NotInstalled
from ...metrics import Reward
from ...metrics.models.device import concrete_dtype
from ..checkpoint import find_checkpoint
from ..sources.identity import describe, hash_text
from ..sources.source import Model, SourceOptions
from .reader import find_reader
from .reward_model import Pair, RewardModel, RewardOptions, metric_of


class CheckpointReward(RewardModel):
    """A reward model that is given as a checkpoint.

    Raises:
        NotInstalled: transformers is missing.
        BadInput: there is no such checkpoint, or it is no reward model.
    """

    def __init__(self, scheme: str, checkpoint: str, options: RewardOptions) -> None:
        super().__init__()
        for package in ("torch", "transformers"):
            if importlib.util.find_spec(package) is None:
                raise NotInstalled(f"reward models need {package}: pip install 'gendiv[hf]' (see `gendiv doctor`)")
        options.refuse(scheme, tokenizer=options.tokenizer)
        spec, folder = f"{scheme}:{checkpoint}", Path(checkpoint).expanduser()
        if (folder / "adapter_config.json").exists() and not (folder / "config.json").exists():
            raise BadInput(
                f"{spec} holds a LoRA adapter, which cannot be served alone: merge it into its base model "
                "(merge_and_unload of peft) and pass that folder"
            )
        self._options = options
        self._checkpoint = find_checkpoint(checkpoint)
        self._dtype = concrete_dtype(options.dtype)
        self._reader = find_reader(spec, self._checkpoint, options)
        model = describe(spec, self._checkpoint, None, SourceOptions(dtype=self._dtype))
        if self._reader.format == "chat":  # the template decides what is read, and files may hold it apart
            model = replace(model, fingerprint=hash_text(f"{model.fingerprint} {model.chat_template}"))
        self._model = model

    @property
    def spec(self) -> str:
        """The spec as given."""
        return self._model.spec

    @property
    def model(self) -> Model:
        """Identity by the hash of the weights, or by the hub commit, with dtype and chat template."""
        return self._model

    def peek(self) -> Model:
        """The identity; it is known from the start."""
        return self._model

    @property
    def metric(self) -> Reward:
        """The metric that reads its scores."""
        reader = self._reader
        return metric_of(self._model, format=reader.format, ending=reader.ending, longest=reader.longest)

    def _read(self, pairs: Sequence[Pair]) -> list[list[int]]:
        tokens, shortened = self._reader.read(pairs)
        self.shortened += shortened
        return tokens
