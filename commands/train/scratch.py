"""`gendiv train scratch`: a small language model from nothing, to be trained on a CPU."""

from pathlib import Path

import click

from ...benchmark.train.rows import find_words
from ...benchmark.train.scratch import HEADS, HIDDEN, LAYERS, make_checkpoint
from ..options import json_option, note, print_json


@click.command("scratch")
@click.option(
    "--words",
    "words_of",
    required=True,
    metavar="NAME|FILE",
    help="Lessons with a closed vocabulary (small-world), or a text file whose words are the vocabulary.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="OUT", help="A new folder for the checkpoint."
)
@click.option("--layers", type=int, default=LAYERS, show_default=True, metavar="N", help="Transformer blocks.")
@click.option("--hidden", type=int, default=HIDDEN, show_default=True, metavar="N", help="Width.")
@click.option(
    "--heads", type=int, default=HEADS, show_default=True, metavar="N", help="Attention heads; width / heads: 32 or 64."
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Of the weights.")
@json_option
def command(words_of: str, out: Path, layers: int, hidden: int, heads: int, seed: int, as_json: bool) -> None:
    """Make a Llama of random weights and a tokeniser of whole words: an ordinary checkpoint folder.

    It is what the small reproduction begins with: gendiv train sft --model OUT --data small-world --preset mini ...
    """
    words = find_words(words_of)
    make_checkpoint(out, words, layers=layers, hidden=hidden, heads=heads, seed=seed)
    if as_json:
        print_json({"out": str(out), "words": len(words), "layers": layers, "hidden": hidden, "heads": heads})
    else:
        note(f"{out} holds an untrained language model of {len(words)} words")
