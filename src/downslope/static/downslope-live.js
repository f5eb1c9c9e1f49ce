// The rest of the module of a kernel's picture; downslope-handles.js is its beginning.
export default {
  render({ model, el }) {
    el.classList.add("ds-over");
    const grip = new DownslopeGrip(el, {
      move(at) {
        model.set("at", at);
        model.save_changes();
      },
      done() {},
    });
    const show = () => {
      if (grip.pointer === undefined) grip.show(model.get("place"), model.get("at"));
      else grip.place = model.get("place"); // the reader's hand knows better where it is
    };
    model.on("change:place", show);
    model.on("change:at", show);
    show();
    return () => {
      model.off("change:place", show);
      model.off("change:at", show);
    };
  },
};
