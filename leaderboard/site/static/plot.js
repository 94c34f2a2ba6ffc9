// Generalisation against diversity: every model with both of its intervals, and the front that no model is beyond.
"use strict";

gendiv.plot = (() => {
  const { html, svg, model: linked } = gendiv.elements;
  const { number, digits, interval, count } = gendiv.words;

  function said(point, places) {
    const of = (value, low, high, at) => `${number(value, at)} (${interval(low, high, at)})`;
    const y = of(point.y, point.yLow, point.yHigh, places.y);
    const x = of(point.x, point.xLow, point.xHigh, places.x);
    return `${point.name}: generalisation ${y}, diversity ${x}${point.front ? "; on the front" : ""}`;
  }

  function points(plane, board, families, shown) {
    const places = { x: digits(plane.x), y: digits(plane.y) };
    return plane.model.map((at, which) => {
      const model = board.models[at];
      const point = {
        model: at,
        name: model.title,
        href: model.address,
        family: families.get(model.family),
        dim: !shown(at),
        x: plane.x[which],
        xLow: plane.x_low[which],
        xHigh: plane.x_high[which],
        y: plane.y[which],
        yLow: plane.y_low[which],
        yHigh: plane.y_high[which],
        front: Boolean(plane.front[which]),
      };
      point.label = said(point, places);
      return point;
    });
  }

  /** The border of what the front's models reach: both axes are written so that more is better. */
  function staircase(front, scale) {
    if (!front.length) return [];
    const steps = front.map(({ x, y }, at) => {
      const [px, py] = [scale.x(x).toFixed(1), scale.y(y).toFixed(1)];
      return at ? `V${py}H${px}` : `M${px} ${py}`;
    });
    return [svg("path", { class: "frontier", d: steps.join("") })];
  }

  function table(body, drawn) {
    const places = { x: digits(drawn.map((point) => point.x)), y: digits(drawn.map((point) => point.y)) };
    const rows = [...drawn].sort((one, other) => other.front - one.front || other.y - one.y);
    const cell = (value, low, high, at) =>
      html("td", { class: "num" }, number(value, at), html("span", { class: "ends" }, ` ${interval(low, high, at)}`));
    body.replaceChildren(
      ...rows.map((point) =>
        html(
          "tr",
          {},
          html("th", { scope: "row" }, linked({ name: point.name, address: point.href })),
          cell(point.y, point.yLow, point.yHigh, places.y),
          cell(point.x, point.xLow, point.xHigh, places.x),
          html("td", {}, point.front ? "on the front" : "–"),
        ),
      ),
    );
  }

  /** Draw a plane; `shown(model)` says whether the filters of the table let a model through. */
  function draw(described, plane, board, families, shown) {
    const drawn = points(plane, board, families, shown);
    const front = drawn.filter((point) => point.front).sort((one, other) => one.x - other.x);
    const detail = document.getElementById("plot-detail");
    const resting = `${count(drawn.length, "model")}, ${front.length} of them on the front: no other model is better in both. Point at one, or press Tab and the arrow keys.`;
    detail.textContent = resting;
    const titles = { x: `${described.x.label} →`, y: `${described.y.label} →` };
    gendiv.scatter.draw(document.getElementById("plot"), drawn, {
      titles,
      under: (scale) => staircase(front, scale),
      named: front,
      chosen: (at) => (detail.textContent = drawn[at].label),
      left: () => (detail.textContent = resting),
    });
    const seen = new Set(drawn.map((point) => board.models[point.model].family || "no family"));
    gendiv.scatter.legend(document.getElementById("plot-legend"), families, seen);
    document.getElementById("plot-y").textContent = described.y.label;
    document.getElementById("plot-x").textContent = described.x.label;
    table(document.getElementById("plot-rows"), drawn);
  }

  return { draw };
})();
