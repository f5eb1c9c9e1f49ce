"""MNIST, downloaded once and checked, or read from a folder that you already have.

The 70,000 handwritten digits of LeCun, Cortes and Burges are no part of this package. `pooch`
fetches them, and only when you ask; the smaller digits of `downslope.datasets.load_digits` come
with the package and need neither.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "ENVIRONMENT",
    "IdxFile",
    "MNIST",
    "Source",
    "load_mnist",
]

#: Environment variable that names a folder with the four files.
ENVIRONMENT = "DOWNSLOPE_MNIST"


@dataclass(frozen=True)
class IdxFile:
    """One file of a data set: its name, and how to know that it is whole.

    Attributes
    ----------
    name : str
        Name of the compressed file, as it is distributed.
    md5 : str
        Of the compressed file, as it is distributed.
    sha256 : str
        Of the content. Compressed again, a file has other bytes and the same content.
    """

    name: str
    md5: str
    sha256: str


@dataclass(frozen=True)
class Source:
    """Where four IDX files can be had, and what they must contain.

    Attributes
    ----------
    addresses : tuple of str
        Folders on the web, each ending in "/". They are tried in this order.
    files : tuple of IdxFile
        Training images, training labels, test images, test labels.
    """

    addresses: tuple[str, ...]
    files: tuple[IdxFile, ...]


#: The data set as it is distributed, and two places that have it.
MNIST = Source(
    addresses=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=(
        IdxFile(
            "train-images-idx3-ubyte.gz",
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        IdxFile(
            "train-labels-idx1-ubyte.gz",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        IdxFile(
            "t10k-images-idx3-ubyte.gz",
            "9fb629c4189551a2d022fa330f9573f3",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        IdxFile(
            "t10k-labels-idx1-ubyte.gz",
            "ec29112dd5afa0611ce80d1b7f02629c",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
)


def load_mnist(
    folder: str | Path | None = None,
    *,
    cache: str | Path | None = None,
    progress: bool = True,
    dtype: npt.DTypeLike = np.float32,
    source: Source = MNIST,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """60,000 training and 10,000 test images of handwritten digits.

    Parameters
    ----------
    folder : path, optional
        Holds the four IDX files, compressed or not: nothing is downloaded then. By default the
        folder that the environment variable DOWNSLOPE_MNIST names; if there is none, the files
        are downloaded, once.
    cache : path, optional
        Where downloads are kept. By default a folder of this package among the user's caches.
    progress : bool, optional
        Whether to show a bar while downloading.
    dtype : dtype, optional
        Of the images: float16, float32 or float64.
    source : Source, optional
        Where to download from, and what the files must contain.

    Returns
    -------
    x_train : ndarray of float, shape (60000, 784)
        Rows of pixels, from 0 (paper) to 1 (ink).
    x_test : ndarray of float, shape (10000, 784)
    labels_train : ndarray of int, shape (60000,)
        The digits, 0 to 9. The order is that of `downslope.datasets.train_test_split`.
    labels_test : ndarray of int, shape (10000,)

    Raises
    ------
    FileNotFoundError
        If a file is missing in the folder.
    ValueError
        If a file in the folder is damaged, or `dtype` is no type of float.
    ConnectionError
        If no address answers with undamaged files, or this runs in a browser; says what to do.
    ModuleNotFoundError
        If a download is needed and `pooch` is not installed.

    Notes
    -----
    A downloaded file is checked each time it is read. One that is damaged or half downloaded is
    never used; it is fetched anew.

    Examples
    --------
    ``x_train, x_test, labels_train, labels_test = load_mnist()`` downloads the files, once. A
    folder that does not hold them is refused:

    >>> load_mnist("no-such-folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: MNIST: no-such-folder has no train-images-idx3-ubyte.gz, compressed or not
    """
    kind = _float_type(dtype)
    folder = folder or os.environ.get(ENVIRONMENT)
    if folder:
        paths = [_find(Path(folder), file) for file in source.files]
    else:
        paths = _download_all(source, cache, progress)
    arrays = [_read(path, file) for path, file in zip(paths, source.files, strict=True)]
    x_train, labels_train, x_test, labels_test = arrays
    labels = labels_train.astype(np.intp), labels_test.astype(np.intp)
    return _rows(x_train, kind), _rows(x_test, kind), *labels


def _float_type(dtype: npt.DTypeLike) -> np.dtype:
    try:
        found = None if dtype is None else np.dtype(dtype)
    except TypeError:
        found = None
    if found is None or found.kind != "f":
        raise ValueError(f"dtype must be a type of float, such as np.float32, got {dtype!r}")
    return found


def _rows(images: np.ndarray, dtype: np.dtype) -> np.ndarray:
    rows = images.reshape(len(images), -1).astype(dtype)
    rows /= 255
    return rows


def _find(folder: Path, file: IdxFile) -> Path:
    for name in (file.name, file.name.removesuffix(".gz")):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"MNIST: {folder} has no {file.name}, compressed or not")


def _read(path: Path, file: IdxFile) -> np.ndarray:
    """The array in an IDX file, compressed or not, once its content is known to be whole."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = _unpack(content, path)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ValueError(f"MNIST: {path} does not hold what it should; get it again")
    return _parse_idx(content, path)


def _unpack(content: bytes, path: Path) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"MNIST: {path} is damaged ({error}); get it again") from error


def _parse_idx(content: bytes, path: Path) -> np.ndarray:
    """Read the IDX format: two zeros, a type, the number of axes, their lengths, the elements."""
    n_axes = content[3] if len(content) > 3 else 0
    start = 4 + 4 * n_axes
    if content[:3] != b"\0\0\x08" or len(content) < start:
        raise ValueError(f"MNIST: {path} is no IDX file of bytes, it begins with {content[:4]!r}")
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", n_axes, offset=4))
    if len(content) - start != np.prod(shape):
        raise ValueError(
            f"MNIST: {path} should hold {np.prod(shape)} elements for shape {shape}, "
            f"got {len(content) - start}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _download_all(source: Source, cache: str | Path | None, progress: bool) -> list[Path]:
    pooch = _import_pooch()
    folder = Path(cache) if cache else Path(pooch.os_cache("downslope")) / "mnist"
    with _quiet(pooch.get_logger()):
        return [_download(pooch, source, file, folder, progress) for file in source.files]


def _download(pooch: Any, source: Source, file: IdxFile, cache: Path, progress: bool) -> Path:
    """Path of the file in the cache; `pooch` fetches it if it is missing there, or damaged."""
    failures = []
    for address in source.addresses:
        try:
            fetched = pooch.retrieve(
                url=address + file.name,
                known_hash=f"md5:{file.md5}",
                fname=file.name,
                path=cache,
                downloader=pooch.HTTPDownloader(progressbar=progress, timeout=30),
            )
            return Path(fetched)
        except (OSError, ValueError) as error:  # no connection, an error page, a wrong checksum
            failures.append(f"  {address}{file.name}: {error}")
    raise ConnectionError(_advice(failures))


def _advice(failures: list[str]) -> str:
    return "\n".join(
        [
            "MNIST could not be downloaded:",
            *failures,
            "What you can do: try again with a network connection; or put the four files in a",
            f"folder and call load_mnist(folder=...), or set {ENVIRONMENT} to it.",
            "The digits of downslope.datasets.load_digits() come with the package and work now.",
        ]
    )


def _import_pooch() -> Any:
    if sys.platform == "emscripten":
        raise ConnectionError(
            "Python in a browser does not download MNIST. Run this notebook on your machine, or\n"
            "stay with the digits of downslope.datasets.load_digits(): they come with the package."
        )
    try:
        import pooch
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "downloading MNIST needs pooch: python -m pip install pooch\n"
            f"(or set {ENVIRONMENT} to a folder that holds the four files)"
        ) from error
    return pooch


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
