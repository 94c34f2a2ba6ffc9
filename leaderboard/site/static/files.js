// Loading data. A page opened from a disk may not fetch, so data are scripts that call gendiv.board, .view, .plane or .map.
"use strict";

const gendiv = (() => {
  const arrived = new Map(); // "board", or "view" + ID: what the file handed over
  const loading = new Map(); // address: promise

  function load(key, address) {
    if (!loading.has(address)) {
      const promise = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.addEventListener("load", () => {
          script.remove();
          if (arrived.has(key)) resolve(arrived.get(key));
          else reject(new Error(`${address} holds no data; the site has to be built again`));
        });
        script.addEventListener("error", () => {
          script.remove();
          loading.delete(address); // another try may do better
          reject(new Error(`${address} could not be loaded`));
        });
        document.head.append(script);
      });
      loading.set(address, promise);
    }
    return loading.get(address);
  }

  return {
    board: (board) => arrived.set("board", board),
    view: (id, view) => arrived.set(`view ${id}`, view),
    plane: (id, plane) => arrived.set(`plane ${id}`, plane),
    map: (id, map) => arrived.set(`map ${id}`, map),
    files: {
      board: () => load("board", "data/board.js"),
      view: (id) => load(`view ${id}`, `data/views/${id}.js`),
      plane: (id) => load(`plane ${id}`, `data/planes/${id}.js`),
      map: (id) => load(`map ${id}`, `data/maps/${id}.js`),
    },
  };
})();
