// The map: models that answer alike lie close together; the nearest of one are listed as it is pointed at.
"use strict";

gendiv.similarity = (() => {
  const { html, svg, model: linked } = gendiv.elements;
  const { number, count } = gendiv.words;

  const sure = (similarity) => number(similarity, 3);

  function points(map, board, families, shown) {
    return map.model.map((at, which) => {
      const model = board.models[at];
      const [nearest] = map.nearest[which];
      const beside = nearest ? `; nearest: ${board.models[nearest[0]].title}, similarity ${sure(nearest[1])}` : "";
      return {
        model: at,
        name: model.title,
        href: model.address,
        family: families.get(model.family),
        dim: !shown(at),
        x: map.x[which],
        y: map.y[which],
        label: `${model.title}${beside}`,
      };
    });
  }

  /** Show the nearest models of a point: lines in the figure, names beside it. */
  function neighbours(map, board, drawn, scale, lines, at) {
    const places = new Map(map.model.map((model, which) => [model, which]));
    const near = map.nearest[at].filter(([model]) => places.has(model));
    lines.replaceChildren(
      ...near.map(([model]) => {
        const [from, to] = [drawn[at], drawn[places.get(model)]];
        const ends = { x1: scale.x(from.x), y1: scale.y(from.y), x2: scale.x(to.x), y2: scale.y(to.y) };
        return svg("line", { class: "tie", ...ends });
      }),
    );
    const list = document.getElementById("nearest");
    list.replaceChildren(...near.map(([model, similarity]) => html("li", {}, linked(board.models[model]), ` ${sure(similarity)}`)));
    document.getElementById("nearest-of").textContent = `Nearest to ${drawn[at].name}`;
  }

  function table(body, map, board) {
    body.replaceChildren(
      ...map.model.map((at, which) => {
        const near = html("td");
        map.nearest[which].forEach(([model, similarity], place) => {
          near.append(place ? ", " : "", html("bdi", {}, board.models[model].title), ` ${sure(similarity)}`);
        });
        return html("tr", {}, html("th", { scope: "row" }, linked(board.models[at])), near);
      }),
    );
  }

  function draw(described, map, board, families, shown) {
    const drawn = points(map, board, families, shown);
    const lines = svg("g", { class: "ties" });
    const scale = gendiv.scatter.draw(document.getElementById("map"), drawn, {
      equal: true,
      under: () => [lines],
      named: drawn.length <= 30 ? drawn : [],
      chosen: (at) => neighbours(map, board, drawn, scale, lines, at),
    });
    const prompts = described.prompts ? `, over ${count(described.prompts, "prompt")}` : "";
    document.getElementById("map-detail").textContent =
      `${count(drawn.length, "model")}${prompts}. Distances are those of a flat picture, similarities are exact.`;
    document.getElementById("nearest-of").textContent = "Point at a model, or press Tab and the arrow keys.";
    document.getElementById("nearest").replaceChildren();
    const seen = new Set(drawn.map((point) => board.models[point.model].family || "no family"));
    gendiv.scatter.legend(document.getElementById("map-legend"), families, seen);
    table(document.getElementById("map-rows"), map, board);
  }

  return { draw };
})();
