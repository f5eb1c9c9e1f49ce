// Wakes every <downslope-progress>: a line that says what of its page is done, or a table of the
// whole book that can be saved as a file, and read again elsewhere. What is done is kept in the
// browser's store; nothing is sent. What there is to do stands in downslope-progress-list.js.
"use strict";

(() => {
  const list = globalThis.downslopeProgressList;
  if (!list) return;

  const TEXTS = {
    region: "Your progress",
    exercises: "Exercises done on this page: {done} of {all}.",
    questions: "Questions of its quiz answered right: {done} of {all}.",
    whole: "The whole book",
    page: "Page",
    exercisesDone: "Exercises done",
    questionsRight: "Questions answered right",
    inAll: "In all",
    of: "{done} of {all}",
    none: "–",
    done: "done",
    kept: "This is kept in your browser, on this device, and nowhere else.",
    notKept: "This browser keeps nothing for this book: what you have done is gone when you leave.",
    save: "Save as a file",
    read: "Read from a file",
    forget: "Forget all of it",
    sure:
      "Forget all that you have done in this book? What you wrote in the exercises stays, and so " +
      "does a file you have saved.",
    forgotten: "Nothing is kept any more.",
    taken: "The file was read. It holds {count} of the exercises and quizzes of this book.",
    noFile: "{name} is not such a file, and nothing has changed: {why}.",
    notJson: "it holds no JSON",
    otherKind: "it was not saved by this button",
    tooLarge: "it is too large for one",
    otherBook: "it belongs to the book {book}",
    newer: "it was saved by a newer version of this book",
    file: "{book}-progress.json",
  };
  const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  const ROOT = new URL("../", document.currentScript.src);
  const KEY = `downslope-progress ${ROOT.pathname}`;
  const FORMAT = "downslope-progress";
  const VERSION = 1;
  const KINDS = ["exercises", "quizzes"];
  const LARGEST = 1_000_000; // bytes of a file
  const PROBE = `${KEY} probe`;

  // What is done: for each exercise when, for each quiz how many questions were right at best.
  const kept = {
    works: keepsAnything(),
    inMemory: undefined,

    all() {
      if (!this.works && this.inMemory) return tidy(this.inMemory);
      try {
        return tidy(JSON.parse(localStorage.getItem(KEY)));
      } catch {
        return tidy(this.inMemory);
      }
    },

    keep(done) {
      this.inMemory = done;
      try {
        localStorage.setItem(KEY, JSON.stringify(done));
        this.works = true;
      } catch {
        this.works = false;
      }
      refresh();
    },

    forget() {
      this.inMemory = undefined;
      try {
        localStorage.removeItem(KEY);
      } catch {
        // then there is nothing to forget
      }
      refresh();
    },
  };

  // A browser may refuse any use of its store, even to be asked for it.
  function keepsAnything() {
    try {
      localStorage.setItem(PROBE, "");
      localStorage.removeItem(PROBE);
      return true;
    } catch {
      return false;
    }
  }

  // Only what is of the form that this script writes. An exercise may be called constructor.
  function tidy(found) {
    const done = { exercises: Object.create(null), quizzes: Object.create(null) };
    for (const kind of KINDS) {
      for (const [name, number] of Object.entries(found?.[kind] ?? {})) {
        if (Number.isSafeInteger(number) && number > 0) done[kind][name] = number;
      }
    }
    return done;
  }

  function answered({ kind, name, right }) {
    const done = kept.all();
    if (!right) return;
    if (kind === "exercise") done.exercises[name] ??= Date.now();
    else if (right > (done.quizzes[name] ?? 0)) done.quizzes[name] = right;
    else return;
    kept.keep(done);
  }

  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  // How much of some pages is done; an exercise or a quiz that two of them have counts once.
  function count(pages, done) {
    const exercises = new Set(pages.flatMap((page) => page.exercises));
    const quizzes = Object.entries(Object.assign({}, ...pages.map((page) => page.quizzes)));
    return {
      exercises: {
        done: [...exercises].filter((name) => done.exercises[name]).length,
        all: exercises.size,
      },
      questions: {
        done: sum(quizzes.map(([name, all]) => Math.min(all, done.quizzes[name] ?? 0))),
        all: sum(quizzes.map(([, all]) => all)),
      },
    };
  }

  const asFile = () => JSON.stringify(
    { format: FORMAT, version: VERSION, book: list.book, ...kept.all() }, null, 1);

  // Adds what a file holds to what is here; throws a sentence's end where that cannot be.
  function takeOver(text) {
    let file;
    try {
      file = JSON.parse(text);
    } catch {
      throw new Error(TEXTS.notJson);
    }
    const isOne = file?.format === FORMAT && typeof file.book === "string"
      && Number.isInteger(file.version);
    if (!isOne) throw new Error(TEXTS.otherKind);
    if (file.book !== list.book) throw new Error(say(TEXTS.otherBook, { book: file.book }));
    if (file.version > VERSION) throw new Error(TEXTS.newer);
    const [theirs, done] = [ofThisBook(tidy(file)), kept.all()];
    for (const [name, when] of Object.entries(theirs.exercises)) {
      done.exercises[name] = Math.min(when, done.exercises[name] ?? Infinity);
    }
    for (const [name, right] of Object.entries(theirs.quizzes)) {
      done.quizzes[name] = Math.max(right, done.quizzes[name] ?? 0);
    }
    kept.keep(done);
    return sum(KINDS.map((kind) => Object.keys(theirs[kind]).length));
  }

  // Whatever else a file holds must not fill the store.
  function ofThisBook(found) {
    const known = {
      exercises: new Set(list.pages.flatMap((page) => page.exercises)),
      quizzes: new Set(list.pages.flatMap((page) => Object.keys(page.quizzes))),
    };
    for (const kind of KINDS) {
      for (const name of Object.keys(found[kind])) {
        if (!known[kind].has(name)) delete found[kind][name];
      }
    }
    return found;
  }

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  const link = (address, textContent) => make("a", { href: new URL(address, ROOT).href, textContent });

  class DownslopeProgress extends HTMLElement {
    connectedCallback() {
      if (this.wired) return;
      this.wired = true;
      this.setAttribute("role", "group");
      this.setAttribute("aria-label", TEXTS.region);
      this.page = list.pages.find(({ page }) => page === this.dataset.page);
      this.shown = make("div");
      this.replaceChildren(this.shown);
      if (!this.dataset.page) this.addButtons();
      this.refresh();
    }

    refresh() {
      const done = kept.all();
      this.shown.replaceChildren(...(this.dataset.page ? this.line(done) : this.table(done)));
      if (this.note) this.note.textContent = kept.works ? TEXTS.kept : TEXTS.notKept;
      this.dataset.state = "ready";
    }

    line(done) {
      if (!this.page) return [];
      const counted = count([this.page], done);
      const said = ["exercises", "questions"]
        .filter((kind) => counted[kind].all)
        .map((kind) => say(TEXTS[kind], counted[kind]));
      const text = make("p", {}, said.join(" "));
      if (list.table) text.append(" ", link(list.table, TEXTS.whole));
      return [text];
    }

    table(done) {
      const row = (name, counted) => make(
        "tr", {}, make("th", { scope: "row" }, name), cell(counted.exercises), cell(counted.questions));
      const cell = (counted) => make("td", { className: counted.done === counted.all ? "ds-full" : "" },
        counted.all ? say(TEXTS.of, counted) : TEXTS.none);
      const heads = [TEXTS.page, TEXTS.exercisesDone, TEXTS.questionsRight];
      const head = heads.map((textContent) => make("th", { scope: "col", textContent }));
      const rows = list.pages.map((page) => row(link(page.address, page.title), count([page], done)));
      return [make("table", { className: "table" },
        make("thead", {}, make("tr", {}, ...head)),
        make("tbody", {}, ...rows),
        make("tfoot", {}, row(TEXTS.inAll, count(list.pages, done))))];
    }

    addButtons() {
      this.file = make("input", { type: "file", accept: ".json,application/json", hidden: true });
      this.file.addEventListener("change", () => this.read());
      this.status = make("p", { className: "ds-status" });
      this.status.setAttribute("role", "status");
      this.note = make("p", { className: "ds-note" });
      const button = (textContent, act) => {
        const made = make("button", { type: "button", textContent });
        made.addEventListener("click", act);
        return made;
      };
      this.append(
        make("div", { className: "ds-buttons" },
          button(TEXTS.save, () => this.save()),
          button(TEXTS.read, () => this.file.click()),
          button(TEXTS.forget, () => this.forget())),
        this.file, this.status, this.note);
    }

    save() {
      const address = URL.createObjectURL(new Blob([asFile()], { type: "application/json" }));
      make("a", { href: address, download: say(TEXTS.file, list) }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    }

    async read() {
      const [file] = this.file.files;
      if (!file) return;
      try {
        if (file.size > LARGEST) throw new Error(TEXTS.tooLarge);
        this.status.textContent = say(TEXTS.taken, { count: takeOver(await file.text()) });
      } catch (error) {
        this.status.textContent = say(TEXTS.noFile, { name: file.name, why: error.message });
      }
      this.file.value = ""; // so that the same file can be chosen again
    }

    forget() {
      if (!confirm(TEXTS.sure)) return;
      kept.forget();
      this.status.textContent = TEXTS.forgotten;
    }
  }

  // Beside the name of an exercise: whether it is done.
  function mark() {
    const done = kept.all().exercises;
    for (const label of document.querySelectorAll("downslope-exercise .ds-desk > label")) {
      const name = label.closest("downslope-exercise").dataset.exercise;
      label.querySelector(".ds-done")?.remove();
      if (done[name]) label.append(make("span", { className: "ds-done", textContent: ` ${TEXTS.done}` }));
    }
  }

  function refresh() {
    mark();
    for (const element of document.querySelectorAll("downslope-progress")) element.refresh?.();
  }

  customElements.define("downslope-progress", DownslopeProgress);
  document.addEventListener("downslope-answered", ({ detail }) => answered(detail));
  window.addEventListener("storage", refresh); // another tab
  window.addEventListener("pageshow", refresh); // back from another page
  mark();
})();
