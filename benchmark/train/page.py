"""The page of settings: what each trainer can be told, as Markdown tables made from the fields."""

from collections.abc import Mapping
from typing import Any, Final

from .reinforcement.ppo_settings import PPOSettings
from .reward import RewardSettings
from .settings import Settings
from .sft import SFTSettings

TRAINERS: Final[Mapping[str, type[Settings]]] = {"sft": SFTSettings, "reward": RewardSettings, "ppo": PPOSettings}
"""The settings of each trainer, by the name of its command."""


def settings_page() -> str:
    """Return the page with the tables of all trainers."""
    head = (
        "# Settings of the trainers\n\nMade from the fields by `make cards`. Each setting is an option "
        "(`learning_rate` is `--learning-rate`), a line of a `--settings` file, and an argument of the settings' "
        "class; the columns are the values of the presets.\n"
    )
    return "\n".join([head, *(table(name, kind) for name, kind in TRAINERS.items())])


def table(name: str, kind: type[Settings]) -> str:
    """Return one trainer's table."""
    presets = {preset: kind.of(preset) for preset in kind.presets}
    lines = [
        f"## `gendiv train {name}`\n",
        f"| setting | {' | '.join(f'`{preset}`' for preset in presets)} | |",
        f"|---|{'---|' * len(presets)}---|",
    ]
    for field, information in kind.model_fields.items():
        values = " | ".join(_shown(getattr(settings, field)) for settings in presets.values())
        lines.append(f"| `{field}` | {values} | {information.description} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:  # noqa: ANN401  any setting's
    if value is None or value == ():
        return "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    print(settings_page(), end="")  # noqa: T201  the page goes to standard output
