// The board's page: reads the address, loads what it asks for, draws, and writes the address anew as the reader chooses.
"use strict";

(() => {
  const { files, words, selection } = gendiv;
  const { option, offer } = gendiv.elements;
  const element = (id) => document.getElementById(id);
  /** Filters that change what is loaded; the others only narrow what is there. */
  const CHOICES = ["shift", "split", "metric", "level", "signature", "family", "standing"];

  let board = null;
  let prepared = null;
  let families = null;
  let state = null;
  let chosen = null; // of selection.select
  let rows = [];
  let scale = null;
  let waiting = 0; // the timer of the figures
  let asked = 0; // the newest request for data: answers to older ones come too late
  const near = new Set(); // figures that have come into sight

  const say = (text) => (element("status").textContent = text);

  function complain(where, error) {
    const place = element(where);
    place.textContent = error ? `${error.message}.` : "";
    place.hidden = !error;
  }

  /** Models row by row, their addresses, standings by name: as the rest of the page reads a board. */
  function unfolded(told) {
    const { name, revision, suite, family, tuning, page } = told.models;
    const times = new Map();
    for (const one of name) times.set(one, (times.get(one) ?? 0) + 1);
    const models = name.map((one, at) => ({
      name: one,
      revision: revision[at],
      suite: suite[at],
      family: family[at],
      tuning: tuning[at],
      title: times.get(one) > 1 ? `${one} ${revision[at]}` : one,
      address: `models/${encodeURIComponent(page[at])}.html`,
    }));
    return { ...told, models, standings: told.standings.map(([one, meaning]) => ({ name: one, meaning })) };
  }

  function splitOptions() {
    const groups = new Map();
    for (const split of chosen.splits) {
      const [task] = split.split("/", 1);
      if (!groups.has(task)) {
        groups.set(task, document.createElement("optgroup"));
        groups.get(task).label = task;
      }
      const { shift } = board.views.find((view) => view.split === split);
      groups.get(task).append(option(split, `${split.slice(task.length + 1) || split} (${shift})`));
    }
    return [option(selection.ALL, chosen.shift ? `all splits: ${chosen.shift}` : "all splits"), ...groups.values()];
  }

  function offerChoices() {
    const shifts = ["id", "near", "far"].filter((shift) => board.views.some((view) => view.shift === shift));
    const any = (text) => option("", text);
    offer(element("shift"), [any("any shift"), ...shifts.map((one) => option(one, words.shift(one)))], chosen.shift);
    offer(element("split"), splitOptions(), chosen.split);
    const plain = (names) => names.map((name) => option(name, name));
    offer(element("metric"), plain(chosen.metrics), chosen.metric);
    offer(element("level"), chosen.levels.map((one) => option(one, words.level(one))), chosen.level);
    const different = words.differing(chosen.signatures);
    const ids = chosen.signatures.map((signature) => chosen.alike.find((view) => view.signature === signature).id);
    offer(element("signature"), ids.map((id, at) => option(id, different[at])), state.signature);
    element("signature-field").hidden = chosen.signatures.length < 2;
    const named = selection.distinct(board.models.map((model) => model.family)).filter(Boolean).sort();
    offer(element("family"), [any("any family"), ...plain(named)], state.family);
    const least = board.standings.map(({ name }, at) => option(at ? name : "", at ? `at least ${words.standing(name)}` : "any standing"));
    offer(element("standing"), least, state.standing);
    if (element("search").value !== state.search) element("search").value = state.search;
  }

  /** What stands over the table: which numbers these are, how to read a rank, what was left out. */
  function explain() {
    const [view] = chosen.views;
    const where = chosen.split === selection.ALL ? words.count(chosen.views.length, "split") : chosen.split;
    element("caption").textContent = `${chosen.metric}, ${chosen.level.replace("_", " ")}: ${where}`;
    element("direction").textContent = view ? words.direction(view.direction) : "";
    const ranked = rows.some((row) => row.first !== null);
    const several = chosen.split === selection.ALL ? "; in the table of several splits each split has its own ranks" : "";
    element("rank-meaning").textContent = ranked
      ? `A rank is a range: with 95% confidence for all models of a split together, the model's place lies within it${several}.`
      : "";
    const others = chosen.split === selection.ALL ? chosen.alike.filter((one) => !chosen.views.includes(one)) : [];
    const hidden = selection.distinct(others.map((one) => one.split)).filter((split) => !chosen.views.some((one) => one.split === split));
    element("left-out").textContent = hidden.length
      ? `Not shown, since measured with other settings: ${hidden.join(", ")}.`
      : "";
    element("whole-signature").textContent = chosen.signature;
  }

  function explainStandings() {
    const { html } = gendiv.elements;
    const term = (name, at) => {
      const sign = html("span", { class: "mark", "aria-hidden": "true" }, words.mark(at));
      return html("dt", {}, html("span", { class: `standing s${at}` }, sign, ` ${words.standing(name)}`));
    };
    for (const [at, { name, meaning }] of board.standings.entries()) {
      element("meanings").append(html("div", {}, term(name, at), html("dd", {}, meaning)));
    }
  }

  /** Filter, sort, draw the table; no data are loaded. */
  function show() {
    const several = chosen.split === selection.ALL;
    const kept = gendiv.rows.keep(rows, board, prepared, state);
    const sorted = gendiv.rows.sort(kept, prepared, state.sort, state.order === "descending");
    const { at, from, to } = gendiv.table.draw(sorted, scale, board, state, several);
    state.page = at === 1 ? "" : String(at);
    const all = kept.length === rows.length ? "" : ` of ${rows.length.toLocaleString("en")}`;
    say(`${kept.length.toLocaleString("en")}${all} ${kept.length === 1 && !all ? "number" : "numbers"}, sorted by ${state.sort}, ${state.order}; ${from} to ${to} shown.`);
  }

  async function showTable() {
    const mine = (asked += 1);
    element("table-region").setAttribute("aria-busy", "true");
    try {
      const columns = await Promise.all(chosen.views.map((view) => files.view(view.id)));
      if (mine !== asked) return;
      rows = gendiv.rows.build(chosen.views, columns, board);
      scale = gendiv.table.scaleOf(rows);
      complain("table-error", null);
    } catch (error) {
      if (mine !== asked) return;
      rows = [];
      scale = gendiv.table.scaleOf(rows);
      complain("table-error", error);
    }
    element("table-region").removeAttribute("aria-busy");
    explain();
    show();
  }

  const shown = (at) => gendiv.rows.keep([{ model: at, standing: Infinity }], board, prepared, state).length > 0;

  const labelled = (plane) => `${plane.split} (${plane.shift}): ${plane.y.label} against ${plane.x.label}`;

  /** The figure of a kind ("plane" or "map") that the address names, or one of the table's split, or the fullest. */
  function figureOf(kind, described) {
    const byCount = [...described].sort((one, other) => other.count - one.count);
    return (
      described.find((one) => one.id === state[kind]) ?? byCount.find((one) => one.split === chosen.split) ?? byCount[0]
    );
  }

  async function showFigure(kind, described, load, draw, text) {
    element(`${kind}-section`).hidden = !described.length;
    if (!described.length) return;
    const one = figureOf(kind, described);
    offer(element(`${kind}-choice`), described.map((each) => option(each.id, text(each))), one.id);
    if (!near.has(kind)) return; // loaded when it comes into sight
    try {
      const data = await load(one.id);
      if (figureOf(kind, described) !== one) return;
      draw(one, data, board, families, shown);
      complain(`${kind}-error`, null);
    } catch (error) {
      complain(`${kind}-error`, error);
    }
  }

  function showFigures() {
    showFigure("plane", board.planes, files.plane, gendiv.plot.draw, labelled);
    showFigure("map", board.maps, files.map, gendiv.similarity.draw, (map) => map.split);
  }

  /** Draw the figures when the reader pauses: a thousand points at every letter typed would be felt. */
  function soonShowFigures() {
    clearTimeout(waiting);
    waiting = setTimeout(showFigures, 150);
  }

  /** Follow the state: the choices on offer, then what they choose. */
  function follow({ told = false } = {}) {
    chosen = selection.select(board, state);
    if (told) element("notes").textContent = chosen.notes.join(" ");
    Object.assign(state, { shift: chosen.shift, split: chosen.split, metric: chosen.metric, level: chosen.level });
    state.signature = chosen.views[0]?.id ?? "";
    if (!gendiv.rows.sortable(state.sort)) state.sort = "rank";
    if (state.order !== "descending") state.order = "ascending";
    if (!board.standings.some(({ name }) => name === state.standing)) state.standing = "";
    if (!board.models.some(({ family }) => family === state.family)) state.family = "";
    offerChoices();
    showFigures();
    return showTable();
  }

  function changed(changes) {
    Object.assign(state, { page: "" }, changes);
    element("notes").textContent = "";
  }

  function choose(key, value) {
    changed({ [key]: value });
    if (key === "shift" && state.split !== selection.ALL) {
      const kept = board.views.some((view) => view.split === state.split && (!value || view.shift === value));
      if (!kept) state.split = selection.ALL;
    }
    follow();
    gendiv.state.write(state);
  }

  function narrow(changes, figures = true) {
    changed(changes);
    show();
    if (figures) soonShowFigures();
    gendiv.state.write(state);
  }

  function turn(by) {
    narrow({ page: String((Number.parseInt(state.page, 10) || 1) + by) }, false);
    element("table-region").scrollIntoView({ block: "start" });
  }

  async function copyAddress() {
    gendiv.state.write(state);
    try {
      await navigator.clipboard.writeText(gendiv.state.address(state));
      say("The address of this view was copied.");
    } catch {
      say("The browser keeps its clipboard; copy the address from its bar.");
    }
  }

  function listen() {
    for (const key of CHOICES) element(key).addEventListener("change", (event) => choose(key, event.target.value));
    element("search").addEventListener("input", (event) => narrow({ search: event.target.value }));
    for (const button of element("table").tHead.querySelectorAll("button")) {
      const name = button.closest("th").dataset.sort;
      button.addEventListener("click", () => narrow({ sort: name, order: gendiv.table.clicked(state, name) }, false));
    }
    element("previous").addEventListener("click", () => turn(-1));
    element("next").addEventListener("click", () => turn(1));
    element("copy").addEventListener("click", copyAddress);
    element("filters").addEventListener("submit", (event) => event.preventDefault());
    element("reset").addEventListener("click", () => {
      history.replaceState(null, "", location.href.split("#")[0]);
      readAddress();
    });
    element("plane-choice").addEventListener("change", (event) => chooseFigure("plane", event.target.value));
    element("map-choice").addEventListener("change", (event) => chooseFigure("map", event.target.value));
    addEventListener("hashchange", readAddress);
  }

  function chooseFigure(kind, id) {
    state[kind] = id;
    showFigures();
    gendiv.state.write(state);
  }

  /** Figures are loaded as they come into sight, and drawn anew when their width changes. */
  function watchFigures() {
    const sight = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (!isIntersecting) continue;
          near.add(target.dataset.kind);
          sight.unobserve(target);
          showFigures();
        }
      },
      { rootMargin: "200px" },
    );
    for (const section of document.querySelectorAll("[data-kind]")) sight.observe(section);
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth !== width) soonShowFigures();
      width = innerWidth;
    });
  }

  function readAddress() {
    state = gendiv.state.read();
    return follow({ told: true });
  }

  async function start() {
    try {
      board = unfolded(await files.board());
    } catch (error) {
      complain("table-error", error);
      return;
    }
    prepared = gendiv.rows.prepare(board);
    families = gendiv.scatter.families(board.models);
    explainStandings();
    element("models-count").textContent = `${words.count(board.models.length, "submission")}.`;
    listen();
    await readAddress();
    watchFigures(); // not before: over an empty table they would be in sight
  }

  start();
})();
