"""How text is drawn from a model: every decoding parameter, always explicit, so that no default can leak in."""

from dataclasses import dataclass, fields

from ..errors import BadInput


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """The whole set of decoding parameters of a sample.

    All of them are sent with every request and recorded, because a checkpoint's own generation config
    otherwise fills the gaps (transformers' top_k=50 reached published diversity figures that way).

    Attributes:
        temperature: in [0, 5]; 0 is greedy.
        top_p: in (0, 1]; 1 is off.
        top_k: at least 1, or None for off.
        min_p: in [0, 1); 0 is off.
        repetition_penalty: in (0, 10]; 1 is off.
        presence_penalty: in [-2, 2]; 0 is off.
        frequency_penalty: in [-2, 2]; 0 is off.
        max_tokens: at least 1.
        stop: strings that end a sample, not included in its text.
        prompt_tokens: longest prompt in tokens, or None for no limit; a longer one loses its beginning, so that the cue
            at its end survives. For prompts of the raw format, whose beginning is no part of a chat template.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int | None = None
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    max_tokens: int = 64
    stop: tuple[str, ...] = ()
    prompt_tokens: int | None = None

    def __post_init__(self) -> None:
        checks = {
            "temperature": (0 <= self.temperature <= 5, "a number from 0 (greedy) to 5"),
            "top_p": (0 < self.top_p <= 1, "a number above 0, up to 1 (off)"),
            "top_k": (self.top_k is None or self.top_k >= 1, "a whole number from 1, or nothing (off)"),
            "min_p": (0 <= self.min_p < 1, "a number from 0 (off) to below 1"),
            "repetition_penalty": (0 < self.repetition_penalty <= 10, "a number above 0, up to 10; 1 is off"),
            "presence_penalty": (-2 <= self.presence_penalty <= 2, "a number from -2 to 2; 0 is off"),
            "frequency_penalty": (-2 <= self.frequency_penalty <= 2, "a number from -2 to 2; 0 is off"),
            "max_tokens": (self.max_tokens >= 1, "a whole number from 1"),
            "stop": (all(self.stop), "strings with at least one character"),
            "prompt_tokens": (
                self.prompt_tokens is None or self.prompt_tokens >= 1,
                "a whole number from 1, or nothing",
            ),
        }
        for name, (good, wanted) in checks.items():
            if not good:
                raise BadInput(f"{name}: wanted {wanted}, found {getattr(self, name)!r}")

    def room_for_prompt(self, context: int | None) -> int | None:
        """Return the tokens above which a prompt is shortened: `prompt_tokens`, fewer where the context is small."""
        if self.prompt_tokens is None or context is None:
            return self.prompt_tokens
        return max(1, min(self.prompt_tokens, context - self.max_tokens))

    def check_context(self, prompt_tokens: int, context: int | None) -> str | None:
        """Return why a prompt of so many tokens cannot be answered within a context, or None if it can.

        Servers cut the answer's budget short in silence instead, and its length then measures the prompt's.
        """
        if context is None or prompt_tokens + self.max_tokens <= context:
            return None
        return (
            f"the prompt has {prompt_tokens} tokens; with max_tokens {self.max_tokens} the model's context of "
            f"{context} is exceeded"
        )

    @property
    def signature(self) -> str:
        """Every parameter as `name=value`, joined by colons, in field order.

        >>> Decoding(temperature=0.7).signature[:33]
        'temperature=0.7:top_p=1.0:top_k=o'
        """
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ":".join(f"{name}={_written(value)}" for name, value in values)


def _written(value: object) -> str:
    if value is None:
        return "off"
    if isinstance(value, tuple):
        return "+".join(repr(part) for part in value) or "none"
    return str(value)
