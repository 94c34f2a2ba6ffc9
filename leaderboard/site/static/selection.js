// From what is asked for to the views that answer it: one split or several, one metric, one level, one signature.
"use strict";

gendiv.selection = (() => {
  const ALL = "all";

  const distinct = (values) => [...new Set(values)];

  /** The value that is wished for where it is to be had, else the first; a note says so. */
  function among(values, wished, what, notes) {
    if (wished && !values.includes(wished)) notes.push(`There is no ${what} “${wished}” here.`);
    return values.includes(wished) ? wished : (values[0] ?? "");
  }

  const fullest = (views) => views.reduce((best, view) => (best && best.count >= view.count ? best : view), null);

  function splitsOf(board, shift) {
    return board.views.filter((view) => !shift || view.shift === shift);
  }

  /** Signatures of the views with how many numbers each has, the most used first. */
  function signatures(views) {
    const counts = new Map();
    for (const view of views) counts.set(view.signature, (counts.get(view.signature) ?? 0) + view.count);
    return [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one));
  }

  /** The signature wished for, else one with the same decoding, else the most used. */
  function nearest(known, wished) {
    const decoding = (signature) => signature.slice(signature.lastIndexOf("|"));
    if (known.includes(wished)) return wished;
    return known.find((one) => wished && decoding(one) === decoding(wished)) ?? known[0] ?? "";
  }

  /**
   * What a state selects of a board: {shift, split, metric, level, signature, views, splits, metrics, levels, signatures, notes}.
   * `signature` in a state is one, or the id of a view that has it, since signatures are long.
   */
  function select(board, state) {
    const notes = [];
    const shift = state.shift && among(distinct(board.views.map((view) => view.shift)), state.shift, "shift", notes);
    const offered = splitsOf(board, shift);
    const splits = distinct(offered.map((view) => view.split));
    const start = fullest(offered);
    let split = state.split === ALL || (!state.split && !start) ? ALL : "";
    if (!split) split = among(splits, state.split || start.split, "split", notes);
    const here = split === ALL ? offered : offered.filter((view) => view.split === split);

    const metrics = distinct(here.map((view) => view.metric));
    const metric = among(metrics, state.metric || (start && metrics.includes(start.metric) ? start.metric : ""), "metric", notes);
    const levels = distinct(here.filter((view) => view.metric === metric).map((view) => view.level));
    const level = among(levels, state.level, "level", notes);
    const alike = here.filter((view) => view.metric === metric && view.level === level);
    const known = signatures(alike);
    const named = board.views.find((view) => [view.id, view.signature].includes(state.signature));
    if (state.signature && !named) notes.push("The settings that the address names are not on this board any more.");
    const signature = nearest(known, named?.signature);
    const views = alike.filter((view) => view.signature === signature);
    return { shift, split, metric, level, signature, views, splits, metrics, levels, signatures: known, alike, notes };
  }

  return { ALL, select, distinct };
})();
