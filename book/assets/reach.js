// A formula that scrolls sideways is in reach of the Tab key, as the theme has it for tables and code.
// A menu that lies over the page goes away when the reader has chosen a place on it. What a screen
// reader says of such a formula is in _config.yml, in the language of the book.
"use strict";

(() => {
  const { wide } = document.currentScript.dataset;

  function find() {
    for (const formula of document.querySelectorAll(".bd-article mjx-container")) {
      const scrolls = formula.scrollWidth > formula.clientWidth + 1; // a part of a pixel is no width
      formula.classList.toggle("book-wide", scrolls);
      if (scrolls === formula.hasAttribute("tabindex")) continue;
      for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", wide]]) {
        if (scrolls) formula.setAttribute(name, value);
        else formula.removeAttribute(name);
      }
    }
  }

  let soon;
  addEventListener("load", () => window.formulasSet?.then(find));
  addEventListener("resize", () => {
    clearTimeout(soon);
    soon = setTimeout(find, 300);
  });

  // The theme lets go of its buttons, for their tooltips; a mouse does not mind, but a key does.
  const THEMES = ".theme-switch-button, .search-button, .primary-toggle, .secondary-toggle";
  for (const button of document.querySelectorAll(THEMES)) {
    button.blur = () => {
      if (!button.matches(":focus-visible")) HTMLElement.prototype.blur.call(button);
    };
  }

  document.addEventListener("click", ({ target }) => {
    const link = target.closest("dialog a[href]");
    if (link && link.pathname === location.pathname) link.closest("dialog").close();
  });
})();
