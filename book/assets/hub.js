// Links to a teacher's own JupyterHub. The page has an address for each chapter, with the name of no
// hub in it; paragraphs of the class hub-field become fields in which to type what differs. Until
// then only the notebooks are named. What is typed stays in this browser, and nothing is asked of
// any address.
"use strict";

(() => {
  const KEPT = "downslope-hub";
  const fields = {};

  const kept = () => {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
      return {}; // a browser that keeps nothing, or something else under this name
    }
  };

  function keep() {
    const typed = Object.entries(fields).map(([name, input]) => [name, input.value]);
    try {
      localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(typed)));
    } catch {
      // then it is typed again the next time
    }
  }

  // An address on the web, or nothing.
  function parsed(text) {
    try {
      const url = new URL(text.trim());
      return /^https?:$/.test(url.protocol) ? url : undefined;
    } catch {
      return undefined;
    }
  }

  // The hub itself, also where somebody gives the address of a page of it.
  function hubOf(text) {
    const url = parsed(text);
    return url && url.origin + url.pathname.replace(/\/(hub|user)(\/.*)?$/, "").replace(/\/+$/, "");
  }

  // The same as pull_link in book_teaching.py.
  function pullLink(hub, repository, branch, notebook) {
    const folder = repository.replace(/\/+$/, "").split("/").pop();
    const urlpath = `lab/tree/${folder}/${notebook}`;
    const asked = new URLSearchParams({ repo: repository, urlpath, branch });
    return `${hub}/hub/user-redirect/git-pull?${asked}`;
  }

  function field(name, first) {
    const paragraph = document.querySelector(`.hub-field.hub-${name}`);
    const example = paragraph?.querySelector("code");
    if (!example) return;
    const input = document.createElement("input");
    Object.assign(input, { type: "text", spellcheck: false, autocapitalize: "off" });
    const said = first === example.textContent ? "" : first; // an example is not to be followed
    Object.assign(input, { placeholder: example.textContent, value: kept()[name] || said });
    example.replaceWith(input);
    const label = document.createElement("label");
    label.append(...paragraph.childNodes);
    paragraph.append(label);
    fields[name] = input;
  }

  function begin() {
    const links = [...document.querySelectorAll("code.hub-link")].map((code) => {
      const given = new URL(code.textContent).searchParams;
      const notebook = given.get("urlpath").split("/").slice(3).join("/");
      const [name, link] = ["span", "a"].map((tag) => document.createElement(tag));
      name.textContent = link.textContent = notebook.split("/").pop();
      return { given, notebook, name, link, shown: code };
    });
    if (!links.length) return;
    field("address", "");
    field("repository", links[0].given.get("repo"));
    field("branch", links[0].given.get("branch"));
    fields.branch.value ||= fields.branch.placeholder;

    function refresh() {
      const hub = hubOf(fields.address.value);
      const repository = fields.repository.value.trim();
      const branch = fields.branch.value.trim();
      const usable = { address: hub, repository: parsed(repository), branch };
      for (const [name, input] of Object.entries(fields)) {
        input.setAttribute("aria-invalid", String(Boolean(input.value.trim()) && !usable[name]));
      }
      for (const one of links) {
        const isLink = Boolean(usable.address && usable.repository && usable.branch);
        if (isLink) one.link.href = pullLink(hub, repository, branch, one.notebook);
        const show = isLink ? one.link : one.name;
        one.shown.replaceWith(show);
        one.shown = show;
      }
    }

    for (const input of Object.values(fields)) {
      input.addEventListener("input", () => {
        keep();
        refresh();
      });
    }
    refresh();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
