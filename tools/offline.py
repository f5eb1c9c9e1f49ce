"""Put the built book into one zip that is read without a network: `make offline`.

Unpacked anywhere, `index.html` opens from disk in a browser: text, figures with their sliders,
quizzes and search. The exercises need a page that is served, since browsers start no Python for a
file; the README in the zip says how.
"""

import sys
import zipfile
from pathlib import Path

BOOK = Path(__file__).resolve().parents[1] / "_build" / "html"
FOLDER = "downslope"
BEGINNING = (1980, 1, 1, 0, 0, 0)  # of a zip's time: the same book makes the same bytes
README = """\
Downslope: how neural networks learn

Open index.html in a browser. Nothing is asked of a network.

For the exercises, which need a page that is served, run in this folder

    python -m http.server --bind 127.0.0.1

(on some systems the first word is python3 or py) and open http://127.0.0.1:8000 in the browser.
"""


def pack(book, target):
    """Write all files of a built book, and a README, into the zip `target`; returns it.

    Raises
    ------
    FileNotFoundError
        If there is no built book. What stood at `target` before stays as it was.
    """
    if not (book / "index.html").is_file():
        raise FileNotFoundError(f"there is no built book in {book}: run make book first")
    files = sorted(path for path in book.rglob("*") if path.is_file())
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as packed:
            add(packed, "README.txt", README.encode())
            for path in files:
                if path.name != ".buildinfo":
                    add(packed, path.relative_to(book).as_posix(), path.read_bytes())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def add(packed, name, content):
    entry = zipfile.ZipInfo(f"{FOLDER}/{name}", BEGINNING)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    packed.writestr(entry, content)


if __name__ == "__main__":
    try:
        made = pack(BOOK, BOOK.parent / "downslope-offline.zip")
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(f"The book is in {made}, {made.stat().st_size / 1e6:.0f} MB: unpack it, open index.html")
