// Rows of the table: views in, rows filtered and sorted out. Draws nothing.
"use strict";

gendiv.rows = (() => {
  /** Where each model stands in the order of a text of it; null where it has none. Compared once, not at every sort. */
  function places(models, text) {
    const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    const texts = [...new Set(models.map(text).filter(Boolean))].sort(collator.compare);
    const place = new Map(texts.map((one, at) => [one, at]));
    return models.map((model) => place.get(text(model)) ?? null);
  }

  /** What sorting and searching need of a board's models, worked out once. */
  function prepare(board) {
    const { models } = board;
    return {
      name: places(models, (model) => model.name),
      family: places(models, (model) => model.family),
      tuning: places(models, (model) => model.tuning),
      split: places(board.views, (view) => view.split),
      shift: board.views.map((view) => ["id", "near", "far"].indexOf(view.shift)),
      texts: models.map((model) => [model.name, model.revision, model.family, model.tuning].join(" ").toLowerCase()),
    };
  }

  /** The rows of views, each in the order of its ranks. */
  function build(views, columns, board) {
    const rows = [];
    views.forEach((view, which) => {
      const data = columns[which];
      const viewAt = board.views.indexOf(view);
      for (let at = 0; at < data.model.length; at += 1) {
        rows.push({
          model: data.model[at],
          view: viewAt,
          value: data.value[at],
          low: data.low[at],
          high: data.high[at],
          first: data.first[at],
          last: data.last[at],
          inputs: data.inputs[at],
          standing: data.standing[at],
        });
      }
    });
    const lower = views[0]?.direction === "lower_is_more_diverse";
    return sorted(sorted(rows, (row) => row.value, !lower), (row) => row.first, false, (row) => row.last);
  }

  function keep(rows, board, prepared, { family, search, standing }) {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const least = standing ? board.standings.indexOf(standing) : 0;
    return rows.filter(
      (row) =>
        (!family || board.models[row.model].family === family) &&
        row.standing >= least &&
        words.every((word) => prepared.texts[row.model].includes(word)),
    );
  }

  /** Sorted by a key, then by another; equal rows stay in their order, rows without a value come last either way. */
  function sorted(rows, key, descending, second = () => 0) {
    const sign = descending ? -1 : 1;
    const keyed = rows.map((row) => [key(row) ?? null, second(row) ?? null, row]);
    keyed.sort((one, other) => {
      if (one[0] === null || other[0] === null) return (one[0] === null) - (other[0] === null);
      return sign * (one[0] - other[0] || one[1] - other[1]);
    });
    return keyed.map(([, , row]) => row);
  }

  const KEYS = new Map([
    ["rank", () => (row) => row.first],
    ["model", (prepared) => (row) => prepared.name[row.model]],
    ["family", (prepared) => (row) => prepared.family[row.model]],
    ["tuning", (prepared) => (row) => prepared.tuning[row.model]],
    ["split", (prepared) => (row) => prepared.split[row.view]],
    ["shift", (prepared) => (row) => prepared.shift[row.view]],
    ["value", () => (row) => row.value],
    ["inputs", () => (row) => row.inputs],
    ["standing", () => (row) => row.standing],
  ]);

  function sort(rows, prepared, name, descending) {
    const second = name === "rank" ? (row) => row.last : undefined;
    return sorted(rows, KEYS.get(name)(prepared), descending, second);
  }

  return { prepare, build, keep, sort, sortable: (name) => KEYS.has(name) };
})();
