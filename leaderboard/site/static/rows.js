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
    return sorted(sorted(rows, (row) => row.value, !lower), middle);
  }

  function keep(rows, board, prepared, { family, search, standing }) {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const least = board.standings.findIndex((one) => one.name === standing);
    return rows.filter(
      (row) =>
        (!family || board.models[row.model].family === family) &&
        row.standing >= least &&
        words.every((word) => prepared.texts[row.model].includes(word)),
    );
  }

  /** The middle of a range of ranks, twice over: what ranges are ordered by. */
  const middle = (row) => (row.first === null ? null : row.first + row.last);

  /** Sorted by a key; equal rows stay in their order, rows without a value come last either way. */
  function sorted(rows, key, descending = false) {
    const sign = descending ? -1 : 1;
    const keyed = rows.map((row) => [key(row) ?? null, row]);
    keyed.sort(([one], [other]) => {
      if (one === null || other === null) return (one === null) - (other === null);
      return sign * (one - other);
    });
    return keyed.map(([, row]) => row);
  }

  const KEYS = new Map([
    ["rank", () => middle],
    ["model", (prepared) => (row) => prepared.name[row.model]],
    ["family", (prepared) => (row) => prepared.family[row.model]],
    ["tuning", (prepared) => (row) => prepared.tuning[row.model]],
    ["split", (prepared) => (row) => prepared.split[row.view]],
    ["shift", (prepared) => (row) => prepared.shift[row.view]],
    ["value", () => (row) => row.value],
    ["inputs", () => (row) => row.inputs],
    ["standing", () => (row) => row.standing],
  ]);

  const sort = (rows, prepared, name, descending) => sorted(rows, KEYS.get(name)(prepared), descending);

  return { prepare, build, keep, sort, sortable: (name) => KEYS.has(name) };
})();
