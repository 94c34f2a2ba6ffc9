// The table: a hundred rows at a time, intervals as bars on one scale.
"use strict";

gendiv.table = (() => {
  const { html, svg } = gendiv.elements;
  const words = gendiv.words;
  const SIZE = 100;
  const WIDTH = 150;
  const HEIGHT = 16;
  /** Columns that are best seen from their largest value down. */
  const DOWN = new Set(["value", "inputs", "standing"]);

  const element = (id) => document.getElementById(id);

  /** The scale that all bars of the rows share. */
  function scaleOf(rows) {
    const ends = rows.flatMap((row) => [row.low, row.high, row.value]).filter((end) => end !== null);
    let low = Infinity;
    let high = -Infinity;
    for (const end of ends) {
      if (end < low) low = end;
      if (end > high) high = end;
    }
    const at = (value) => (high > low ? 5 + ((value - low) / (high - low)) * (WIDTH - 10) : WIDTH / 2);
    return { low, high, at, digits: words.digits(ends) };
  }

  function bar(row, scale) {
    if (row.value === null) return null;
    const middle = HEIGHT / 2;
    const made = svg("svg", { class: "interval", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
    made.append(svg("line", { class: "axis", x1: 0, x2: WIDTH, y1: middle, y2: middle }));
    const across = (name, from, to) => svg("line", { class: name, x1: from.toFixed(1), x2: to.toFixed(1), y1: middle, y2: middle });
    if (row.low !== null && row.high !== null) {
      made.append(across("bar", scale.at(row.low), scale.at(row.high)));
    }
    made.append(svg("circle", { class: "dot", cx: scale.at(row.value).toFixed(1), cy: middle, r: 2.75 }));
    return made;
  }

  /** A commit's hash in its first ten digits; any other revision as it is. */
  const shortened = (revision) => (/^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 10) : revision);

  function standingCell(row, board) {
    const word = words.standing(board.standings[row.standing].name);
    const shown = html("span", { class: `standing s${row.standing}` });
    shown.append(html("span", { class: "mark", "aria-hidden": "true" }, words.mark(row.standing)), ` ${word}`);
    return html("td", {}, shown);
  }

  function line(row, board, scale, several) {
    const model = board.models[row.model];
    const view = board.views[row.view];
    const name = html("th", { scope: "row", class: "model" }, gendiv.elements.model(model));
    if (model.revision) name.append(" ", html("span", { class: "revision" }, html("bdi", {}, shortened(model.revision))));
    const kinds = [model.family, model.tuning].filter(Boolean);
    name.append(html("span", { class: "kinds" }, html("bdi", {}, kinds.join(", ")))); // where there is no room for columns
    const interval = html("td", { class: "spread" });
    const drawn = bar(row, scale);
    if (drawn) interval.append(drawn);
    const known = row.low !== null && row.high !== null;
    interval.append(html("span", { class: "ends" }, words.interval(row.low, row.high, scale.digits)));
    interval.classList.toggle("none", !known);
    return html(
      "tr",
      {},
      html("td", { class: "num rank" }, words.rank(row.first, row.last)),
      name,
      html("td", { class: "tag" }, html("bdi", {}, model.family || "–")),
      html("td", { class: "tag" }, html("bdi", {}, model.tuning || "–")),
      several ? html("td", { class: "split" }, html("bdi", {}, view.split)) : null,
      several ? html("td", {}, html("span", { class: view.shift }, view.shift)) : null,
      html("td", { class: "num value" }, words.number(row.value, scale.digits)),
      interval,
      html("td", { class: "num" }, row.inputs === null ? "–" : row.inputs.toLocaleString("en")),
      standingCell(row, board),
    );
  }

  function headers(state, several) {
    element("table-region").classList.toggle("several", several);
    for (const header of element("table").tHead.rows[0].cells) {
      const name = header.dataset.sort;
      if (name === "split" || name === "shift") header.hidden = !several;
      if (!name) continue;
      const sorted = name === state.sort;
      if (sorted) header.setAttribute("aria-sort", state.order);
      else header.removeAttribute("aria-sort");
      header.querySelector(".arrow").textContent = sorted ? (state.order === "ascending" ? "▲" : "▼") : "";
    }
  }

  function pages(count, at) {
    const last = Math.max(1, Math.ceil(count / SIZE));
    element("pages").hidden = last === 1;
    element("previous").disabled = at <= 1;
    element("next").disabled = at >= last;
    element("where").textContent = `Page ${at} of ${last}`;
  }

  /** Draw one page of sorted rows; the scale is that of all rows before filters, so that bars stay where they are. */
  function draw(rows, scale, board, state, several) {
    const last = Math.max(1, Math.ceil(rows.length / SIZE));
    const at = Math.min(Math.max(1, Number.parseInt(state.page, 10) || 1), last);
    const shown = rows.slice((at - 1) * SIZE, at * SIZE);
    const body = element("table").tBodies[0];
    const drawn = document.createDocumentFragment();
    for (const row of shown) drawn.append(line(row, board, scale, several));
    if (!shown.length) {
      const cell = html("td", { class: "nothing", colspan: several ? 10 : 8 }, "No number answers these filters.");
      drawn.append(html("tr", {}, cell));
    }
    body.replaceChildren(drawn);
    headers(state, several);
    pages(rows.length, at);
    const known = Number.isFinite(scale.low);
    element("scale-low").textContent = known ? words.number(scale.low, scale.digits) : "";
    element("scale-high").textContent = known ? words.number(scale.high, scale.digits) : "";
    return { at, from: rows.length ? (at - 1) * SIZE + 1 : 0, to: (at - 1) * SIZE + shown.length };
  }

  /** The order that a click on a header asks for. */
  function clicked(state, name) {
    if (state.sort !== name) return DOWN.has(name) ? "descending" : "ascending";
    return state.order === "ascending" ? "descending" : "ascending";
  }

  return { draw, scaleOf, clicked };
})();
