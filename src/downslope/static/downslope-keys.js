// JupyterLab and Notebook 7 give the arrow keys to the cells around a slider, a list or a choice,
// and see the key before these do. What has this attribute keeps its key; only for arrows, so that
// Shift+Enter and all the rest stay Jupyter's.
const KEEPS = "data-lm-suppress-shortcuts";

function keepArrows(event) {
  const { target, key } = event;
  if (!target.closest?.(".ds-live, .ds-quiz-live")) return;
  const changed = event.shiftKey || event.ctrlKey || event.altKey || event.metaKey;
  target.toggleAttribute(KEEPS, key.startsWith("Arrow") && !changed);
}

export default {
  render() {
    // The window hears of a key before Jupyter, which listens at the document.
    window.addEventListener("keydown", keepArrows, true);
    return () => window.removeEventListener("keydown", keepArrows, true);
  },
};
