// Numbers, directions and signatures in words.
"use strict";

gendiv.words = (() => {
  const SHIFTS = new Map([
    ["id", "in distribution"],
    ["near", "near: a small shift"],
    ["far", "far: a large shift"],
  ]);
  const LEVELS = new Map([
    ["per_input", "per input: answers to one prompt"],
    ["across_input", "across inputs: different prompts"],
  ]);
  const DIRECTIONS = new Map([
    ["higher_is_more_diverse", "Higher is more diverse."],
    ["lower_is_more_diverse", "Lower is more diverse."],
    ["higher_is_better", "Higher is better."],
    ["neutral", "Neither higher nor lower is better, so nothing is ranked."],
  ]);
  const MARKS = ["○", "◐", "●"]; // of standings, weakest first

  const known = (words, name) => words.get(name) ?? String(name);

  /** A number with as many digits as the spread of its column needs. */
  function number(value, digits) {
    return value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−");
  }

  /** Decimals that leave three significant digits to the spread of the values, at least 0 and at most 5. */
  function digits(values) {
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      if (value === null || value === undefined) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const spread = Math.max(high - low, Math.abs(high) / 100);
    if (!Number.isFinite(spread) || spread === 0) return 3;
    return Math.min(5, Math.max(0, 2 - Math.floor(Math.log10(spread))));
  }

  const interval = (low, high, places) =>
    low === null || high === null ? "no interval" : `${number(low, places)} to ${number(high, places)}`;

  const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

  function rank(first, last) {
    if (first === null || first === undefined) return "–";
    return first === last ? String(first) : `${first}–${last}`;
  }

  /** One part of a signature, such as k=16 or temperature=0.7, as a reader says it. */
  function part(text) {
    const at = text.indexOf("=");
    if (at < 0) return text;
    const name = text.slice(0, at).replaceAll("_", " ");
    const value = text.slice(at + 1);
    if (name === "k") return `${value} samples a prompt`;
    if (name === "inputs") return `${value} inputs`;
    return `${name} ${value}`;
  }

  /** What of several signatures differs, each in words; whole signatures where they are not built alike. */
  function differing(signatures) {
    if (signatures.length < 2) return signatures.map(() => "the same settings for all");
    const parts = signatures.map((signature) => signature.split(/[|:]/));
    const same = (at) => parts.every((one) => one[at] === parts[0][at]);
    if (parts.some((one) => one.length !== parts[0].length)) {
      return signatures.map((_, at) => {
        const others = new Set(parts.filter((_, other) => other !== at).flat());
        const own = parts[at].filter((piece) => !others.has(piece)).map(part);
        return own.length ? own.join(", ") : signatures[at];
      });
    }
    return parts.map((one) =>
      one
        .filter((_, at) => !same(at))
        .map(part)
        .join(", "),
    );
  }

  return {
    number,
    digits,
    interval,
    count,
    rank,
    differing,
    shift: (name) => known(SHIFTS, name),
    level: (name) => known(LEVELS, name),
    direction: (name) => DIRECTIONS.get(name) ?? "Whether higher is better is not known here, so nothing is ranked.",
    standing: (name) => name.replaceAll("_", "-"),
    mark: (standing) => MARKS[standing] ?? "·",
  };
})();
