"""The colours that VS Code sets around an output, and what our widgets make of them."""

import pytest
from ipywidgets import HTML

from colours import contrast
from downslope import quiz
from downslope.explore import explore, linear

# Ground, words and links in VS Code's own themes. Where it sets them for the outputs of a notebook
# is said by `applyStyles` in its `webview/browser/pre/index.html`.
THEMES = {
    "vscode-light": ("#ffffff", "#3b3b3b", "#005fb8"),
    "vscode-dark": ("#1f1f1f", "#cccccc", "#4daafc"),
    "vscode-high-contrast": ("#000000", "#ffffff", "#21a6ff"),
    "vscode-high-contrast-light": ("#ffffff", "#292929", "#0f4a85"),
}
# What VS Code's extension for notebooks puts around widgets, by its version: a white ground under
# JupyterLab's colours of a light theme, or a bridge to some of VS Code's.
LIGHT = """:root { --jp-layout-color0: white; --jp-layout-color1: white; --jp-layout-color2: #eee;
  --jp-layout-color3: #bdbdbd; --jp-border-color1: #9e9e9e; --jp-brand-color1: #2196f3;
  --jp-content-font-color1: black; --jp-content-font-color2: #616161;
  --jp-ui-font-color1: rgba(0, 0, 0, 0.8); --jp-widgets-color: var(--jp-content-font-color1);
  --jp-widgets-label-color: var(--jp-widgets-color);
  --jp-widgets-readout-color: var(--jp-widgets-color);
  --jp-widgets-input-color: var(--jp-ui-font-color1);
  --jp-widgets-input-background-color: var(--jp-layout-color1);
  --jp-widgets-slider-handle-border-color: var(--jp-border-color1);
  --jp-widgets-slider-handle-background-color: var(--jp-layout-color1); }"""
AROUND = {
    "white": ".cell-output-ipywidget-background { background: white !important; }",
    "bridge": """.cell-output-ipywidget-background { color: var(--vscode-editor-foreground);
      --jp-content-font-color1: var(--vscode-editor-foreground);
      --jp-content-font-color2: var(--vscode-editor-foreground);
      --jp-ui-font-color1: var(--vscode-editor-foreground);
      --jp-widgets-label-color: var(--vscode-editor-foreground);
      --jp-border-color1: var(--vscode-panel-border, var(--vscode-editorPane-border)); }
      .vscode-dark .cell-output-ipywidget-background {
        --jp-layout-color0: var(--vscode-input-background); }""",
}
#: Pairs (foreground, ground, contrast that is wanted) of the widgets that we use.
PARTS = {
    "label": ("var(--jp-widgets-label-color)", "inherit", 4.5),
    "readout": ("var(--jp-widgets-readout-color)", "inherit", 4.5),
    "list": ("var(--jp-widgets-input-color)", "var(--jp-widgets-input-background-color)", 4.5),
    "button": ("var(--jp-ui-font-color1)", "var(--jp-layout-color2)", 4.5),
    "pressed": ("var(--jp-ui-font-color1)", "var(--jp-layout-color3)", 4.5),
    "handle": ("var(--jp-widgets-slider-handle-border-color)", "inherit", 3),
    "moved": ("var(--jp-brand-color1)", "inherit", 3),
    "first blue": ("var(--ds-blue, var(--jp-brand-color1))", "inherit", 3),
    "words on paper": ("currentColor", "var(--ds-paper)", 4.5),
    "right": ("var(--ds-right, currentColor)", "inherit", 4.5),
    "wrong": ("var(--ds-wrong, currentColor)", "inherit", 4.5),
}
#: Colours as they are painted, on the first ground that is not transparent.
PAINTED = """(all) => all.map((e) => {
  const pen = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const paint = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return a === 0 ? null : `rgb(${r}, ${g}, ${b})`;
  };
  const grounds = [];
  for (let at = e; at; at = at.parentElement)
    grounds.push(paint(getComputedStyle(at).backgroundColor));
  return [e.className, paint(getComputedStyle(e).color), grounds.find(Boolean) ?? "white"];
})"""


def dot(ax, x):
    ax.plot([0, 1], [0, x])
    return f"x is {x:g}"


def explorer():
    return explore(dot, x=linear(0, 1, 0.5, default=0.5))


def markup(box):
    """The box of an explorer or a quiz, with the words and pictures that are in it."""
    waiting, texts = [box], []
    while waiting:
        widget = waiting.pop(0)
        waiting += getattr(widget, "children", ())
        if isinstance(widget, HTML):
            texts.append(f'<div class="widget-html-content">{widget.value}</div>')
    return f'<div class="{" ".join(box._dom_classes)}">{"".join(texts)}PARTS</div>'


@pytest.fixture(scope="module")
def page(browser):
    """A window that is given one page after another."""
    context = browser.new_context(viewport={"width": 800, "height": 900})
    yield context.new_page()
    context.close()


def in_vscode(page, kind, around, shown):
    """Show something in a page as VS Code makes it for the outputs of a notebook."""
    ground, words, link = THEMES[kind]
    classes = kind + " vscode-high-contrast" * (kind == "vscode-high-contrast-light")
    parts = "".join(
        f'<span class="{name}" style="color: {colour}; background: {under}">{name}</span> '
        for name, (colour, under, _) in PARTS.items()
    )
    page.set_content(
        f"""<html lang="en" style="--vscode-editor-background: {ground};
        --vscode-editor-foreground: {words}; --vscode-textLink-foreground: {link};
        --vscode-input-background: {ground}; background: {ground}"><head><title>t</title>
        <style>body {{ background-color: transparent; color: var(--vscode-editor-foreground) }}
        {LIGHT} {AROUND[around]} .widget-html-content {{ color: var(--jp-widgets-color) }}</style>
        </head><body class="{classes}" data-vscode-theme-kind="{kind}" data-vscode-theme-id="T">
        <div class="cell-output-ipywidget-background">
        {markup(shown._view._box).replace("PARTS", parts)}</div></body></html>"""
    )


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", THEMES)
@pytest.mark.parametrize("make", [explorer, lambda: quiz.ask("learning")], ids=["figure", "quiz"])
def test_in_each_theme_of_vscode_words_lines_and_widgets_stand_out(page, make, kind, around):
    in_vscode(page, kind, around, make())
    wanted = {name: least for name, (_, _, least) in PARTS.items()}
    seen = page.locator(".ds-readout, .ds-question, [class] > span[style]").evaluate_all(PAINTED)
    assert {name for name, _, _ in seen} > set(wanted)
    faint = [
        (name, ink, ground, round(contrast(ink, ground), 1))
        for name, ink, ground in seen
        if contrast(ink, ground) < wanted.get(name, 4.5)
    ]
    assert faint == []
    words = page.locator(".ds-readout, .ds-question").first.evaluate_all(PAINTED)
    assert words[0][2] == "rgb({}, {}, {})".format(*bytes.fromhex(THEMES[kind][0][1:]))
