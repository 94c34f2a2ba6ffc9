// What is shown, in the address behind #: a copied address shows the same to somebody else.
"use strict";

gendiv.state = (() => {
  const KEYS = [
    "split",
    "shift",
    "metric",
    "level",
    "signature",
    "family",
    "search",
    "standing",
    "sort",
    "order",
    "page",
    "plane",
    "map",
  ];

  /** The state that an address names; "" where it says nothing. */
  function read() {
    const words = new URLSearchParams(location.hash.slice(1));
    return Object.fromEntries(KEYS.map((key) => [key, words.get(key) ?? ""]));
  }

  function written(state) {
    const words = new URLSearchParams();
    for (const key of KEYS) if (state[key]) words.set(key, state[key]);
    return words.toString().replaceAll("%2F", "/");
  }

  /** The whole address of a state. */
  const address = (state) => `${location.href.split("#")[0]}#${written(state)}`;

  return { read, address, write: (state) => history.replaceState(null, "", address(state)) };
})();
