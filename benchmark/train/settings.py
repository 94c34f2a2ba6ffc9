"""Settings: what decides a training run beside model and data; each trainer adds its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import BadInput
from ...naming import nearest
from ...tasks.yamlfile import parse_yaml

Schedule: TypeAlias = Literal["cosine", "linear", "constant"]

UNDECIDING: Final[dict[str, Any]] = {"decides": False}
"""Marks a field that may differ when a run goes on: no weight depends on it."""


class Settings(BaseModel):
    """What every trainer can be told.

    A trainer's own settings are a child of this one: further fields, and `presets`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}}
    """Whole sets of values by name; what a preset does not name has the field's default."""

    seed: int = Field(default=0, ge=0, description="Of everything random: order of the data, fresh weights, dropout.")
    learning_rate: float = Field(default=2e-5, gt=0, description="At its highest.")
    batch: int = Field(default=128, ge=1, description="Sequences of an optimiser step, over all processes.")
    micro_batch: int = Field(default=8, ge=1, description="Sequences of a forward pass of one process.")
    schedule: Schedule = Field(default="cosine", description="How the learning rate falls: to 0, or not at all.")
    warmup: float = Field(
        default=0.03, ge=0, lt=1, description="Share of the steps in which the learning rate rises from 0."
    )
    beta1: float = Field(default=0.9, ge=0, lt=1, description="AdamW's decay of the mean of gradients.")
    beta2: float = Field(default=0.999, ge=0, lt=1, description="AdamW's decay of the mean of squared gradients.")
    eps: float = Field(default=1e-8, gt=0, description="AdamW's epsilon.")
    weight_decay: float = Field(default=0.0, ge=0, description="AdamW's, on everything but vectors (norms and biases).")
    gradient_norm: float | None = Field(
        default=1.0, gt=0, description="Longer gradients are shortened to this; none: never."
    )
    dtype: Literal["float32", "bfloat16"] = Field(
        default="float32",
        description="Of arithmetic and saved weights; with bfloat16, trained weights and optimiser stay in float32.",
    )
    freeze: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Share of the blocks that stay as they are, counted from below, with all embeddings and the "
        "language model's head; 0: everything is trained.",
    )
    lora_rank: int = Field(
        default=0, ge=0, description="Train a LoRA adapter of this rank; 0: train the weights themselves."
    )
    lora_alpha: float = Field(default=16.0, gt=0, description="LoRA's scale, times the rank.")
    lora_dropout: float = Field(default=0.0, ge=0, lt=1, description="LoRA's dropout.")
    lora_targets: tuple[str, ...] = Field(
        default=(), description="Names of the linear layers that LoRA adapts; all of the blocks unless given."
    )
    gradient_checkpointing: bool = Field(
        default=False, description="Compute activations twice instead of keeping them: slower, for less memory."
    )
    save_every: int = Field(
        default=100,
        ge=1,
        description="Steps between two states from which an interrupted run goes on.",
        json_schema_extra=UNDECIDING,
    )
    evaluate_every: int = Field(
        default=100,
        ge=1,
        description="Steps between two measurements on held-out data, beside that at the end.",
        json_schema_extra=UNDECIDING,
    )
    evaluate_rows: int | None = Field(
        default=512,
        ge=1,
        description="Held-out rows measured on the way, chosen at random; none: all, as at the end.",
        json_schema_extra=UNDECIDING,
    )
    tensorboard: bool = Field(
        default=False, description="Write the log for TensorBoard too, in OUT/training.", json_schema_extra=UNDECIDING
    )

    @classmethod
    def of(cls, preset: str = "default", file: Path | None = None, **given: Any) -> Self:  # noqa: ANN401  any field's
        """Return a preset's settings, changed by those of a YAML file, changed by those given.

        Raises:
            BadInput: no such preset, setting or value, in one line.
        """
        if preset not in cls.presets:
            raise BadInput(f"--preset: no preset is called {preset!r}: {nearest(preset, cls.presets)}")
        values = {**cls.presets[preset], **(_read(file) if file else {}), **given}
        for name in values:
            if name not in cls.model_fields:
                where = file if file and name not in given else "settings"
                raise BadInput(f"{where}: no setting is called {name!r}: {nearest(name, cls.model_fields)}")
        try:
            return cls(**values)
        except ValidationError as wrong:
            raise BadInput(_one_line(wrong)) from wrong

    def deciding(self) -> dict[str, Any]:
        """Return the settings on which weights depend, as JSON has them."""
        values = self.model_dump(mode="json")
        return {
            name: values[name]
            for name, field in type(self).model_fields.items()
            if field.json_schema_extra is not UNDECIDING
        }


class Supervised(Settings):
    """What trainers can be told that go through a data set."""

    epochs: int = Field(default=1, ge=1, description="Times that each row is seen.")
    steps: int | None = Field(
        default=None, ge=1, description="Optimiser steps, if not whole epochs; the schedule ends there."
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        found = parse_yaml(file, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--settings: cannot read {file} ({error}); name a YAML file") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise BadInput(f"{file}: wanted `setting: value` lines, found {str(found)[:60]!r}")
    return found


def _one_line(wrong: ValidationError) -> str:
    first = wrong.errors()[0]
    name = str(first["loc"][0]).replace("_", "-") if first["loc"] else "settings"
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"--{name}: found {first['input']!r}, which {message}" if first["loc"] else message
