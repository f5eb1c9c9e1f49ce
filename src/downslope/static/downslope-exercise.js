// Wakes every <downslope-exercise> on the page: its starter becomes an editor, and what the reader
// writes is run and checked by Python in a worker (downslope-python.js), which all exercises of the
// page share. Nothing is fetched before the reader turns to one of them. No library.
"use strict";

(() => {
  const TEXTS = {
    exercise: "Exercise {name}",
    label: "Your code for {name}",
    hint: "Shift+Enter runs it, Tab leaves it.",
    run: "Run",
    stop: "Stop",
    reset: "Reset",
    bringBack: "Bring back what I had written",
    showEarlier: "Show what you wrote for the earlier version",
    showTab: "Show what you wrote in another tab",
    showPresent: "Back to the new version",
    showHere: "Back to what you wrote here",
    stale: "That was said of the code as it was run; it has changed since.",
    showSolution: "Show a solution",
    hideSolution: "Hide the solution",
    download: "Download what I wrote",
    printed: "Printed",
    loading: "Loading Python, once",
    loadingSize: "Loading Python, about {size} MB, once",
    starting: "Starting Python: some seconds more",
    startingAgain: "Starting Python again: some seconds more",
    waitsForPython: "This runs as soon as Python is there.",
    waitsInLine: "This runs as soon as the other exercise is done.",
    running: "Running.",
    stopped: "Stopped.",
    restored: "The exercise is as it was.",
    onlyPrinted: "Your code ran. What it printed stands above.",
    nothing: "Your code ran and printed nothing.",
    endless: "It did not finish in {seconds} seconds: does a loop never end?",
    died: "Python broke down while it ran this. Run starts it anew.",
    slow:
      "Python has not gone on loading for {seconds} seconds. Look at your connection; " +
      "Run tries again.",
    file:
      "Python cannot be loaded: {detail} did not come. Look at your connection; Run tries again. " +
      "What you wrote stays.",
    wasm:
      "This browser cannot run Python, for it has no WebAssembly. Open the page in another " +
      "browser, or download what you wrote and run it as a notebook.",
    worker:
      "This browser cannot run Python beside the page, for it has no workers. Open the page in " +
      "another browser, or download what you wrote and run it as a notebook.",
    policy:
      "This site does not let Python run: its content policy lacks 'wasm-unsafe-eval'. Tell those " +
      "who keep it, or download what you wrote and run it as a notebook.",
    unknown: "Python did not start ({detail}). Run tries again; what you wrote stays.",
    fromDisk:
      "From disk this exercise cannot run. In the folder that holds index.html, run " +
      "python -m http.server --bind 127.0.0.1, and open http://127.0.0.1:8000.",
    notKept: "This browser keeps nothing for this page: what you write is gone when you leave it.",
    notebook: "what-I-wrote.ipynb",
    notebookTitle: "What I wrote",
    notebookNeeds:
      "It runs where the book's notebooks run: it needs the Python package downslope, as they do.",
    earlierTitle: "{name}, for an earlier version of the exercise",
    tabTitle: "{name}, as written in another tab",
  };
  const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  const HERE = document.currentScript.src;
  const PARTS = new URL("downslope-python/", HERE).href;
  const WORKER = new URL("downslope-python.js", HERE).href;
  const BOOK = new URL("../", HERE).pathname;
  const SECONDS = 10; // a run may take
  const PATIENCE = 60; // seconds that loading may stand still
  const INDENT = "    ";
  const TAB = Math.random().toString(36).slice(2, 10); // tells what this tab wrote from the rest
  const SOON = 400; // ms after which what was typed is kept
  const exercises = [];

  // What the reader wrote: one entry an exercise and starter, under "downslope-exercise BOOK NAME
  // HASH"; where two tabs wrote at once, that of the other one under HASH~TAB. A browser may refuse
  // any use of its store, even to be asked for it.
  const store = {
    prefix: `downslope-exercise ${BOOK} `,

    key(name, hash) {
      return `${this.prefix}${name} ${hash}`;
    },

    keep(name, hash, entry) {
      try {
        if (entry) localStorage.setItem(this.key(name, hash), JSON.stringify(entry));
        else localStorage.removeItem(this.key(name, hash));
        return true;
      } catch {
        return false;
      }
    },

    // All entries of the book, those of one exercise that are oldest first.
    all() {
      const entries = [];
      try {
        for (const key of Object.keys(localStorage)) {
          if (key.startsWith(this.prefix)) entries.push(this.entry(key));
        }
      } catch {
        return [];
      }
      return entries.filter(Boolean).sort(byTime);
    },

    // What stood in an editor before Reset, under "downslope-undone BOOK NAME HASH".
    undone(name, hash) {
      try {
        return localStorage.getItem(`downslope-undone ${BOOK} ${name} ${hash}`) ?? undefined;
      } catch {
        return undefined;
      }
    },

    keepUndone(name, hash, text) {
      const key = `downslope-undone ${BOOK} ${name} ${hash}`;
      try {
        if (text) localStorage.setItem(key, text);
        else localStorage.removeItem(key);
      } catch {
        // it is still there until the page is left
      }
    },

    entry(key) {
      const [name, hash] = key.slice(this.prefix.length).split(" ");
      try {
        const entry = JSON.parse(localStorage.getItem(key));
        return typeof entry.code === "string" ? { ...entry, name, hash } : undefined;
      } catch {
        return undefined;
      }
    },
  };

  const hashOfStarter = (hash) => hash.split("~")[0];
  const byTime = (a, b) => (a.when ?? 0) - (b.when ?? 0);
  const compare = (a = "", b = "") => (a < b ? -1 : Number(a > b));

  // FNV-1a: tells two starters apart.
  function hashOf(text) {
    let hash = 0x811c9dc5;
    for (const sign of text) hash = Math.imul(hash ^ sign.codePointAt(0), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, "0");
  }

  // Python, which runs one piece of code at a time for all exercises of the page.
  const python = {
    worker: undefined,
    ready: false,
    progress: undefined,
    running: undefined, // {id, exercise, code}
    line: [], // what waits to be run
    readers: new Set(), // exercises that show how loading goes on
    onlyByRun: false, // after it was stopped or failed, a look into an editor does not load it
    wasThere: false, // what is loaded again comes from the browser's own store
    runs: 0,

    state(exercise) {
      if (this.running?.exercise === exercise) return "running";
      if (this.line.some((job) => job.exercise === exercise)) return "waiting";
      return this.isLoadingFor(exercise) ? "loading" : "";
    },

    isLoadingFor(exercise) {
      return Boolean(this.worker) && !this.ready && this.readers.has(exercise);
    },

    wake(exercise) {
      if (this.ready) return;
      this.readers.add(exercise);
      if (!this.worker) this.start();
      this.changed();
    },

    approach(exercise) {
      if (!this.worker && !this.onlyByRun) this.wake(exercise);
    },

    run(exercise, code) {
      this.line = this.line.filter((job) => job.exercise !== exercise);
      this.line.push({ id: ++this.runs, exercise, code });
      this.wake(exercise);
      this.next();
    },

    next() {
      if (this.ready && !this.running && this.line.length) {
        this.running = this.line.shift();
        const { id, exercise, code } = this.running;
        const { prelude, path } = exercise;
        exercise.clearPrinted();
        this.worker.postMessage({ kind: "run", id, prelude, code, path });
        this.watch(() => this.cut("endless", exercise), exercise.seconds);
      }
      this.changed();
    },

    drop(exercise) {
      this.line = this.line.filter((job) => job.exercise !== exercise);
      if (this.running?.exercise === exercise) this.cut("stopped", exercise);
    },

    stop(exercise) {
      this.drop(exercise);
      this.readers.delete(exercise);
      if (!this.ready && !this.wasThere && !this.readers.size) {
        this.onlyByRun = true;
        this.quit();
      }
      exercise.tell(TEXTS.stopped, "stopped");
      this.changed();
    },

    // What runs is cut off, and Python starts anew behind the scenes.
    cut(how, exercise) {
      exercise.judged = this.running.code;
      this.quit();
      for (const job of this.line) this.readers.add(job.exercise);
      exercise.tell(say(TEXTS[how], { seconds: exercise.seconds }), how);
      this.start();
      this.changed();
    },

    start() {
      const version = exercises.find((exercise) => exercise.version)?.version;
      try {
        this.worker = new Worker(version ? `${WORKER}?v=${version}` : WORKER);
      } catch {
        return this.fail("worker");
      }
      const worker = this.worker;
      const ifOurs = (act) => (event) => worker === this.worker && act(event);
      worker.onmessage = ifOurs(({ data }) => this.hear(data ?? {}));
      worker.onmessageerror = ifOurs(() => this.fail("unknown", "messageerror"));
      worker.onerror = ifOurs((event) => this.broken(event));
      worker.postMessage({ kind: "load", root: PARTS, version });
      this.watchLoading();
    },

    watchLoading() {
      const seconds = Math.min(...exercises.map((exercise) => exercise.patience));
      this.watch(() => this.fail("slow", "", seconds), seconds);
    },

    watch(act, seconds) {
      clearTimeout(this.timer);
      this.timer = setTimeout(act, seconds * 1000);
    },

    quit() {
      clearTimeout(this.timer);
      this.worker?.terminate();
      this.worker = this.running = this.progress = undefined;
      this.ready = false;
    },

    hear(data) {
      if (data.kind === "failed") this.fail(data.reason, data.detail);
      else if (data.kind === "answer") this.answered(data);
      else if (data.kind === "printed") this.printed(data);
      else if (data.kind === "progress" && !this.ready) this.advanced(data);
      else if (data.kind === "ready" && !this.ready) this.loaded();
    },

    advanced(progress) {
      this.progress = progress;
      this.watchLoading();
      this.changed();
    },

    loaded() {
      clearTimeout(this.timer);
      this.ready = this.wasThere = true;
      this.onlyByRun = false;
      this.readers.clear();
      this.next();
    },

    printed({ id, text }) {
      if (id === this.running?.id) this.running.exercise.print(text);
    },

    answered({ id, answer }) {
      if (id !== this.running?.id) return;
      clearTimeout(this.timer);
      const { exercise, code } = this.running;
      this.running = undefined;
      exercise.judged = code;
      exercise.show(answer);
      this.next();
    },

    // A worker whose script did not come says so without a word.
    broken(event) {
      event.preventDefault();
      if (event.message || this.progress) this.fail("unknown", event.message ?? "");
      else this.fail("file", WORKER.split("/").pop());
    },

    fail(reason, detail = "", seconds = 0) {
      if (this.ready) return this.died();
      const told = [...this.readers, ...this.line.map((job) => job.exercise)];
      this.quit();
      this.line = [];
      this.readers.clear();
      this.onlyByRun = true;
      const text = say(TEXTS[reason] ?? TEXTS.unknown, { detail, seconds });
      for (const exercise of new Set(told)) exercise.tell(text, "failed");
      this.changed();
    },

    died() {
      const broken = this.running?.exercise;
      if (broken) broken.judged = this.running.code;
      this.quit();
      broken?.tell(TEXTS.died, "failed");
      for (const job of this.line) this.wake(job.exercise);
      this.changed();
    },

    changed() {
      for (const exercise of exercises) exercise.refresh();
    },
  };

  // A notebook of all that the reader wrote in this book, in the order of its pages.
  function notebook() {
    const cells = [];
    const add = (kind, text) => {
      const code = kind === "code" ? { execution_count: null, outputs: [] } : {};
      const source = text.split(/(?<=\n)/);
      cells.push({ cell_type: kind, id: `cell-${cells.length}`, metadata: {}, source, ...code });
    };
    add("markdown", `# ${TEXTS.notebookTitle}\n\n${TEXTS.notebookNeeds}`);
    for (const { name, prelude, code, title } of written()) {
      add("markdown", `## ${say(title, { name })}`);
      if (prelude) add("code", prelude);
      add("code", code);
    }
    const kernelspec = { display_name: "Python 3", language: "python", name: "python3" };
    const metadata = { kernelspec, language_info: { name: "python" } };
    return JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, undefined, 1);
  }

  function written() {
    const found = new Map();
    for (const exercise of exercises) exercise.save();
    const here = exercises.flatMap((exercise) => exercise.entries());
    for (const entry of [...store.all(), ...here]) found.set(`${entry.name} ${entry.hash}`, entry);
    const newest = new Map();
    for (const entry of [...found.values()].sort(byTime)) newest.set(entry.name, entry);
    const today = hashesOfToday();
    const titleOf = (entry) => {
      if (entry.hash.includes("~")) return TEXTS.tabTitle;
      const isToday = newest.get(entry.name) === entry || today.includes(entry.hash);
      return isToday ? "{name}" : TEXTS.earlierTitle;
    };
    return [...found.values()]
      .map((entry) => ({ ...entry, title: titleOf(entry) }))
      .sort((a, b) => compare(a.page, b.page) || a.place - b.place || byTime(a, b));
  }

  function download() {
    const file = new Blob([notebook()], { type: "application/x-ipynb+json" });
    const link = make("a", { href: URL.createObjectURL(file), download: TEXTS.notebook });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  // What the page says of an exercise.
  function given(element) {
    const block = element.querySelector('script[type="application/json"]');
    const { name, starter, prelude = "", path = [], version } = JSON.parse(block.textContent);
    return { name, starter, prelude, path, version, hash: hashOf(starter) };
  }

  // Those of all starters on the page; one that is damaged has none.
  function hashesOfToday() {
    return [...document.querySelectorAll("downslope-exercise")].map((element) => {
      try {
        return given(element).hash;
      } catch {
        return undefined;
      }
    });
  }

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function button(text, act, className = "") {
    const element = make("button", { type: "button", textContent: text, className });
    element.addEventListener("click", act);
    return element;
  }

  class DownslopeExercise extends HTMLElement {
    connectedCallback() {
      if (this.wired) return;
      this.wired = true;
      if (location.protocol === "file:") {
        this.append(make("p", { className: "ds-note", textContent: TEXTS.fromDisk }));
        return;
      }
      Object.assign(this, given(this));
      this.seconds = Number(this.dataset.seconds ?? SECONDS);
      this.patience = Number(this.dataset.patience ?? PATIENCE);
      this.place = exercises.push(this) - 1;
      const stillCell = [...this.children];
      this.build();
      this.recall();
      this.wire();
      this.refresh();
      for (const child of stillCell) child.hidden = true;
      this.fetchSolution();
    }

    // The folded cell that follows comes to the desk.
    fetchSolution() {
      const cell = this.nextElementSibling;
      if (!cell?.matches(".tag_solution") || !cell.querySelector("details")) return;
      for (const [part, text] of [["collapsed", "showSolution"], ["expanded", "hideSolution"]]) {
        const words = cell.querySelector(`summary .${part}`);
        if (/^(Show|Hide) code cell/.test(words?.textContent)) words.textContent = TEXTS[text];
      }
      this.desk.append(cell);
    }

    build() {
      const id = this.id || `downslope-exercise-${this.place}`;
      const { name } = this;
      this.editor = make("textarea", {
        id: `${id}-code`,
        className: "ds-editor",
        spellcheck: false,
        autocapitalize: "off",
        autocomplete: "off",
        wrap: "off",
      });
      this.editor.setAttribute("autocorrect", "off");
      this.editor.setAttribute("aria-describedby", `${id}-hint`);
      this.editor.translate = false;
      this.onPaper = make("pre", { className: "ds-on-paper", ariaHidden: "true" });
      this.buttons = {
        run: button(TEXTS.run, () => this.run(), "ds-run"),
        stop: button(TEXTS.stop, () => python.stop(this)),
        reset: button(TEXTS.reset, () => this.reset()),
        bringBack: button(TEXTS.bringBack, () => this.bringBack()),
        other: button("", () => this.showOther()),
        download: button(TEXTS.download, () => download()),
      };
      this.label = make("label", { htmlFor: `${id}-progress` });
      this.bar = make("progress", { id: `${id}-progress`, max: 1, value: 0 });
      this.loading = make("div", { className: "ds-loading", hidden: true }, this.label, this.bar);
      this.printed = make("pre", { className: "ds-printed", hidden: true, tabIndex: 0 });
      this.printed.setAttribute("role", "group");
      this.printed.setAttribute("aria-label", TEXTS.printed);
      this.status = make("div", { className: "ds-status" });
      this.status.setAttribute("role", "status");
      this.stale = make("p", { className: "ds-note", hidden: true, textContent: TEXTS.stale });
      this.answer = make("div", { className: "ds-answer" }, this.printed, this.status, this.stale);
      this.note = make("p", { className: "ds-note", hidden: true, textContent: TEXTS.notKept });
      this.desk = make(
        "div",
        { className: "ds-desk" },
        make("label", { htmlFor: `${id}-code`, textContent: say(TEXTS.label, { name }) }),
        this.editor,
        this.onPaper,
        make("div", { className: "ds-buttons" }, ...Object.values(this.buttons)),
        make("p", { className: "ds-note ds-hint", id: `${id}-hint`, textContent: TEXTS.hint }),
        this.note,
        this.loading,
        this.answer,
      );
      this.desk.setAttribute("role", "group");
      this.desk.setAttribute("aria-label", say(TEXTS.exercise, { name }));
      this.append(this.desk);
    }

    // The drafts: that of the starter as it is now, what other tabs wrote for it, and the last of
    // those of earlier starters. The editor opens with the earlier one only where it was last worked
    // on under today's starter.
    recall() {
      const kept = store.all().filter((entry) => entry.name === this.name);
      const own = kept.find((entry) => entry.hash === this.hash);
      const today = hashesOfToday();
      const old = kept.filter((entry) => !today.includes(hashOfStarter(entry.hash))).at(-1);
      const tabs = kept.filter((entry) => entry.hash.startsWith(`${this.hash}~`));
      const text = own?.code ?? this.starter;
      const knows = [hashOf(text)];
      this.present = { hash: this.hash, text, base: text, knows, when: own?.when ?? 0 };
      const draft = ({ hash, code, when }, kind) => ({ hash, text: code, when, kind });
      const earlier = old && draft(old, "earlier");
      this.others = [...tabs.map((tab) => draft(tab, "tab")), earlier].filter(Boolean);
      const undone = store.undone(this.name, this.hash);
      if (undone) this.undo = { draft: this.present, text: undone };
      const goOn = old?.under === this.hash && old.when > this.present.when;
      this.open(goOn ? earlier : this.present);
    }

    wire() {
      const { editor } = this;
      editor.addEventListener("input", () => this.typed());
      editor.addEventListener("keydown", (event) => this.pressed(event));
      editor.addEventListener("click", () => python.approach(this)); // not a finger that scrolls
      window.addEventListener("pagehide", () => this.save());
      window.addEventListener("pageshow", () => this.meet());
      window.addEventListener("storage", () => {
        this.meet();
        this.offered();
      });
      document.addEventListener("visibilitychange", () =>
        document.hidden ? this.save() : this.meet());
    }

    // What another tab has kept since: it is taken over where that tab knew what stands here, and
    // put aside where both have written without knowing of each other.
    meet() {
      const { present } = this;
      const entry = store.entry(store.key(this.name, this.hash));
      if (!entry || entry.code === present.base) return; // what is gone there stays here
      const { base } = present;
      const isKnown = base === this.starter || entry.knows?.includes(hashOf(base));
      present.base = entry.code;
      if (present.text === base && isKnown) return this.takeOver(entry);
      if (present.text === entry.code) return;
      this.putAside(entry);
      if (present.text === base) store.keep(this.name, `${this.hash}~${TAB}`, this.entry(present));
    }

    takeOver({ code, when }) {
      const { present } = this;
      Object.assign(present, { text: code, when, unsaved: false });
      present.knows.push(hashOf(code));
      if (this.draft === present && this.editor.value !== code) this.open(present);
    }

    // Another tab may put aside what this one has to offer.
    offered() {
      const known = this.others.map((draft) => draft.hash);
      const isNew = ({ name, hash }) => name === this.name && hash.startsWith(`${this.hash}~`)
        && hash !== `${this.hash}~${TAB}` && !known.includes(hash);
      for (const { hash, code, when } of store.all().filter(isNew)) {
        if (code !== this.present.text) this.others.unshift({ hash, text: code, when, kind: "tab" });
      }
      this.refreshButtons();
    }

    putAside({ code, when, tab }) {
      const hash = `${this.hash}~${tab}`;
      const aside = { hash, text: code, when, kind: "tab", unsaved: true };
      const before = this.others.find((draft) => draft.hash === hash);
      if (before) Object.assign(before, aside);
      else this.others.unshift(aside);
      if (before && before === this.draft) this.open(before);
      this.refreshButtons();
    }

    pressed(event) {
      if (event.isComposing || event.keyCode === 229) return; // a syllable is being put together
      const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
      if (key === "Enter" && (shiftKey || ctrlKey || metaKey)) {
        event.preventDefault();
        this.run();
      } else if (key === "Enter" && !altKey) {
        event.preventDefault();
        this.breakLine();
      } else if (key === "Backspace" && !(shiftKey || ctrlKey || metaKey || altKey)) {
        this.selectIndent();
      }
    }

    lineToCaret() {
      return this.editor.value.slice(0, this.editor.selectionStart).split("\n").at(-1);
    }

    breakLine() {
      const line = this.lineToCaret();
      const opens = /:\s*(#.*)?$/.test(line);
      this.insert(`\n${line.match(/^[ \t]*/)[0]}${opens ? INDENT : ""}`);
    }

    // As if typed, so that the browser can undo it.
    insert(text) {
      const { editor } = this;
      if (document.execCommand("insertText", false, text)) return;
      editor.setRangeText(text, editor.selectionStart, editor.selectionEnd, "end");
      this.typed();
    }

    // One Backspace takes back one step of indentation.
    selectIndent() {
      const { selectionStart: start, selectionEnd: end } = this.editor;
      const line = this.lineToCaret();
      if (start === end && line && line.length % INDENT.length === 0 && !line.trim()) {
        this.editor.setSelectionRange(start - INDENT.length, start);
      }
    }

    typed() {
      this.draft.text = this.editor.value;
      this.draft.when = Date.now();
      this.draft.unsaved = true;
      this.fit();
      python.approach(this);
      clearTimeout(this.saving);
      this.saving = setTimeout(() => this.save(), SOON);
    }

    // The editor is as high as its text, and paper gets the text itself, long lines broken.
    fit() {
      const text = this.editor.value;
      this.editor.rows = Math.max(3, text.split("\n").length);
      this.onPaper.textContent = text;
      this.refreshStale();
      this.refreshButtons();
    }

    open(draft) {
      this.draft = draft;
      this.editor.value = draft.text;
      this.fit();
    }

    save() {
      clearTimeout(this.saving);
      if (this.present.unsaved) this.meet();
      for (const draft of [...this.others, this.present]) {
        if (!draft.unsaved) continue;
        const isNeeded = draft.kind === "earlier" || draft.text !== this.starter;
        const kept = store.keep(this.name, draft.hash, isNeeded ? this.entry(draft) : undefined);
        draft.unsaved = false;
        if (kept) draft.base = draft.text;
        this.note.hidden = kept;
      }
      this.tidy();
    }

    // What another tab wrote, and is no other text any more, need not be offered.
    tidy() {
      const needless = this.others.filter((draft) => draft.kind === "tab" && draft !== this.draft
        && [this.starter, this.present.text].includes(draft.text));
      for (const { hash } of needless) store.keep(this.name, hash);
      this.others = this.others.filter((draft) => !needless.includes(draft));
      if (needless.length) this.refreshButtons();
    }

    entry({ text, when }) {
      const { prelude, place, hash } = this;
      const page = location.pathname;
      const knows = this.present.knows.slice(-20);
      return { code: text, prelude, page, place, when, under: hash, tab: TAB, knows };
    }

    entries() {
      return [this.present, ...this.others]
        .filter((draft) => draft.text !== this.starter)
        .map((draft) => ({ ...this.entry(draft), name: this.name, hash: draft.hash }));
    }

    reset() {
      python.drop(this);
      if (this.editor.value !== this.starter) {
        this.undo = { draft: this.draft, text: this.present.text };
        store.keepUndone(this.name, this.hash, this.present.text);
      }
      this.replace(this.starter);
      this.open(this.present);
      this.tell(TEXTS.restored, "restored");
    }

    bringBack() {
      const { draft, text } = this.undo;
      const present = this.present.text; // what was written since is not lost for it
      const isWork = present !== this.starter && present !== text;
      this.undo = isWork ? { draft: this.present, text: present } : undefined;
      store.keepUndone(this.name, this.hash, this.undo?.text);
      this.replace(text);
      this.open(draft);
      this.tell("");
      this.editor.focus();
    }

    replace(text) {
      this.clear();
      Object.assign(this.present, { text, when: Date.now(), unsaved: true });
      this.save();
    }

    showOther() {
      this.save();
      this.open(this.next());
    }

    next() {
      const drafts = [this.present, ...this.others];
      return drafts[(drafts.indexOf(this.draft) + 1) % drafts.length];
    }

    nameOfNext() {
      const { kind } = this.next();
      if (kind) return kind === "tab" ? TEXTS.showTab : TEXTS.showEarlier;
      return this.draft.kind === "tab" ? TEXTS.showHere : TEXTS.showPresent;
    }

    run() {
      this.save();
      this.answer.style.minHeight = `${this.answer.offsetHeight}px`; // nothing below jumps
      this.clear();
      python.run(this, this.editor.value);
    }

    // The answer of Python, as it came.
    show({ verdict, text, printed } = {}) {
      const instead = { printed: TEXTS.onlyPrinted, nothing: TEXTS.nothing }[verdict] ?? "";
      this.tell(text || instead, verdict);
      this.clearPrinted();
      this.print(printed ?? "");
      const detail = { kind: "exercise", name: this.name, right: Number(verdict === "right"), all: 1 };
      this.dispatchEvent(new CustomEvent("downslope-answered", { bubbles: true, detail }));
    }

    // What came last is in sight, unless the reader looks at what came before.
    print(text) {
      const { printed } = this;
      const follows = printed.scrollTop + printed.clientHeight >= printed.scrollHeight - 4;
      printed.append(text);
      if (text) printed.hidden = false;
      if (follows) printed.scrollTop = printed.scrollHeight;
    }

    clear() {
      this.judged = undefined;
      this.clearPrinted();
      this.tell("");
    }

    clearPrinted() {
      this.printed.textContent = "";
      this.printed.hidden = true;
    }

    tell(text, verdict = "") {
      this.status.textContent = text;
      this.status.dataset.verdict = verdict;
      if (text) this.answer.style.minHeight = "";
      this.refreshStale();
    }

    // Outside of what is announced: who types hears nothing of it.
    refreshStale() {
      const isStale = this.judged !== undefined && this.judged !== this.editor.value;
      this.stale.hidden = !isStale;
      this.answer.classList.toggle("ds-is-stale", isStale);
    }

    refresh() {
      const state = python.state(this);
      const isLoading = python.isLoadingFor(this);
      this.dataset.state = state || "ready";
      this.loading.hidden = !isLoading;
      if (isLoading) this.showProgress(python.progress);
      const said = { waiting: isLoading ? TEXTS.waitsForPython : TEXTS.waitsInLine };
      this.sayOnce(said[state] ?? (state === "running" ? TEXTS.running : undefined));
      this.refreshButtons(state);
    }

    sayOnce(text) {
      if (text && this.status.textContent !== text) this.tell(text, "waiting");
    }

    showProgress({ loaded, total, wire } = { loaded: 0, total: 0 }) {
      const size = Math.max(1, Math.round((wire ?? total) / 1e6));
      this.bar.value = total ? Math.min(1, loaded / total) : 0;
      const text = total ? say(TEXTS.loadingSize, { size }) : TEXTS.loading;
      const all = this.bar.value === 1 ? TEXTS.starting : text;
      this.label.textContent = python.wasThere ? TEXTS.startingAgain : all;
    }

    refreshButtons(state = python.state(this)) {
      const { run, stop, bringBack, other, download: get } = this.buttons;
      const focused = this.contains(document.activeElement) && document.activeElement;
      stop.disabled = !state;
      bringBack.hidden = !this.undo;
      other.hidden = !this.others.length;
      if (this.others.length) other.textContent = this.nameOfNext();
      get.hidden = !this.entries().length;
      if (focused && (focused.disabled || focused.hidden)) run.focus(); // not lost with its button
    }
  }

  customElements.define("downslope-exercise", DownslopeExercise);
})();
