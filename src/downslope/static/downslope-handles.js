// A point on a picture that the reader takes hold of, with mouse, finger or pen. A page loads this
// as a script; in a kernel it is the beginning of a module, and downslope-live.js the rest, so
// that a hand does the same in both. The keyboard has the sliders.
"use strict";

class DownslopeGrip {
  // `panel` holds the picture. `hand.move([i, j])` sets the sliders to these values, null where
  // there is none; `hand.done()` is called when the reader lets go of what has moved.
  constructor(panel, hand) {
    this.hand = hand;
    this.cover = document.createElement("div");
    this.cover.className = "ds-cover";
    this.cover.setAttribute("aria-hidden", "true");
    this.grip = document.createElement("div");
    this.grip.className = "ds-grip";
    this.grip.append(Object.assign(document.createElement("div"), { className: "ds-ring" }));
    this.cover.append(this.grip);
    panel.append(this.cover);
    panel.addEventListener("pointerdown", (event) => this.press(event));
    this.grip.addEventListener("pointermove", (event) => this.drag(event));
    this.grip.addEventListener("pointerup", (event) => this.end(event));
    this.grip.addEventListener("lostpointercapture", (event) => this.end(event));
    this.grip.addEventListener("pointercancel", (event) => this.end(event, true));
    this.escape = (event) => event.key === "Escape" && this.cancel();
  }

  // `place` has the `view` of the picture (left, top, width, height), the `axes` (left, top, right,
  // bottom), and the places `across` and `up`: of each value of a slider, of a point that follows,
  // or null. `at` has the index of each slider's value.
  show(place, at) {
    this.place = place;
    this.at = at;
    const [left, top, width, height] = place.view;
    const box = this.cover.style;
    box.aspectRatio = `${width} / ${height}`;
    const [x, y] = [this.spot(0), this.spot(1)];
    const [from, above, to, below] = place.axes;
    const grip = this.grip.style;
    grip.left = `${((x ?? from) - left) / width * 100}%`;
    grip.top = `${((y ?? above) - top) / height * 100}%`;
    grip.width = x === undefined ? `${(to - from) / width * 100}%` : "";
    grip.height = y === undefined ? `${(below - above) / height * 100}%` : "";
    this.grip.dataset.way = this.ways();
  }

  // Which ways it goes: "x", "y" or "xy"; with a dash, it is a strip.
  ways() {
    const names = ["x", "y"].filter((_, axis) => Array.isArray(this.places(axis)));
    return names.join("") + (this.places(0) === null || this.places(1) === null ? "-" : "");
  }

  places(axis) {
    return axis ? this.place.up : this.place.across;
  }

  // Where the grip is on one axis, at the edge if that is outside; undefined if it is a strip.
  spot(axis) {
    const places = this.places(axis);
    if (places === null) return undefined;
    const spot = Array.isArray(places) ? places[this.at[axis]] : places;
    return Math.min(Math.max(spot, this.place.axes[axis]), this.place.axes[axis + 2]);
  }

  // From the window to the picture, however large it is shown.
  point(event) {
    const box = this.cover.getBoundingClientRect();
    const [left, top, width, height] = this.place.view;
    return [
      left + ((event.clientX - box.left) / box.width) * width,
      top + ((event.clientY - box.top) / box.height) * height,
    ];
  }

  press(event) {
    if (this.pointer !== undefined || event.button !== 0 || !this.place) return;
    const point = this.point(event);
    const onGrip = this.grip.contains(event.target);
    if (!onGrip && !(event.pointerType === "mouse" && this.isInside(point))) return;
    event.preventDefault(); // no words are selected on the way
    this.pointer = event.pointerId;
    this.grip.setPointerCapture(event.pointerId);
    this.cover.classList.add("ds-held");
    document.addEventListener("keydown", this.escape);
    this.before = this.at;
    this.ground = this.place; // moving must not move the ground under the hand
    this.offset = point.map((at, axis) => (onGrip ? at - (this.spot(axis) ?? at) : 0));
    if (!onGrip) this.drag(event);
  }

  isInside([x, y]) {
    const [left, top, right, bottom] = this.place.axes;
    return left <= x && x <= right && top <= y && y <= bottom;
  }

  drag(event) {
    if (event.pointerId !== this.pointer) return;
    const point = this.point(event);
    this.move(
      [this.ground.across, this.ground.up].map((places, axis) =>
        Array.isArray(places)
          ? this.nearest(places, point[axis] - this.offset[axis], this.at[axis])
          : null,
      ),
    );
  }

  // Index of the nearest place; where several are one, the present one if it is among them.
  nearest(places, wanted, present) {
    let best = present;
    places.forEach((place, index) => {
      if (Math.abs(place - wanted) < Math.abs(places[best] - wanted)) best = index;
    });
    return best;
  }

  move(at) {
    if (at.every((index, axis) => index === this.at[axis])) return;
    this.show(this.place, at);
    this.hand.move(at);
  }

  cancel() {
    this.move(this.before);
    this.end({ pointerId: this.pointer });
  }

  end(event, isCancelled = false) {
    if (this.pointer === undefined || event.pointerId !== this.pointer) return;
    if (isCancelled) this.move(this.before); // the browser took the finger to scroll with
    const pointer = this.pointer;
    this.pointer = undefined;
    document.removeEventListener("keydown", this.escape);
    this.cover.classList.remove("ds-held");
    if (this.grip.hasPointerCapture(pointer)) this.grip.releasePointerCapture(pointer);
    if (this.at.some((index, axis) => index !== this.before[axis])) this.hand.done();
  }
}

// The grips of a <downslope-explorer>: functions that bring each to where the sliders are.
function downslopeHands(explorer) {
  const block = explorer.querySelector("script.ds-hands");
  return block ? JSON.parse(block.textContent).map((handle) => downslopeHand(explorer, handle)) : [];
}

function downslopeHand(explorer, handle) {
  const panel = explorer.querySelectorAll(".ds-panel")[handle.panel];
  const { x, y, width, height } = panel.querySelector("svg").viewBox.baseVal;
  const sliders = handle.sliders.map((index) => (index === null ? null : explorer.inputs[index]));
  const tell = (input, kind) => input.dispatchEvent(new Event(kind, { bubbles: true }));
  const grip = new DownslopeGrip(panel, {
    move: (at) => {
      const moved = sliders.filter(
        (input, axis) => input !== null && Number(input.value) !== at[axis],
      );
      sliders.forEach((input, axis) => input && (input.value = at[axis]));
      for (const input of moved) tell(input, "input"); // both are there when the first is told
    },
    done: () => tell(sliders.find(Boolean), "change"),
  });
  return () => {
    const state = handle.controls.reduce((sum, index) => {
      const input = explorer.inputs[index];
      const count = input.type === "range" ? Number(input.max) + 1 : input.options.length;
      return sum * count + explorer.index(input);
    }, 0);
    const [axes, across, up] = handle.states[state];
    grip.show(
      {
        view: [x, y, width, height],
        axes: handle.axes[axes],
        across: handle.across[across],
        up: handle.up[up],
      },
      sliders.map((input) => (input === null ? null : Number(input.value))),
    );
  };
}
