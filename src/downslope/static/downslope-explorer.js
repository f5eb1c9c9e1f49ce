// Wakes every <downslope-explorer> on the page: unpacks its frames, moves them with its
// controls, keeps the state in the address. No library, no request.
"use strict";

(() => {
  const NEAR = "800px"; // how far below the screen an explorer is unpacked
  const AT_REST = 700; // ms without a move, after which a screen reader is told the readout
  const HEARD = 3000; // ms for which it stands there: a page that is read on says it once

  async function unpack(block) {
    const bytes = Uint8Array.from(atob(block.textContent.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  // "#gradient-field?h=0.01" -> ["gradient-field", URLSearchParams]
  function address() {
    const [name, ...query] = location.hash.slice(1).split("?");
    return [decodeURIComponent(name), new URLSearchParams(query.join("?"))];
  }

  function safeAddress() {
    try {
      return address();
    } catch {
      return ["", new URLSearchParams()];
    }
  }

  // Index of the text nearest to what was asked for; undefined for nonsense.
  function nearest(control, asked) {
    for (const plain of [(t) => t, (t) => t.trim().toLowerCase()]) {
      const found = control.texts.findIndex((t) => plain(t) === plain(asked));
      if (found >= 0) return found;
    }
    const wanted = Number(asked);
    if (!control.isSlider || asked.trim() === "" || !Number.isFinite(wanted)) return undefined;
    if (control.logarithmic && wanted <= 0) return undefined;
    const scale = control.logarithmic ? Math.log : (x) => x;
    const distances = control.texts.map((t) => Math.abs(scale(Number(t)) - scale(wanted)));
    return distances.indexOf(Math.min(...distances));
  }

  class DownslopeExplorer extends HTMLElement {
    connectedCallback() {
      if (this.wired) return;
      this.wired = true;
      for (const panel of this.querySelectorAll(".ds-panel")) {
        panel.style.setProperty("--ds-width", panel.firstElementChild.viewBox.baseVal.width);
        panel.classList.add("ds-fluid");
      }
      this.block = this.querySelector("script.ds-states");
      if (!this.block) {
        this.dataset.state = "ready"; // a figure without controls
        return;
      }
      if (typeof DecompressionStream === "undefined") {
        this.fail("Moving the sliders needs a browser of 2023 or later.");
        return;
      }
      this.inputs = [...this.querySelectorAll("[data-control]")];
      this.readout = this.querySelector(".ds-readout");
      this.values = this.querySelector(".ds-values"); // for paper, where the sliders are not
      this.status = document.createElement("p");
      this.status.className = "ds-status";
      this.status.setAttribute("role", "status");
      this.querySelector(".ds-desk").append(this.status);
      this.wire();
      this.querySelector(".ds-controls").hidden = false;
      this.hands = globalThis.downslopeHands?.(this) ?? []; // of downslope-handles.js
      this.hold();
      this.whenNear();
    }

    wire() {
      for (const input of this.inputs) {
        input.addEventListener("input", () => this.moved(input));
        input.addEventListener("change", () => this.remember());
      }
      this.querySelector(".ds-reset").addEventListener("click", () => this.reset());
      this.querySelector(".ds-link").addEventListener("click", (event) => this.copy(event.target));
      for (const button of this.querySelectorAll(".ds-play")) {
        const input = button.closest(".ds-control").querySelector("input");
        button.addEventListener("click", () => this.play(button, input));
      }
      window.addEventListener("hashchange", () => this.follow());
      window.addEventListener("resize", () => this.data && this.fit());
    }

    // Whether its desk takes more than half of the window. Not asked again when a readout grows: a
    // slider must not slip away from under a finger.
    fit() {
      const desk = this.querySelector(".ds-desk");
      const half = document.documentElement.clientHeight / 2;
      desk.classList.toggle("ds-tall", desk.offsetHeight > half);
    }

    whenNear() {
      const load = () => {
        observer.disconnect();
        this.load();
      };
      const observer = new IntersectionObserver(
        (entries) => entries.some((entry) => entry.isIntersecting) && load(),
        { rootMargin: NEAR },
      );
      observer.observe(this);
      this.addEventListener("focusin", load, { once: true });
      this.addEventListener("pointerdown", load, { once: true });
      if (safeAddress()[0] === this.id) load();
    }

    load() {
      this.loading ??= unpack(this.block)
        .then((data) => {
          this.data = data;
          this.block.remove();
          for (const [index, control] of data.controls.entries()) {
            control.isSlider = this.inputs[index].type === "range";
          }
          for (const layer of data.layers) {
            layer.groups = layer.panels.map((panel) =>
              this.querySelectorAll(".ds-panel")[panel].querySelector(
                `[data-layer="${CSS.escape(layer.name)}"]`,
              ),
            );
          }
          for (const input of this.inputs) this.name(input); // one may have been moved already
          this.draw();
          this.dataset.state = "ready";
          this.follow();
          this.fit();
        })
        .catch((error) => {
          console.error(error);
          this.fail("The data of this figure is damaged; it stands still. Reload the page.");
        });
      return this.loading;
    }

    fail(message) {
      this.dataset.state = "failed";
      const note = document.createElement("p");
      note.className = "ds-note";
      note.textContent = message;
      this.querySelector("figure").append(note);
      const controls = this.querySelector(".ds-controls");
      if (controls) controls.hidden = true;
    }

    index(input) {
      return input.type === "range" ? Number(input.value) : input.selectedIndex;
    }

    // Drawn at once, so that the frame that shows it has only to paint; what comes until then, in it.
    moved(input) {
      if (this.data) this.name(input);
      this.say();
      this.waits = this.frame !== undefined;
      if (this.waits) return;
      this.draw();
      this.frame = requestAnimationFrame(() => {
        this.frame = undefined;
        if (this.waits) this.draw();
      });
    }

    // Not while it moves: a screen reader would talk of what is long gone.
    say() {
      clearTimeout(this.saying);
      if (this.status.textContent) this.status.textContent = "";
      this.saying = setTimeout(() => {
        this.status.textContent = this.readout.textContent;
        this.saying = setTimeout(() => (this.status.textContent = ""), HEARD);
      }, AT_REST);
    }

    // The value beside a slider, and what a screen reader says of it.
    name(input) {
      const control = this.data.controls[this.inputs.indexOf(input)];
      if (!control.isSlider) return;
      input.setAttribute("aria-valuetext", control.spoken[this.index(input)]);
      input.parentElement.querySelector(".ds-value").textContent =
        control.texts[this.index(input)];
    }

    // Each grip on a panel is where its sliders are.
    hold() {
      for (const hand of this.hands) hand();
    }

    draw() {
      this.hold();
      if (!this.data) return;
      const said = [];
      for (const layer of this.data.layers) {
        let state = 0;
        for (const control of layer.controls) {
          state = state * this.data.controls[control].texts.length + this.index(this.inputs[control]);
        }
        if (state !== layer.shown) this.show(layer, state);
        said.push(this.data.texts[layer.readouts[state]]);
      }
      this.readout.textContent = said.filter(Boolean).join(" ");
      this.values.textContent = `Drawn at: ${this.data.controls
        .map((control, index) => `${control.label} ${control.texts[this.index(this.inputs[index])]}`)
        .join(", ")}.`;
    }

    show(layer, state) {
      layer.shown = state;
      layer.groups.forEach((group, slot) => {
        const fragment = layer.frames[state * layer.groups.length + slot];
        group.innerHTML = this.data.fragments[fragment];
      });
    }

    set(index, value) {
      const input = this.inputs[index];
      if (input.type === "range") input.value = value;
      else input.selectedIndex = value;
      this.name(input);
    }

    reset() {
      this.load().then(() => {
        this.stop();
        this.data?.controls.forEach((control, index) => this.set(index, control.default));
        this.draw();
        this.say();
        if (safeAddress()[0] === this.id) history.replaceState(null, "", `#${this.id}`);
      });
    }

    // The state as it stands in the address; pages of other hosts link to it.
    link() {
      const query = this.data.controls.map(
        (control, index) =>
          `${encodeURIComponent(control.name)}=` +
          encodeURIComponent(control.texts[this.index(this.inputs[index])]),
      );
      return `#${this.id}?${query.join("&")}`;
    }

    remember() {
      this.load().then(() => {
        if (this.data) history.replaceState(null, "", this.link());
      });
    }

    follow() {
      const [name, query] = safeAddress();
      if (name !== this.id) return;
      if (!this.data) {
        this.load(); // and follow then
        return;
      }
      this.data.controls.forEach((control, index) => {
        const asked = query.get(control.name);
        const found = asked === null ? undefined : nearest(control, asked);
        if (found !== undefined) this.set(index, found);
      });
      this.draw();
      for (let fold = this; (fold = fold.parentElement?.closest("details")); ) fold.open = true;
      this.scrollIntoView({ block: "start" });
    }

    async copy(button) {
      await this.load();
      if (!this.data) return;
      const link = new URL(this.link(), location.href).href;
      const label = (button.dataset.label ??= button.textContent);
      try {
        await navigator.clipboard.writeText(link);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = label), 2000);
      } catch {
        this.offer(link);
      }
    }

    // Where the clipboard is closed to the page, the reader copies by hand.
    offer(link) {
      let field = this.querySelector(".ds-address");
      if (!field) {
        field = document.createElement("input");
        field.className = "ds-address";
        field.readOnly = true;
        field.setAttribute("aria-label", "Link to this state");
        this.querySelector(".ds-buttons").append(field);
      }
      field.value = link;
      field.select();
    }

    async play(button, input) {
      await this.load();
      const mine = this.playing?.button === button;
      this.stop();
      if (mine) return;
      if (Number(input.value) === Number(input.max)) input.value = input.min;
      button.textContent = "Pause";
      button.setAttribute("aria-pressed", "true");
      const step = () => {
        if (Number(input.value) >= Number(input.max)) return this.stop();
        input.value = Number(input.value) + 1;
        this.moved(input);
      };
      this.moved(input);
      this.playing = { button, timer: setInterval(step, Number(this.dataset.pace ?? 600)) };
    }

    stop() {
      if (!this.playing) return;
      clearInterval(this.playing.timer);
      this.playing.button.textContent = "Play";
      this.playing.button.setAttribute("aria-pressed", "false");
      this.playing = undefined;
      this.remember();
    }
  }

  customElements.define("downslope-explorer", DownslopeExplorer);
})();
