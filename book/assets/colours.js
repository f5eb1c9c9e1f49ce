// Light or dark, from the first paint on. The theme itself looks only when all of the page is there:
// until then a reader would see it without colours, and after that it would be styled once more.
"use strict";

(() => {
  const page = document.documentElement.dataset;
  let mode = page.mode;
  try {
    mode = localStorage.getItem("mode") || mode;
  } catch {
    // a browser that keeps nothing
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  page.theme = ["light", "dark"].includes(mode) ? mode : dark ? "dark" : "light";
})();
