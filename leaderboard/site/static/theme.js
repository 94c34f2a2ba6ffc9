// Light or dark: the reader's choice, remembered; without one, what their system prefers. In <head>, so nothing flashes.
"use strict";

(() => {
  const KEPT = "gendiv-theme";

  function remembered() {
    try {
      return localStorage.getItem(KEPT);
    } catch {
      return null; // storage may be forbidden
    }
  }

  function remember(theme) {
    try {
      localStorage.setItem(KEPT, theme);
    } catch {
      // then it lasts as long as the page
    }
  }

  function apply(theme) {
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  }

  function shown() {
    const chosen = document.documentElement.dataset.theme;
    return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  apply(remembered());
  document.documentElement.classList.add("scripted");
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    const say = () => (button.textContent = shown() === "dark" ? "☀ Light" : "☾ Dark");
    say();
    button.hidden = false;
    button.addEventListener("click", () => {
      apply(shown() === "dark" ? "light" : "dark");
      remember(shown());
      say();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", say);
  });
})();
