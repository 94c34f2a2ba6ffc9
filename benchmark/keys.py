"""Seeds and keys of samples: what makes a sample this sample and no other."""

import hashlib
import json
from dataclasses import asdict

from ..tasks import Format
from .decoding import Decoding
from .sources.source import Model


def prompt_seed(run_seed: int, split: str, prompt_id: str) -> int:
    """Return the seed of a prompt's first sample; sample k has this seed plus k, so that siblings always differ.

    vLLM gives choice j of an `n`-request the request's seed plus j. Hence a sample has the same seed whether it is
    drawn with its siblings or alone after a crash.
    """
    digest = hashlib.sha256(json.dumps([run_seed, split, prompt_id]).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 2  # below 2**30: seed + k fits every server's 32-bit integer


class Keyring:
    """Keys of one split's samples.

    A key covers the model's fingerprint, the chat template, the rendered prompt, every decoding parameter, the sample's
    index and its seed. Two samples with one key are draws of the same random variable with the same random numbers;
    nothing less is a cache hit.
    """

    def __init__(self, model: Model, format: Format, decoding: Decoding) -> None:
        template = model.chat_template if format == "chat" else None
        self._head = hashlib.sha256(
            json.dumps([model.fingerprint, template, format, asdict(decoding)], sort_keys=True).encode()
        )

    def of_prompt(self, text: str) -> "PromptKeys":
        """Return the keys of one rendered prompt's samples."""
        digest = self._head.copy()
        digest.update(json.dumps(text).encode())
        return PromptKeys(digest)


class PromptKeys:
    """Keys of one prompt's samples, hashed over the prompt once."""

    def __init__(self, head: "hashlib._Hash") -> None:
        self._head = head

    def of_sample(self, index: int, seed: int) -> str:
        """Return 32 hexadecimal digits."""
        digest = self._head.copy()
        digest.update(f":{index}:{seed}".encode())
        return digest.hexdigest()[:32]
