"""A comparison: one run beside each of several others, with verdicts, as tables, pages, JSON and a picture."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..benchmark.comparing import Difference
from ..benchmark.comparisons import Versus, choose_compared, compare_contenders
from ..benchmark.contenders import Contender, Given, read_contenders
from ..benchmark.generalisation.gap_differences import GapDifference
from ..benchmark.store import make_folder, write_whole
from ..metrics import Metric
from .columns import labels
from .comparison_tables import Table, counted, difference_tables, explanations, gap_tables, reasons
from .gaps import asked_otherwise
from .latex import latex_list, latex_table
from .markdown import escaped, table
from .planes import Plane, draw_planes

PICTURE = "quality-diversity.png"


@dataclass(frozen=True)
class Comparison:
    """The first of some contenders against each of the others.

    Attributes:
        contenders: the first, and those it is compared with.
        versus: the first against each of the others.
        planes: quality against diversity, a split each.
        no_picture: why there are none.
    """

    contenders: tuple[Contender, ...]
    versus: tuple[Versus, ...]
    planes: tuple[Plane, ...]
    no_picture: str | None

    @classmethod
    def of(
        cls,
        given: Sequence[Given],
        metrics: Sequence[str | Metric] = (),
        *,
        diversity: str = "ead",
        quality: str | None = None,
        sbert_model: str | None = None,
        nli_model: str | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> "Comparison":
        """Compare the first with each of the others; what cannot be is refused before anything is computed.

        Args:
            given: run folders, runs, files of samples, or for each input its samples.
            metrics: metrics or their specs; see `compare_contenders` for what is compared unless told.
            diversity: the picture's horizontal axis.
            quality: its vertical one; the first that the scores hold unless told.
            sbert_model: replaces the sentence encoder of every metric that has one.
            nli_model: replaces the NLI model of every metric that has one.
            tell: told what is being compared.

        Raises:
            GendivError: what went wrong, in one line.
        """
        contenders = read_contenders(given)
        chosen = choose_compared(metrics, contenders, sbert_model=sbert_model, nli_model=nli_model)
        planes, no_picture = draw_planes(contenders, diversity, quality)
        return cls(tuple(contenders), tuple(compare_contenders(contenders, chosen, tell)), tuple(planes), no_picture)

    @property
    def first(self) -> Contender:
        """The one that is compared with the others."""
        return self.contenders[0]

    @property
    def differences(self) -> list[Difference]:
        """All differences, of one other after the other."""
        return [one for versus in self.versus for one in versus.differences]

    @property
    def gaps(self) -> list[GapDifference]:
        """All differences of gaps."""
        return [one for versus in self.versus for one in versus.gaps]

    def to_json(self) -> dict[str, object]:
        """Return the comparison as a JSON value."""
        names = [contender.name for contender in self.contenders]
        return {
            "schema": 1,
            "first": names[0],
            **({"second": names[1]} if len(names) == 2 else {}),
            "others": names[1:],
            "runs": [
                {"letter": one.letter, "name": one.name, "label": label}
                for one, label in zip(self.contenders, self._labels(), strict=True)
            ],
            "differences": [
                {"other": versus.other.name, **one.to_json()} for versus in self.versus for one in versus.differences
            ],
            "gaps": [
                {"other": versus.other.name, **one.to_json(), "verdict": one.verdict}
                for versus in self.versus
                for one in versus.gaps
            ],
            "planes": [plane.to_json(self.contenders) for plane in self.planes],
            "no_picture": self.no_picture,
        }

    def print(self) -> None:
        """Print the tables, and what a reader must know about them, on standard output."""
        from rich.console import Console

        from .table import block_table

        console = Console()
        for shown in self._tables():
            console.print(block_table(shown.title, shown.heads[1:], shown.blocks))
        for line in [*self.names(), *self._summary(), *self._remarks()]:
            console.print(line, highlight=False, markup=False, soft_wrap=True)

    def to_markdown(self, picture: str | None = None) -> str:
        """Return the comparison as Markdown, with a link to its picture if there is one."""
        others = ", ".join(versus.other.letter for versus in self.versus)
        lines = [f"# {self.first.letter} beside {others}", ""]
        lines += [*(f"- {escaped(line)}" for line in [*self.names(), *self._summary()]), ""]
        if picture:
            lines += [f"![Quality against diversity by split, with 95% intervals]({picture})", ""]
        for shown in self._tables():
            rows = [row for block in shown.rows for row in block]
            lines += [f"## {escaped(shown.title)}", "", *table(shown.heads, rows), ""]
        lines += [*(f"- {escaped(line)}" for line in self._remarks()), "", "## Signatures", ""]
        signatures = dict.fromkeys(
            [*(one.signature for one in self.differences), *(one.signature for one in self.gaps)]
        )
        lines += [f"- `{signature.replace('`', chr(39))}`" for signature in signatures]
        return "\n".join(lines) + "\n"

    def to_latex(self) -> str:
        """Return the comparison as tables of LaTeX's package booktabs, to be read by `input`."""
        parts = [r"% \usepackage{booktabs} in the preamble; no other package is needed"]
        parts += [latex_table(shown.title, shown.heads, shown.rows) for shown in self._tables()]
        return "\n".join([*parts, latex_list([*self.names(), *self._summary(), *self._remarks()])])

    def write(self, folder: Path) -> list[Path]:
        """Write `comparison.md`, `.tex` and `.json` and, where there are planes, the picture; return their paths.

        Raises:
            StoreFailed: the folder cannot be written.
        """
        from .quality_diversity import save_planes

        make_folder(folder)
        pictures = [folder / PICTURE] if self.planes else []
        for path in pictures:
            labels = zip(self.contenders, self._labels(), strict=True)
            save_planes(self.planes, [f"{one.letter}: {label or one.name}" for one, label in labels], path)
        texts = {
            "comparison.md": self.to_markdown(PICTURE if pictures else None),
            "comparison.tex": self.to_latex(),
            "comparison.json": json.dumps(self.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        }
        for name, text in texts.items():
            write_whole(folder / name, text)
        return [*(folder / name for name in texts), *pictures]

    def names(self) -> list[str]:
        """Return what stands behind each letter, without signs that move a terminal's cursor."""
        lines = (
            f"{one.letter}: {one.name if label is None else f'{label} ({one.name})'}"
            for one, label in zip(self.contenders, self._labels(), strict=True)
        )
        return ["".join(sign if sign.isprintable() else " " for sign in line) for line in lines]

    def _labels(self) -> list[str | None]:
        """Return the label of each run, with the decoding in which runs differ; None of samples of no run."""
        found = iter(labels([one.record for one in self.contenders if one.record]))
        return [next(found) if one.record else None for one in self.contenders]

    def _tables(self) -> list[Table]:
        compared = [shown for versus in self.versus for shown in difference_tables(versus, self.first)]
        return compared + [shown for versus in self.versus for shown in gap_tables(versus, self.first)]

    def _summary(self) -> list[str]:
        return [counted(versus, self.first) for versus in self.versus]

    def _remarks(self) -> list[str]:
        unfinished = [
            f"{one.letter}: the run is {one.record.state}; only finished prompts are counted"
            for one in self.contenders
            if one.record and one.record.state != "complete"
        ]
        ours = self.first.record
        formats = [
            line
            for versus in self.versus
            if ours and (theirs := versus.other.record)
            for line in asked_otherwise(ours, theirs, self.first.letter, versus.other.letter)
        ]
        unseen = [
            f"{one.letter} is not in the picture: "
            f"it has no scores of {self.planes[0].x} and {self.planes[0].y} like A's"
            for place, one in enumerate(self.contenders)
            if self.planes and not any(plane.points[place] for plane in self.planes)
        ]
        odd = [line for versus in self.versus for line in reasons(versus, self.first)]
        return [*explanations(self.versus), *unfinished, *formats, *unseen, *odd]
