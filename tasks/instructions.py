"""Following instructions: AlpacaFarm's own in distribution, AlpacaEval near it, sequential ones far out of it."""

from typing import Final

from .data import Data, Row
from .ids import content_id
from .prompting import Prompting, RowForm, reference, text
from .task import Prompt, Shift, Split, Task
from .templates import alpaca, with_input

MAX_TOKENS: Final = 300
"""The length of a response in AlpacaFarm; what the paper sampled with is not known."""

COLUMNS: Final = ("instruction", "output")

ALPACA_FARM: Final = Data(
    hub="UCL-DARK/alpaca-farm-id-test",
    split="train",
    local="test",
    files=("default/train/0000.parquet",),
    revision="88e857b450ad9e8390c972f530b34e3cdc386d73",
    licence="MIT",
    columns=COLUMNS,
    optional=("input",),
)
"""Instructions made as those were that the models of AlpacaFarm were tuned on; the hub calls the only split train."""

ALPACA_EVAL: Final = Data(
    hub="tatsu-lab/alpaca_eval",
    split="eval",
    files=("alpaca_eval.json",),
    revision="bb332f5fee6f419b89be9cb2bc397cd742d9cbee",
    licence="CC-BY-NC-4.0",
    columns=COLUMNS,
    optional=("input",),
    rows=805,
)
"""Instructions that people wrote, from five sources."""

SEQUENTIAL: Final = Data(
    hub="UCL-DARK/sequential-instructions",
    split="train",
    local="test",
    files=("data/train-00000-of-00001-2044bf553f0a9dc5.parquet",),
    revision="48615bcacfe4c24d25982ac942f2d88ad8806714",
    licence="MIT",
    columns=COLUMNS,
    optional=("input",),
    rows=533,
)
"""Instructions of several steps that build on each other; the hub calls the only split train."""


def _instruction(row: Row) -> str:
    given = reference(row, "input")
    instruction = text(row, "instruction")
    return instruction if given is None else with_input(instruction, given)


def _prompt(name: str, row: Row) -> Prompt:
    instruction = _instruction(row)
    return Prompt(name, alpaca(instruction), instruction, reference(row, "output"), instruction)


INSTRUCTION: Final = RowForm(lambda row: content_id(_instruction(row)), _prompt)


def _split(name: str, shift: Shift, description: str, data: Data) -> Split:
    return Split(name, shift, description, "instruction", Prompting(data, INSTRUCTION), data, data.rows)


INSTRUCTION_FOLLOWING: Final = Task(
    name="instruction-following",
    version=1,
    description="Instructions: of the kind tuned on, of other people, and of several steps.",
    licence="MIT AND CC-BY-NC-4.0",
    format="chat",
    max_tokens=MAX_TOKENS,
    stop=(),
    splits=(
        _split("alpaca_farm", "id", "instructions made as AlpacaFarm's training data were", ALPACA_FARM),
        _split("alpaca_eval", "near", "AlpacaEval: instructions that people wrote", ALPACA_EVAL),
        _split("sequential_instructions", "far", "several steps in one instruction, each on the last", SEQUENTIAL),
    ),
)
