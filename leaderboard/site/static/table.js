// The table: a hundred rows at a time, intervals as bars on one scale.
"use strict";

gendiv.table = (() => {
  const { html, svg, page } = gendiv.elements;
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
    const made = svg("svg", { class: "bar", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
    made.append(svg("line", { class: "track", x1: 0, x2: WIDTH, y1: middle, y2: middle }));
    if (row.low !== null && row.high !== null) {
      const [x1, x2] = [scale.at(row.low).toFixed(1), scale.at(row.high).toFixed(1)];
      made.append(svg("path", { class: "reach", d: `M${x1} 4V12M${x1} ${middle}H${x2}M${x2} 4V12` }));
    }
    made.append(svg("circle", { class: "mean", cx: scale.at(row.value).toFixed(1), cy: middle, r: 3.5 }));
    return made;
  }

  function standingCell(row, board) {
    const name = board.standings[row.standing];
    const { word, mark } = words.standing(name);
    const shown = html("span", { class: `standing standing-${row.standing}` });
    shown.append(html("span", { class: "mark", "aria-hidden": "true" }, mark), ` ${word}`);
    return html("td", {}, shown);
  }

  function line(row, board, scale, several) {
    const model = board.models[row.model];
    const view = board.views[row.view];
    const name = html("th", { scope: "row", class: "model" }, page(model.page, model.name));
    if (model.revision) name.append(html("span", { class: "revision" }, model.revision));
    const interval = html("td", { class: "interval" });
    const drawn = bar(row, scale);
    if (drawn) interval.append(drawn);
    const known = row.low !== null && row.high !== null;
    interval.append(html("span", { class: "ends" }, words.interval(row.low, row.high, scale.digits)));
    interval.classList.toggle("none", !known);
    return html(
      "tr",
      {},
      html("td", { class: "rank" }, words.rank(row.first, row.last)),
      name,
      html("td", {}, model.family || "–"),
      html("td", {}, model.tuning || "–"),
      several ? html("td", {}, view.split) : null,
      several ? html("td", {}, view.shift) : null,
      html("td", { class: "number value" }, words.number(row.value, scale.digits)),
      interval,
      html("td", { class: "number" }, row.inputs === null ? "–" : row.inputs.toLocaleString("en")),
      standingCell(row, board),
    );
  }

  function headers(state, several) {
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
