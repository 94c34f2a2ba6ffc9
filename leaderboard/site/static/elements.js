// Making elements. Text arrives as textContent alone: names on a board are anybody's.
"use strict";

gendiv.elements = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  /** An option of a select. */
  function option(value, text) {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = text;
    return made;
  }

  const html = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

  return {
    html,
    svg: (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children),
    option,
    /** A link to a model's page. */
    model: (model) => html("a", { href: model.address }, html("bdi", {}, model.name)),
    /** Replace the options of a select, keep `chosen`. */
    offer(select, options, chosen) {
      select.replaceChildren(...options);
      select.value = chosen;
    },
  };
})();
