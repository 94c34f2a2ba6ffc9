"""Drawing into a run folder: what it lacks by the plan is asked of the source, and its record is kept true."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from ..errors import BadInput, RunIncomplete, StoreFailed
from ..tasks import Format
from ..version import __version__
from .environment import environment
from .faults import find_faults
from .keys import Keyring, prompt_seed
from .plan import ANOTHER, Plan, PlannedSplit
from .progress import Progress
from .prompts import write_prompts
from .record import Fault, Refusal, Round, RunRecord, State, read_run, write_record
from .samples import read_split
from .sampling import Tally, Want, draw
from .sources.source import Abilities, Choice, Model, Source
from .store import Sample, Store, split_file


class RunFolder(AbstractContextManager["RunFolder"]):
    """A run folder held for drawing by one plan.

    Raises:
        StoreFailed: it cannot be written, or another process draws into it.
        BadInput: it holds samples of another kind.
    """

    def __init__(self, plan: Plan, folder: Path, label: str | None = None) -> None:
        self.plan = plan
        self.folder = folder
        self._label = label
        self._store = Store(folder)
        try:
            self.before = read_run(folder) if (folder / "run.json").exists() else None
            if self.before is not None:
                plan.check_extends(self.before, str(folder))
        except BaseException:
            self._store.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def missing(self, model: Model) -> list[Want]:
        """Return what the plan asks and the folder lacks, prompt by prompt.

        Raises:
            BadInput: the folder holds another model's samples.
            StoreFailed: a sample in it is damaged or not this run's.
        """
        if self.before is not None and self.before.model.fingerprint != model.fingerprint:
            raise BadInput(
                f"{self.folder} holds samples of {self.before.model.spec}, and {model.spec} has another fingerprint "
                f"({self.before.model.fingerprint[:20]} there, {model.fingerprint[:20]} here); {ANOTHER}"
            )
        return [want for split in self.plan.splits for want in self._missing_of(split, model)]

    def _missing_of(self, split: PlannedSplit, model: Model) -> Iterator[Want]:
        keyring = Keyring(model, split.format, split.decoding)
        keys = {prompt.id: keyring.of_prompt(prompt.text(split.format)) for prompt in split.prompts}
        done: dict[str, set[int]] = {prompt.id: set() for prompt in split.prompts}
        for sample in self._store.samples(split.name):
            where = f"{split_file(self.folder, split.name)}: sample {sample.index} of {sample.prompt!r}"
            if sample.prompt not in keys or keys[sample.prompt].of_sample(sample.index, sample.seed) != sample.key:
                raise StoreFailed(f"{where} is not of this model, prompt and decoding; restore the file or {ANOTHER}")
            if sample.index in done[sample.prompt]:
                raise StoreFailed(f"{where} stands there twice; remove one")
            done[sample.prompt].add(sample.index)
        for prompt in split.prompts:
            indices = tuple(sorted(set(range(self.plan.samples_per_prompt)) - done[prompt.id]))
            if indices:
                text, seed = prompt.text(split.format), prompt_seed(self.plan.seed, split.name, prompt.id)
                yield Want(split.name, prompt.id, text, split.format, split.decoding, seed, indices)

    async def draw(
        self, source: Source, wants: Sequence[Want], progress: Progress, most_under_way: int | None = None
    ) -> RunRecord:
        """Draw `wants` from an entered source and return the record, which is written as well.

        Raises:
            RunIncomplete: some prompts were refused or given up; all others are drawn.
            SourceFailed: the source died; what it answered is kept.
        """
        abilities = {format: await source.examine(format) for format in sorted({want.format for want in wants})}
        head = self._head(source, abilities)
        write_record(self.folder, head)
        for planned in self.plan.splits:
            write_prompts(self.folder, planned.name, planned.asked())
        asked = sum(len(want.indices) for want in wants)
        progress.start(self.plan.samples, self.plan.samples - asked)
        tally, started = Tally(), dt.datetime.now(dt.UTC)
        try:
            await draw(
                source,
                wants,
                self._keeper(source.model),
                tally,
                per_request={format: found.choices_per_request for format, found in abilities.items()},
                most_under_way=most_under_way,
                advance=progress.advance,
            )
        finally:
            progress.finish()
            whole = tally.samples == asked
            record = self._closed(head, tally, started, "complete" if whole else "incomplete")
        if not whole:
            split, prompt, reason = tally.refused[0]
            raise RunIncomplete(
                f"{len(tally.refused)} of {sum(split.prompts for split in record.splits)} prompts were not answered, "
                f"first {prompt!r} of {split}: {reason}; all other samples are kept in {self.folder}: "
                f"mend the cause and give the same command again, or score what is there: gendiv score {self.folder}"
            )
        return record

    def _keeper(self, model: Model) -> "Keeper":
        keyrings = {split.name: Keyring(model, split.format, split.decoding) for split in self.plan.splits}
        return Keeper(self._store, keyrings)

    def _head(self, source: Source, abilities: Mapping[Format, Abilities]) -> RunRecord:
        """Return the record as it stands before the first sample of this round."""
        known = dict(self.before.abilities) if self.before else {}
        return RunRecord(
            schema=1,
            gendiv=__version__,
            state="running",
            label=self._label or (self.before.label if self.before else source.model.name),
            suite=self.plan.suite,
            model=source.model,
            abilities={**known, **abilities},
            source=source.details or (self.before.source if self.before else {}),  # empty where it was not entered
            samples_per_prompt=self.plan.samples_per_prompt,
            seed=self.plan.seed,
            splits=tuple(split.record() for split in self.plan.splits),
            rounds=self.before.rounds if self.before else (),
            refusals=(),
            faults=(),
            finish_reasons={},
            environment=environment(),
        )

    def _closed(self, head: RunRecord, tally: Tally, started: dt.datetime, state: State) -> RunRecord:
        """Write and return the record after a round: what was done, what was refused, what is odd about the samples."""
        this_round = Round(
            started=started.isoformat(timespec="seconds"),
            samples=tally.samples,
            prompt_tokens=tally.prompt_tokens,
            completion_tokens=tally.completion_tokens,
            seconds=round(tally.seconds, 3),
            retries=tally.retries,
            falls=tally.falls,
            most_under_way=tally.most_under_way,
        )
        faults: list[Fault] = []
        endings: dict[str, dict[str, int]] = {}
        for split in self.plan.splits:
            found = read_split(self.folder, split.name, self.plan.samples_per_prompt)
            faults += find_faults(split.name, split.decoding, [row.samples for row in found.rows], found.finish_reasons)
            endings[split.name] = dict(sorted(found.finish_reasons.items()))
        record = head.model_copy(
            update={
                "state": state,
                "rounds": (*head.rounds, this_round),
                "refusals": tuple(Refusal(split=s, prompt=p, reason=r) for s, p, r in tally.refused),
                "faults": tuple(faults),
                "finish_reasons": endings,
            }
        )
        write_record(self.folder, record)
        return record


class Keeper:
    """Stores the finished samples of a run as they come."""

    def __init__(self, store: Store, keyrings: Mapping[str, Keyring]) -> None:
        self._store = store
        self._keyrings = keyrings

    def __call__(self, want: Want, indices: Sequence[int], choices: Sequence[Choice]) -> None:
        """Append one row for each choice."""
        keys = self._keyrings[want.split].of_prompt(want.text)
        rows = []
        for index, choice in zip(indices, choices, strict=True):
            seed = want.seed + index
            rows.append(
                Sample(keys.of_sample(index, seed), want.prompt, index, seed, choice.text, choice.finish_reason)
            )
        self._store.append(want.split, rows)
