// Points in a plane, as SVG: one stop of the Tab key, arrow keys from point to point, Enter opens the model's page.
"use strict";

gendiv.scatter = (() => {
  const { svg } = gendiv.elements;
  const { number } = gendiv.words;
  const AXES = { left: 62, right: 18, top: 14, bottom: 48 };
  const BARE = { left: 14, right: 14, top: 14, bottom: 14 };
  const SHAPES = [
    "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0",
    "M-4.5 -4.5H4.5V4.5H-4.5Z",
    "M0 -6L5.5 4.2H-5.5Z",
    "M0 -6.2L6.2 0L0 6.2L-6.2 0Z",
    "M0 6L5.5 -4.2H-5.5Z",
    "M-1.8 -5.5H1.8V-1.8H5.5V1.8H1.8V5.5H-1.8V1.8H-5.5V-1.8H-1.8Z",
    "M0 -6L5.7 -1.9L3.5 4.9H-3.5L-5.7 -1.9Z",
    "M-6 -3.5H6V3.5H-6Z",
  ];

  /** Which families have a colour and a shape of their own: the eight with most models. */
  function families(models) {
    const counts = new Map();
    for (const { family } of models) if (family) counts.set(family, (counts.get(family) ?? 0) + 1);
    const names = [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one));
    return new Map(names.slice(0, SHAPES.length).map((name, at) => [name, at]));
  }

  function mark(family, extra = "") {
    const known = family !== undefined;
    return svg("path", { class: `mark ${known ? `family-${family}` : "family-other"} ${extra}`, d: SHAPES[family ?? 0] });
  }

  /** Round numbers between two ends, about `wanted` of them. */
  function ticks(low, high, wanted) {
    const rough = (high - low) / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
    const found = [];
    for (let at = Math.ceil(low / step); at * step <= high + step * 1e-9; at += 1) found.push(at * step);
    return { found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  function ends(values) {
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      if (value === null || value === undefined) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!Number.isFinite(low)) return [0, 1];
    const room = (high - low || Math.abs(high) || 1) * 0.05;
    return [low - room, high + room];
  }

  function scales(points, width, height, equal, pad) {
    let [x0, x1] = ends(points.flatMap((point) => [point.x, point.xLow, point.xHigh]));
    let [y0, y1] = ends(points.flatMap((point) => [point.y, point.yLow, point.yHigh]));
    const inner = { width: width - pad.left - pad.right, height: height - pad.top - pad.bottom };
    if (equal) {
      const unit = Math.max((x1 - x0) / inner.width, (y1 - y0) / inner.height);
      const grown = (low, high, room) => [(low + high - room) / 2, (low + high + room) / 2];
      [x0, x1] = grown(x0, x1, unit * inner.width);
      [y0, y1] = grown(y0, y1, unit * inner.height);
    }
    return {
      x: (value) => pad.left + ((value - x0) / (x1 - x0)) * inner.width,
      y: (value) => pad.top + ((y1 - value) / (y1 - y0)) * inner.height,
      xTicks: ticks(x0, x1, Math.max(4, inner.width / 110)),
      yTicks: ticks(y0, y1, Math.max(4, inner.height / 70)),
    };
  }

  function axes(scale, width, height, titles, pad) {
    const made = svg("g", { class: "axes", "aria-hidden": "true" });
    const [right, bottom] = [width - pad.right, height - pad.bottom];
    for (const tick of scale.xTicks.found) {
      const x = scale.x(tick).toFixed(1);
      made.append(svg("line", { class: "grid", x1: x, x2: x, y1: pad.top, y2: bottom }));
      made.append(svg("text", { x, y: bottom + 18, "text-anchor": "middle" }, number(tick, scale.xTicks.digits)));
    }
    for (const tick of scale.yTicks.found) {
      const y = scale.y(tick).toFixed(1);
      made.append(svg("line", { class: "grid", x1: pad.left, x2: right, y1: y, y2: y }));
      made.append(svg("text", { x: pad.left - 8, y, dy: "0.35em", "text-anchor": "end" }, number(tick, scale.yTicks.digits)));
    }
    made.append(svg("text", { class: "title", x: right, y: height - 8, "text-anchor": "end" }, titles.x));
    const middle = (pad.top + bottom) / 2;
    const turned = `translate(14 ${middle}) rotate(-90)`;
    made.append(svg("text", { class: "title", transform: turned, "text-anchor": "middle" }, titles.y));
    return made;
  }

  function whiskers(point, scale) {
    const [x, y] = [scale.x(point.x).toFixed(1), scale.y(point.y).toFixed(1)];
    let d = "";
    if (point.xLow !== null && point.xHigh !== null) d += `M${scale.x(point.xLow).toFixed(1)} ${y}H${scale.x(point.xHigh).toFixed(1)}`;
    if (point.yLow !== null && point.yHigh !== null) d += `M${x} ${scale.y(point.yLow).toFixed(1)}V${scale.y(point.yHigh).toFixed(1)}`;
    return d ? svg("path", { class: "whisker", d }) : null;
  }

  function drawn(point, scale) {
    const place = `translate(${scale.x(point.x).toFixed(1)} ${scale.y(point.y).toFixed(1)})`;
    const link = svg("a", { class: "point", "aria-label": point.label, tabindex: -1 });
    if (point.href) link.setAttribute("href", point.href);
    else link.setAttribute("role", "img");
    link.classList.toggle("front", Boolean(point.front));
    link.classList.toggle("dim", Boolean(point.dim));
    const whisker = point.xLow === undefined ? null : whiskers(point, scale);
    if (whisker) link.append(whisker);
    const centre = svg("g", { transform: place });
    centre.append(svg("circle", { class: "target", r: 9 }), mark(point.family, point.front ? "solid" : ""));
    link.append(centre);
    return link;
  }

  /** Names beside points, where there is room: above to the right, right, left, above, below; never over a point or another name. */
  function labels(named, points, scale, pad, width, height) {
    const made = svg("g", { class: "labels", "aria-hidden": "true" });
    const taken = points.map((point) => [scale.x(point.x) - 6, scale.y(point.y) - 6, 12, 12]);
    const apart = (one, other) =>
      one[0] + one[2] < other[0] || other[0] + other[2] < one[0] || one[1] + one[3] < other[1] || other[1] + other[3] < one[1];
    for (const point of named) {
      const name = point.name.length > 28 ? `${point.name.slice(0, 27)}…` : point.name;
      const [x, y, long] = [scale.x(point.x), scale.y(point.y), name.length * 7.2];
      const places = [
        [x + 8, y - 8, "start", x + 8],
        [x + 10, y + 4, "start", x + 10],
        [x - 10, y + 4, "end", x - 10 - long],
        [x, y - 11, "middle", x - long / 2],
        [x, y + 20, "middle", x - long / 2],
        [x - 8, y + 17, "end", x - 8 - long],
      ];
      for (const [tx, ty, anchor, left] of places) {
        const box = [left, ty - 11, long, 14];
        if (left < pad.left - 10 || left + long > width - 2 || ty < 11 || ty > height - 4 || !taken.every((other) => apart(box, other))) continue;
        taken.push(box);
        made.append(svg("text", { x: tx.toFixed(1), y: ty.toFixed(1), "text-anchor": anchor }, name));
        break;
      }
    }
    return made;
  }

  /** Arrow keys: to the left and right by x, up and down by y. */
  function walk(links, points) {
    const by = (value) => points.map((_, at) => at).sort((one, other) => value(points[one]) - value(points[other]));
    const [across, along] = [by((point) => point.x), by((point) => point.y)];
    const steps = new Map([
      ["ArrowRight", [across, 1]],
      ["ArrowLeft", [across, -1]],
      ["ArrowUp", [along, 1]],
      ["ArrowDown", [along, -1]],
    ]);
    return (event) => {
      const from = links.indexOf(event.target);
      const step = steps.get(event.key);
      if (from < 0 || !step) return;
      event.preventDefault();
      const [order, by] = step;
      const to = order[Math.min(Math.max(order.indexOf(from) + by, 0), order.length - 1)];
      links[from].setAttribute("tabindex", -1);
      links[to].setAttribute("tabindex", 0);
      links[to].focus();
    };
  }

  /**
   * Draw points into an <svg>.
   * points: {x, y, xLow, xHigh, yLow, yHigh, name, label, href, family, front, dim}; titles: {x, y}, or none for no axes;
   * lines: what lies under the points, made with the scales; named: points with their names beside them;
   * chosen(at): a point has the focus or the pointer; left(): none has any more.
   */
  function draw(figure, points, { titles = null, equal = false, under = () => [], named = [], chosen, left = () => {} }) {
    const width = Math.max(300, Math.round(figure.parentElement.clientWidth));
    const height = Math.round(Math.min(560, Math.max(320, width * 0.56)));
    figure.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const pad = titles ? AXES : BARE;
    const scale = scales(points, width, height, equal, pad);
    const links = points.map((point) => drawn(point, scale));
    const order = points.map((_, at) => at).sort((one, other) => Boolean(points[one].front) - Boolean(points[other].front));
    const layer = svg("g", { class: points.length > 150 ? "points many" : "points" }, ...order.map((at) => links[at]));
    const frame = titles ? [axes(scale, width, height, titles, pad)] : [];
    const ring = svg("circle", { class: "ring", r: 9.5, visibility: "hidden" }); // over all points: one may lie under others
    figure.replaceChildren(...frame, ...under(scale), layer, labels(named, points, scale, pad, width, height), ring);
    const chose = (at) => {
      ring.setAttribute("cx", scale.x(points[at].x));
      ring.setAttribute("cy", scale.y(points[at].y));
      ring.setAttribute("visibility", "visible");
      chosen(at);
    };
    const leave = () => {
      ring.setAttribute("visibility", "hidden");
      left();
    };
    if (links.length) links[Math.max(0, points.findIndex((point) => point.front))].setAttribute("tabindex", 0);
    links.forEach((link, at) => {
      link.addEventListener("focus", () => chose(at));
      link.addEventListener("pointerenter", () => chose(at));
      link.addEventListener("blur", leave);
      link.addEventListener("pointerleave", leave);
    });
    layer.addEventListener("keydown", walk(links, points));
    return scale;
  }

  /** The legend: what colour and shape each family has. */
  function legend(list, families, shown) {
    const items = [];
    const sign = (family) => svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, mark(family, "solid"));
    for (const [name, at] of families) {
      if (shown.has(name)) items.push(gendiv.elements.html("li", {}, sign(at), name));
    }
    if ([...shown].some((name) => !families.has(name))) items.push(gendiv.elements.html("li", {}, sign(undefined), "others"));
    list.replaceChildren(...items);
  }

  return { draw, legend, families };
})();
