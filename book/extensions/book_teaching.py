"""Sphinx extension: links by which a JupyterHub gives each student a chapter to run.

The role ``{hub-link}`chapters/04_gradient_descent.ipynb` `` becomes the address that nbgitpuller's
own link generator makes: it brings the repository into the student's folder, as it is now, and
opens that notebook in JupyterLab. The repository is this copy's where that is known, else one to be
filled in, as the hub's address always is; `hub.js` makes them links once a teacher types it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from docutils import nodes

from book_repository import declared_address, web_address

HUB = "https://hub.example.org"
REPOSITORY = "https://github.com/OWNER/downslope"
CLASS = "hub-link"


def setup(app):
    app.add_role("hub-link", link_role)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def link_role(name, rawtext, text, line, inliner, options=None, content=()):
    """The address that brings the notebook `text`, a path in the book, to a student."""
    env = inliner.document.settings.env
    if not Path(env.srcdir, text).is_file():
        message = inliner.reporter.error(f"{name}: there is no notebook {text!r}", line=line)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    repository = web_address(declared_address(env.app.confdir)) or REPOSITORY
    branch = env.config.html_theme_options.get("repository_branch") or "main"
    address = pull_link(HUB, repository, branch, text)
    return [nodes.literal(rawtext, address, classes=[CLASS])], []


def pull_link(hub, repository, branch, notebook):
    """Where students of a hub get `notebook` of a repository, and their own copy of all of it.

    Parameters
    ----------
    hub : str
        Address of the JupyterHub.
    repository : str
        Address that git clones. The last part of it names the students' folder.
    branch : str
        Branch of the repository.
    notebook : str
        Path in the repository.

    Returns
    -------
    address : str

    Examples
    --------
    >>> address = pull_link("https://hub.org/", "https://github.com/ada/book", "main", "a/b.ipynb")
    >>> print(address.replace("&", "\\n&"))
    https://hub.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fada%2Fbook
    &urlpath=lab%2Ftree%2Fbook%2Fa%2Fb.ipynb
    &branch=main
    """
    folder = repository.rstrip("/").rsplit("/", 1)[-1]
    asked = {"repo": repository, "urlpath": f"lab/tree/{folder}/{notebook}", "branch": branch}
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(asked)}"


def add_files(app, page, template, context, doctree):
    """Load the script and the style on pages that have such links, and on no other."""
    if doctree and any(CLASS in node["classes"] for node in doctree.findall(nodes.literal)):
        app.add_js_file("hub.js", loading_method="defer")
        app.add_css_file("hub.css")
