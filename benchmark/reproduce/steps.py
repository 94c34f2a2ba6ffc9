"""The steps that a scale comes to: train, draw, grade, for each seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .scale import Scale, Training
from .step import HEATED, LABELS, TEMPERATURE, Layout, Step, Sweep

BESIDE: Final = ("distinct", "length", "duplicates")
"""Metrics that help to read those of the claims."""


def plan_steps(
    layout: Layout, seeds: Sequence[int], sweeps: Sequence[Sweep] = (), judge: str | None = None
) -> list[Step]:
    """Return every step of a reproduction, in an order in which they could be done one after the other."""
    return [step for seed in seeds for step in _Seed(layout, seed, judge).steps(sweeps)]


@dataclass(frozen=True)
class _Seed:
    """One seed: everything is trained and drawn with it."""

    layout: Layout
    seed: int
    judge: str | None

    @property
    def scale(self) -> Scale:
        """At which it is done."""
        return self.layout.scale

    def steps(self, sweeps: Sequence[Sweep]) -> Iterator[Step]:
        """Yield what is done, ending with the grades of all runs."""
        found = [*self._trained(), *self._drawn()]
        found += self._kl_sweep() if "kl" in sweeps else ()
        found += self._temperature_sweep() if "temperature" in sweeps else ()
        yield from found
        if self.scale.quality:
            runs = [step for step in found if step.arguments[0] == "run"]
            folders = [step.arguments[step.arguments.index("--out") + 1] for step in runs]
            graded = ("reward", *folders, "--reward", self.scale.quality)
            yield self._step("grades", graded, *(step.name.partition("/")[2] for step in runs))

    def _trained(self) -> Iterator[Step]:
        scale, base = self.scale, self.scale.base
        if base is None:
            base = self._checkpoint("base")
            made = ("train", "scratch", "--words", scale.lessons, "--seed", str(self.seed), "--out", base)
            yield self._step("base", made)
        sft, reward = self._checkpoint("sft"), self._checkpoint("reward")
        yield self._step("sft", self._train("sft", scale.sft, base, sft), *(() if scale.base else ("base",)))
        yield self._step("reward", self._train("reward", scale.reward, sft, reward), "sft")
        yield self._ppo("ppo", self._checkpoint("ppo"), scale.kl_coefficient)

    def _drawn(self) -> Iterator[Step]:
        scale, sft = self.scale, self._checkpoint("sft")
        yield self._run("sft", sft, self.layout.run(self.seed, "sft"), "SFT")
        yield self._run("ppo", self._checkpoint("ppo"), self.layout.run(self.seed, "ppo"), "RLHF")
        chosen = ("--best-of", str(scale.best_of), "--reward", f"hf:{self._checkpoint('reward')}")
        cooler = (*chosen, "--temperature", f"{scale.best_of_temperature:g}")
        folder = self.layout.run(self.seed, "best-of-n")
        yield self._run("reward", sft, folder, LABELS["best-of-n"], *cooler, samples=scale.best_of_samples)

    def _kl_sweep(self) -> Iterator[Step]:
        for coefficient in self.scale.kl_sweep:
            if coefficient != self.scale.kl_coefficient:
                checkpoint = self.layout.swept(self.seed, coefficient)
                yield self._ppo(checkpoint.name, str(checkpoint), coefficient)
                folder = self.layout.kl_run(self.seed, coefficient)
                yield self._run(checkpoint.name, str(checkpoint), folder, f"RLHF, KL {coefficient:g}", whole=False)

    def _temperature_sweep(self) -> Iterator[Step]:
        for policy in HEATED:
            for temperature in self.scale.temperatures:
                if temperature != TEMPERATURE:
                    folder = self.layout.temperature_run(self.seed, policy, temperature)
                    label = f"{LABELS[policy]}, T {temperature:g}"
                    at = ("--temperature", f"{temperature:g}")
                    yield self._run(policy, self._checkpoint(policy), folder, label, *at, whole=False)

    def _ppo(self, name: str, out: str, coefficient: float) -> Step:
        trained = self._train("ppo", self.scale.ppo, self._checkpoint("sft"), out)
        asked = ("--reward", f"hf:{self._checkpoint('reward')}", "--kl-coefficient", f"{coefficient:g}")
        return self._step(name, (*trained, *asked), "reward")

    def _train(self, kind: str, training: Training, model: str, out: str) -> tuple[str, ...]:
        asked = ("--model", model, "--data", self.scale.lessons, "--out", out, "--preset", training.preset)
        steps = () if training.steps is None else ("--steps", str(training.steps))
        return ("train", kind, *asked, "--seed", str(self.seed), *steps)

    def _run(
        self,
        needs: str,
        model: str,
        folder: Path,
        label: str,
        *more: str,
        samples: int | None = None,
        whole: bool = True,
    ) -> Step:
        """Return the step that draws from a model, on all splits or on that in distribution alone."""
        splits = self.scale.splits if whole else (self.scale.in_distribution,)
        tasks = [part for split in splits for part in ("--task", split)]
        size = ("-n", str(self.scale.prompts), "-k", str(samples or self.scale.samples), "--seed", str(self.seed))
        asked = ("--model", f"{self.scale.engine}:{model}", *tasks, *size, "--label", label, "--out", str(folder))
        judged = () if self.judge is None else ("--judge", self.judge)
        measured = ("--metrics", ",".join((*self.scale.diversity, *BESIDE)))
        return self._step(f"run-{folder.name}", ("run", *asked, *measured, *more, *judged), needs)

    def _step(self, name: str, arguments: tuple[str, ...], *needs: str) -> Step:
        return Step(f"seed-{self.seed}/{name}", arguments, tuple(f"seed-{self.seed}/{need}" for need in needs))

    def _checkpoint(self, name: str) -> str:
        return str(self.layout.checkpoint(self.seed, name))
