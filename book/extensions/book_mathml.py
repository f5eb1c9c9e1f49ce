r"""Formulas for a reader that runs no script: MathML, written by the MathJax that the pages carry.

MathJax is run once for a whole book, in the browser that the tests use, so that a formula is read
by the same program, and means the same, on a page and in an e-book. The environment variable
CHROMIUM names the browser; without it Playwright's own is taken.

What of LaTeX the chapters use, latex2mathml 3.81 does not know: it takes the columns of `aligned`
for text, and `\nabla` for a variable.
"""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree

from book_offline import MATHJAX, mathjax_file

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
READ = """
async formulas => {
  await MathJax.startup.promise;
  return formulas.map(([tex, display]) => MathJax.tex2mml(tex, {display}));
}
"""

SIGNS = {"+", "\u2212", "\u00b1"}
ENDS = {")", "]", "|", "\u230b", "!"}  # of what a sign stands between
APPLIED = "\u2061"  # what stands between a function and its argument, and is not seen
PRIMES = {"\u2032", "\u2033", "\u2034"}
BRACKETS = {"(", "[", "{", "|"}
THIN = "0.167em"

ElementTree.register_namespace("", NAMESPACE)


def mathml(formulas):
    r"""MathML of formulas.

    Parameters
    ----------
    formulas : iterable of (str, bool)
        LaTeX, and whether it stands on a line of its own.

    Returns
    -------
    elements : dict of (str, bool) to str
        One `<math>` for each formula.

    Raises
    ------
    ValueError
        If MathJax cannot read a formula; it says which, and why.
    """
    from playwright.sync_api import sync_playwright

    formulas = sorted(set(formulas))
    if not formulas:
        return {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"), args=QUIET)
        page = browser.new_page()
        page.evaluate("window.MathJax = {startup: {typeset: false}}")
        page.add_script_tag(path=mathjax_file(MATHJAX))
        read = page.evaluate(READ, formulas)
        browser.close()
    return {formula: tidy(text, formula[0]) for formula, text in zip(formulas, read, strict=True)}


def tidy(text, tex):
    r"""What MathJax has written, on one line, with the LaTeX beside it for who cannot show it.

    Marks for MathJax alone go. What MathJax knows of TeX, and a reader of MathML guesses at, is
    said: how wide a sign stands apart from its neighbours, and how each cell of a table is aligned.

    Examples
    --------
    >>> tidy('<math xmlns="http://www.w3.org/1998/Math/MathML">\n <mi data-mjx="1">x</mi></math>',
    ...      "x")
    '<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="x"><mi>x</mi></math>'
    """
    root = ElementTree.fromstring(text)
    refuse_error(root, tex)
    for element in list(root.iter()):
        set_apart(element)
        lower_primes(element)
    for element in root.iter():
        if len(element):
            element.text = None
        element.tail = None
        for name in [name for name in element.attrib if name.startswith("data-")]:
            del element.attrib[name]
    for table in root.iter(name_of("mtable")):
        align(table)
    root.set("alttext", re.sub(r"\s+", " ", tex.strip()))
    return ElementTree.tostring(root, encoding="unicode")


def name_of(tag):
    return f"{{{NAMESPACE}}}{tag}"


def refuse_error(root, tex):
    error = root.find(f".//{name_of('merror')}")
    if error is not None:
        why = error.get("data-mjx-error", "".join(error.itertext()).strip())
        raise ValueError(f"formula must be LaTeX that MathJax reads, got {tex!r}: {why}")


def align(table):
    """Give each cell the class of its column."""
    columns = table.get("columnalign", "").split()
    for row in table:
        for cell, side in zip(row, columns, strict=False):
            cell.set("class", side)


def set_apart(row):
    """Say of the signs in a row how wide they stand apart.

    Examples
    --------
    >>> row = ElementTree.fromstring("<r><mo>(</mo><mo>\u2212</mo><mn>1</mn><mo>)</mo></r>")
    >>> set_apart(row)
    >>> row[1].attrib
    {'form': 'prefix'}
    """
    for before, sign, after in zip([None, *row], list(row), [*row[1:], None], strict=False):
        if sign.get("data-mjx-texclass") == "ORD" and is_sign(sign):
            sign.attrib |= {"lspace": "0em", "rspace": "0em"}  # no operator: |x|, a/b
        elif is_sign(sign) and words(sign).isalpha():  # max x, but max(x)
            sign.attrib |= {"lspace": thin_unless(before is None or is_sign(before))}
            sign.attrib |= {"rspace": thin_unless(after is None or words(after) in BRACKETS)}
        elif words(sign) in SIGNS and is_sign(before) and words(before) not in ENDS:
            sign.set("form", "prefix")  # of a number: (-1), 2 * -1
        elif words(sign) == APPLIED:
            if after is not None and words(after) not in BRACKETS:
                sign.set("rspace", THIN)  # log p, but log(p)
            at = list(row).index(before)
            if at and not is_sign(row[at - 1]):
                row.insert(at, ElementTree.Element(name_of("mspace"), width=THIN))  # t log p


def thin_unless(nothing):
    return "0em" if nothing else THIN


def lower_primes(element):
    """Let primes stand beside their letter: raised once by their font, they need no raising."""
    raised = "".join(element[1].itertext()).split() if element.tag == name_of("msup") else []
    if raised and PRIMES.issuperset("".join(raised)):
        element.tag = name_of("mrow")
        for sign in element[1].iter(name_of("mo")):
            sign.attrib |= {"lspace": "0em", "rspace": "0em"}


def is_sign(element):
    return element is not None and element.tag.rpartition("}")[2] == "mo"


def words(element):
    return (element.text or "").strip()
