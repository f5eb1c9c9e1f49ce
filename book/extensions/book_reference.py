"""Sphinx extension: the chapters and the API reference lead to each other.

A name of this book's package leads to its entry in the reference: in a cell, and in the text where
it stands as code. What a name stands for is read from the imports of the page's cells, from top
to bottom, so that `cross_entropy` leads nowhere before the cell that imports it, nor after one that
defines another. Under an import stands where the source of what it brings can be read. Each entry
of the reference says, in turn, where the book introduces it and where it comes again.
"""

from __future__ import annotations

import inspect
import posixpath
import re
from html import escape
from importlib import import_module

from docutils import nodes
from sphinx import addnodes
from sphinx.domains.python import PyObject
from sphinx.ext.autodoc import DataDocumenter, FunctionDocumenter, ModuleDocumenter
from sphinx.util.nodes import clean_astext

from book_names import PACKAGE, Names, home, offers, public_modules, public_names
from book_paper import is_paper

IN_TEXT = re.compile(r"([A-Za-z_][\w.]*)(?:\(.*\))?", re.S)
DOT = r'<span class="o">\.</span>'
IN_CELL = re.compile(
    rf'(?<!{DOT})<span class="n">\w+</span>(?:{DOT}<span class="n">\w+</span>)*'
    r'(?!<span class="o">=</span>)'
)
MARKUP = re.compile(r"[*`|_\\]")
TAG = re.compile(r"<[^>]+>")


def setup(app):
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as numpydoc calls them
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.viewcode")
    app.add_autodocumenter(ConstantDocumenter)
    app.add_autodocumenter(ExerciseDocumenter)
    app.connect("autodoc-process-docstring", keep_plain)
    app.connect("autodoc-process-docstring", say_what_stands_elsewhere)
    app.connect("autodoc-skip-member", keep_public)
    app.connect("autodoc-skip-member", leave_out_fields)
    app.connect("doctree-read", find_mentions)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", take_over)
    app.connect("env-updated", pages_to_write_again)
    app.connect("missing-reference", leave_as_words)
    app.connect("doctree-resolved", link_cells)
    app.connect("doctree-resolved", say_where_it_stands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# Entries that autodoc does not make by itself


class ExerciseDocumenter(FunctionDocumenter):
    """An exercise reads as the function that it asks for."""

    objtype = "exercise"
    directivetype = "function"
    priority = 20

    @classmethod
    def can_document_member(cls, member, membername, isattr, parent):
        return hasattr(member, "solution") and hasattr(member, "wrong")

    def import_object(self, raiseerror=False):
        found = super().import_object(raiseerror)
        if found:
            self.object = self.object.solution
        return found


def keep_plain(app, what, name, object_, options, lines):
    """What an exercise asks for is plain text: a reader sees it in a terminal."""
    if what == ExerciseDocumenter.objtype:
        lines[:] = [MARKUP.sub(r"\\\g<0>", line) for line in lines]


class ConstantDocumenter(DataDocumenter):
    """A value that a module offers, and that no comment describes."""

    objtype = "constant"
    directivetype = "data"
    priority = DataDocumenter.priority - 1

    @classmethod
    def can_document_member(cls, member, membername, isattr, parent):
        kinds = inspect.isroutine, inspect.isclass, inspect.ismodule
        return isinstance(parent, ModuleDocumenter) and not any(kind(member) for kind in kinds)

    def get_doc(self):
        """Not the docstring of its class, which Python would give."""
        return [[f"A `{type(self.object).__name__}`.", ""]]


def keep_public(app, what, name, member, skip, options):
    """All that `__all__` lists is in the reference once, a constant too."""
    module = app.env.temp_data["autodoc:module"]
    if what != "module" or name not in offers(module):
        return None
    return home(module, name) != module


def leave_out_fields(app, what, name, object_, skip, options):
    """The fields of a named tuple are in its docstring; by themselves they are only numbered."""
    numbered = (getattr(object_, "__doc__", None) or "").startswith("Alias for field number ")
    return True if what == "class" and numbered else None


def say_what_stands_elsewhere(app, what, name, object_, options, lines):
    """Below what a module is for, name what it offers and another module defines."""
    if what != "module":
        return
    others = sorted({(home(name, offered), offered) for offered in offers(name)})
    others = [f"`{module}.{offered}`" for module, offered in others if module != name]
    if others:
        lines += [f"From here you can import {' and '.join(others)} too.", ""]


# Reading a page


def find_mentions(app, doctree):
    """Mark every name of this package on a page, and note where it stands."""
    names, mentions = Names(), {}
    for node in list(doctree.findall(is_code)):
        if isinstance(node, nodes.literal_block):
            read_cell(node, names, mentions)
        elif not within(node, nodes.reference, nodes.title, addnodes.pending_xref):
            mark_in_text(node, names, mentions)
    for entry, cell in names.unused.items():
        if entry and entry not in mentions:
            note(mentions, entry, cell)
    book_mentions(app.env)[app.env.docname] = mentions


def is_code(node):
    """Whether a node is a cell's input, code within a sentence, or a type in the reference."""
    if isinstance(node, nodes.literal_block):
        return "cell_input" in node.parent.get("classes", [])
    return isinstance(node, nodes.literal) or (
        isinstance(node, nodes.emphasis) and within(node, nodes.field)
    )


def read_cell(block, names, mentions):
    """Note which names a cell uses, and which it only imports."""
    used, imported = names.read(block.astext())
    block["brings"] = [names.known[name] for name in imported]
    block["entries"] = {name: names.entry(name) for name in (*used, *imported)}
    for name in used:
        if entry := names.entry(name):
            note(mentions, entry, block)
    for name in imported:
        names.unused.setdefault(names.entry(name), block)


def mark_in_text(words, names, mentions):
    """Make a cross-reference of code that is one name, or a call of one."""
    found = IN_TEXT.fullmatch(words.astext())
    if not found:
        return
    written, signature = found[1].rstrip("."), described_by(words)
    entry = names.entry(written)
    if signature is not None:
        entry = entry or named_in_docstring(written, signature)
    elif entry:
        note(mentions, entry, words)
    if entry:
        words.replace_self(cross_reference(entry, words.deepcopy()))


def described_by(node):
    """The signature of the entry whose docstring holds `node`; None outside of the reference."""
    while node := node.parent:
        if isinstance(node, addnodes.desc):
            return node[0]
    return None


def named_in_docstring(written, signature):
    """What a docstring means by a bare name: one of its own module, else the only one of its kind.

    A word of one part, such as `path`, is a name of another module only by chance.
    """
    own, parameters = signature.get("module"), signature.findall(addnodes.desc_sig_name)
    if written in {found.astext() for found in parameters} | {signature.get("fullname")}:
        return None
    dotted = f"{own}.{written}"
    if dotted in public_names():
        return dotted
    ending = f".{written}"
    found = {id(what): name for name, what in public_names().items() if name.endswith(ending)}
    alone = len(found) == 1 and (written[0].isupper() or "_" in written)
    return next(iter(found.values())) if alone else None


def within(node, *kinds):
    """Whether `node` stands inside a node of one of the kinds."""
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def cross_reference(entry, content):
    kind = "mod" if entry in public_modules() else "obj"
    return addnodes.pending_xref(
        "", content, refdomain="py", reftype=kind, reftarget=entry, refexplicit=True
    )


def note(mentions, entry, node):
    """Keep the section of `node` as a place where `entry` is mentioned."""
    while node and not isinstance(node, nodes.section):
        node = node.parent
    if node:
        place = node["ids"][0], clean_astext(node[0])
        places = mentions.setdefault(entry, [])
        if place not in places:
            places.append(place)


def book_mentions(env):
    """For each page, for each entry, the sections that mention it."""
    if not hasattr(env, "book_mentions"):
        env.book_mentions = {}
    return env.book_mentions


def forget_page(app, env, docname):
    book_mentions(env).pop(docname, None)


def take_over(app, env, docnames, other):
    pages = book_mentions(other)
    book_mentions(env).update({name: pages[name] for name in docnames if name in pages})


def pages_to_write_again(app, env):
    """The pages of the reference, when a chapter mentions other names than at the last build."""
    before = getattr(env, "book_mentions_written", None)
    env.book_mentions_written = {page: dict(found) for page, found in book_mentions(env).items()}
    if before == env.book_mentions_written:
        return []
    return sorted({found.docname for found in env.domains["py"].objects.values()})


def leave_as_words(app, env, node, content):
    """Types in docstrings are words, such as "array of float"; only a name of ours can be wrong."""
    theirs = not node.get("reftarget", "").startswith(f"{PACKAGE}.")
    return content if node.get("refdomain") == "py" and theirs else None


# Writing a page


def link_cells(app, doctree, docname):
    """Make links of the names in cells, and say below an import where its source is."""
    if app.builder.format != "html":
        return
    for block in list(doctree.findall(nodes.literal_block)):
        entries = block.get("entries")
        if not any(entries.values() if entries else ()):
            continue
        addresses = {name: address(app, docname, entry) for name, entry in entries.items() if entry}
        language = block["language"]
        code = linked(app.builder.highlighter.highlight_block(block.astext(), language), addresses)
        if sources := source_line(app, docname, block["brings"]):
            cell = block.parent.parent
            cell.parent.insert(cell.parent.index(cell) + 1, html_of(sources))
        block.replace_self(html_of(f'<div class="highlight-{language} notranslate">{code}</div>'))


def html_of(text):
    return nodes.raw("", text, format="html")


def linked(code, addresses):
    """Highlighted code in which the first mention of each name is a link."""
    left = dict(addresses)

    def link(found):
        parts = TAG.sub("", found[0]).split(".")
        while parts and ".".join(parts) not in addresses:
            parts.pop()
        target = left.pop(".".join(parts), None)
        if target is None:
            return found[0]
        spans = DOT.replace("\\", "").join(f'<span class="n">{part}</span>' for part in parts)
        return f'<a href="{escape(target)}">{spans}</a>' + found[0][len(spans) :]

    return IN_CELL.sub(link, code)


def address(app, docname, entry):
    """Relative address of an entry of the reference, or None where the book has none."""
    found = app.env.domains["py"].objects.get(entry)
    if found is None:
        return None
    return f"{app.builder.get_relative_uri(docname, found.docname)}#{found.node_id}"


def source_line(app, docname, brought):
    """One line of HTML: where the source of what a cell imports can be read."""
    links = []
    for dotted in brought:
        where = source_address(app, docname, dotted)
        if where:
            name = dotted.rpartition(".")[2]
            links.append(f'<a href="{escape(where)}"><code>{name}</code></a>')
    return f'<p class="book-source">Source: {", ".join(links)}</p>' if links else ""


def source_address(app, docname, dotted):
    """Relative address of the lines that define a name, or None where no page shows them."""
    if is_paper(app):
        return None
    pages = getattr(app.env, "_viewcode_modules", {})
    owner, _, name = dotted.rpartition(".")
    found = getattr(import_module(owner), name, None)
    module, tag = getattr(found, "__module__", dotted), getattr(found, "__qualname__", "")
    if (
        not pages.get(module) and inspect.ismodule(found) and offers(module)
    ):  # a package: the module that its names begin in
        module = getattr(getattr(found, offers(module)[0]), "__module__", module)
    page = pages.get(module)
    if not page or (tag and tag not in page[1]):
        return None
    path = posixpath.join("_modules", module.replace(".", "/"))
    return app.builder.get_relative_uri(docname, path) + (f"#{tag}" if tag else "")


def say_where_it_stands(app, doctree, docname):
    """Under each entry of the reference, say where the book introduces it, and where it recurs."""
    if app.builder.format != "html":
        return
    for entry in doctree.findall(addnodes.desc):
        ids = entry[0].get("ids") if entry.get("domain") == "py" else None
        places = places_of(app.env, ids[0]) if ids else []
        if places:
            entry[-1].insert(1, mention_line(app, docname, places))  # after the summary


def places_of(env, entry):
    """Triples (page, anchor, title): the first section of each page that mentions the entry."""
    found = book_mentions(env).items()
    pages = [(page, seen[entry][0]) for page, seen in found if entry in seen]
    objects = {place.docname for place in env.domains["py"].objects.values()}
    pages.sort(key=lambda pair: (not pair[0].startswith("chapters/"), pair[0]))
    return [(page, *place) for page, place in pages if page not in objects]


def mention_line(app, docname, places):
    line = nodes.paragraph(classes=["book-mentions"])
    line += nodes.Text("In the book: ")
    for number, (page, anchor, title) in enumerate(places):
        chapter = clean_astext(app.env.titles[page])
        uri = f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        line += nodes.Text("; " if number else "")
        text = chapter if title == chapter else f"{chapter}, {title}"
        line += nodes.reference("", "", nodes.Text(text), internal=True, refuri=uri)
    return line
