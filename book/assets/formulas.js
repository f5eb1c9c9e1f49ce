// Sets the formulas without keeping the reader waiting. MathJax is large, so it begins when the page
// has done the rest, and by its extension lazy with the formulas near the window. The others follow
// here, a few at a time while nothing else is to be done: whoever listens to the page, copies it or
// prints it finds them all set. `formulasSet` is the promise of that. Then the page is at rest, and the
// style sheet leaves alone what is far from the window. A reader who came by a link to a place, and
// has not moved since, is taken there once more: on the way formulas have changed the heights of lines.
"use strict";

window.formulasSet = (() => {
  const AT_A_TIME = 5;
  const address = new URL("tex-svg-full.js", document.currentScript.src).href;
  const idle = window.requestIdleCallback
    ? () => new Promise((done) => requestIdleCallback(done, { timeout: 1000 }))
    : () => new Promise((done) => setTimeout(done, 50));

  function load(src) {
    return new Promise((done, fail) => {
      const script = Object.assign(document.createElement("script"), { src });
      script.addEventListener("load", done);
      script.addEventListener("error", () => fail(new Error(`${src} cannot be loaded`)));
      document.head.append(script);
    });
  }

  async function setTheOthers() {
    for (;;) {
      const next = [...document.querySelectorAll("mjx-lazy")].slice(0, AT_A_TIME);
      if (!next.length) return;
      const seen = next.map((target) => ({ target, isIntersecting: true }));
      MathJax.startup.document.lazyObserve(seen);
      await idle();
    }
  }

  let hasMoved = false;
  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown", "hashchange"]) {
    addEventListener(kind, () => (hasMoved = true), { once: true, passive: true });
  }

  function goBack() {
    const place = document.getElementById(location.hash.slice(1));
    const isHere = place && Math.abs(place.getBoundingClientRect().top) < 200; // not so after a reload
    if (isHere && !hasMoved) place.scrollIntoView({ block: "start", behavior: "instant" });
  }

  async function setAll() {
    if (document.readyState === "loading") {
      await new Promise((done) => document.addEventListener("DOMContentLoaded", done));
    }
    await idle();
    await load(address);
    await MathJax.startup.promise;
    await setTheOthers();
    await idle();
    document.documentElement.classList.add("book-at-rest");
    goBack();
  }

  return setAll();
})();
