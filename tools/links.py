"""Say in one report what has become of the other sites that the book links to: `make links`.

Sphinx's linkcheck has asked each of them; this reads what it found, and says it by site and page.
Exit code 1 if a link leads nowhere.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "_build"
FOUND = BUILD / "links" / "_build" / "html" / "output.json"  # where Jupyter Book lets it write
#: What linkcheck calls it, and what it means for an author, in the order of the report.
KINDS = {
    "broken": "lead nowhere",
    "timeout": "did not answer in time",
    "redirected": "have moved",
    "working": "are there",
}


def read(path):
    """Of each kind the addresses that are not the book's own, with what was heard and the pages.

    Returns
    -------
    found : dict of str to dict of str to (str, list of str)
    """
    found = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines():
        link = json.loads(line)
        if link["uri"].startswith("http"):
            known = found[link["status"]].setdefault(link["uri"], (link["info"], []))
            known[1].append(f"{link['filename']}:{link['lineno']}")
    return found


def report(found):
    """The report, a line an address, and one a page on which it stands unless all is well."""
    n = sum(map(len, found.values()))
    lines = [f"{n} addresses of other sites:"]
    for kind, meaning in KINDS.items():
        addresses = found.get(kind, {})
        lines.append(f"\n{len(addresses)} {meaning}")
        for address, (heard, places) in sorted(addresses.items()):
            lines.append(f"  {address}")
            if kind != "working":
                said = " ".join(heard.split())
                lines += [f"      {said:.120}"] if said else []
                lines += [f"      {place}" for place in sorted(set(places))]
    if n and len(found.get("broken", {})) == n:
        lines.append("\nNo site answered at all: is there a network?")
    return "\n".join(lines)


def main(path=FOUND):
    if not path.is_file():
        return (
            f"There is no {path}: make links writes it; what it said is in _build/links/said.txt."
        )
    found = read(path)
    print(report(found))
    return 1 if found.get("broken") else 0


if __name__ == "__main__":
    sys.exit(main())
