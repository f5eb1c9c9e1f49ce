"""MNIST: read from a folder, or downloaded, checked and kept; here from a server of our own."""

import builtins
import gzip
import hashlib
import os

import numpy as np
import pytest

from downslope.mnist import ENVIRONMENT, MNIST, IdxFile, Source, load_mnist
from servers import Server

pytest.importorskip("pooch")
REAL = os.environ.get(ENVIRONMENT)
SHAPES = [(6, 28, 28), (6,), (4, 28, 28), (4,)]


def idx(array):
    lengths = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + lengths + array.astype(np.uint8).tobytes()


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 10 if len(shape) == 1 else 256, shape) for shape in SHAPES]


@pytest.fixture
def contents(arrays):
    """The four files as a server or a folder would hold them."""
    names = [file.name for file in MNIST.files]
    return {name: gzip.compress(idx(a), mtime=0) for name, a in zip(names, arrays, strict=True)}


@pytest.fixture
def files(contents):
    def described(name, data):
        sha256 = hashlib.sha256(gzip.decompress(data)).hexdigest()
        return IdxFile(name, hashlib.md5(data).hexdigest(), sha256)

    return tuple(described(name, data) for name, data in contents.items())


@pytest.fixture
def serve():
    servers = []

    def start(answers):
        servers.append(Server(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(autouse=True)
def no_folder_from_the_environment(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)


@pytest.fixture
def nowhere():
    """An address where nothing listens."""
    return "http://127.0.0.1:9/"


def load(tmp_path, files, *addresses, **how):
    return load_mnist(
        cache=tmp_path / "cache", progress=False, source=Source(addresses, files), **how
    )


def assert_loaded(loaded, arrays):
    x_train, x_test, labels_train, labels_test = loaded
    np.testing.assert_allclose(x_train, arrays[0].reshape(6, 784) / 255, rtol=1e-6)
    np.testing.assert_array_equal(labels_train, arrays[1])
    np.testing.assert_allclose(x_test, arrays[2].reshape(4, 784) / 255, rtol=1e-6)
    np.testing.assert_array_equal(labels_test, arrays[3])


def put(folder, contents):
    folder.mkdir(exist_ok=True)
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return folder


def test_a_folder_of_compressed_files_is_read(tmp_path, contents, files, arrays):
    folder = put(tmp_path / "mine", contents)
    assert_loaded(load_mnist(folder, source=Source((), files)), arrays)


def test_a_folder_of_unpacked_files_is_read(tmp_path, contents, files, arrays):
    unpacked = {name[:-3]: gzip.decompress(data) for name, data in contents.items()}
    folder = put(tmp_path / "mine", unpacked)
    assert_loaded(load_mnist(folder, source=Source((), files)), arrays)


def test_a_file_that_was_compressed_again_has_the_same_content(tmp_path, contents, files, arrays):
    again = {n: gzip.compress(gzip.decompress(d), 1, mtime=7) for n, d in contents.items()}
    assert again != contents
    folder = put(tmp_path / "mine", again)
    assert_loaded(load_mnist(str(folder), source=Source((), files)), arrays)


def test_the_environment_can_name_the_folder(tmp_path, contents, files, arrays, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(put(tmp_path / "mine", contents)))
    assert_loaded(load_mnist(source=Source((), files)), arrays)


def test_images_are_float32_unless_asked_otherwise_and_labels_are_integers(
    tmp_path, contents, files
):
    folder = put(tmp_path / "mine", contents)
    x, _, labels, _ = load_mnist(folder, source=Source((), files))
    assert (x.dtype, labels.dtype) == (np.float32, int)
    assert load_mnist(folder, dtype=float, source=Source((), files))[0].dtype == np.float64


def test_a_missing_file_in_the_folder_is_named(tmp_path, contents, files):
    folder = put(tmp_path / "mine", contents)
    (folder / files[2].name).unlink()
    with pytest.raises(FileNotFoundError, match="mine has no t10k-images"):
        load_mnist(folder, source=Source((), files))


def cut(data):
    return data[: len(data) // 2]


def flip(data):
    return data[:-30] + bytes([data[-30] ^ 255]) + data[-29:]


def another(data):
    return gzip.compress(idx(np.zeros((6, 28, 28))))


@pytest.mark.parametrize("damage", [cut, flip, another, lambda data: b"", lambda data: b"<html>"])
def test_a_damaged_file_in_the_folder_is_refused_by_name(tmp_path, contents, files, damage):
    contents[files[0].name] = damage(contents[files[0].name])
    folder = put(tmp_path / "mine", contents)
    with pytest.raises(ValueError, match="train-images.*get it again"):
        load_mnist(folder, source=Source((), files))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\0\x0d\x01" + b"\0\0\0\x01" + b"5", "no IDX file of bytes"),
        (b"\0\0\x08\x03" + b"\0\0\0\x01", "no IDX file of bytes"),
        (b"\0\0\x08\x01" + b"\0\0\0\x07" + b"abc", r"7 elements for shape \(7,\), got 3"),
    ],
)
def test_a_file_with_the_right_checksum_must_still_be_idx(
    tmp_path, contents, files, content, message
):
    contents[files[0].name] = content
    odd = IdxFile(files[0].name, "", hashlib.sha256(content).hexdigest())
    folder = put(tmp_path / "mine", contents)
    with pytest.raises(ValueError, match=message):
        load_mnist(folder, source=Source((), (odd, *files[1:])))


def test_a_download_is_fetched_once_and_then_kept(tmp_path, contents, files, arrays, serve):
    server = serve(contents)
    assert_loaded(load(tmp_path, files, server.address), arrays)
    assert_loaded(load(tmp_path, files, server.address), arrays)
    assert server.asked == [file.name for file in files]


def test_what_was_downloaded_needs_no_network_any_more(
    tmp_path, contents, files, arrays, serve, nowhere
):
    load(tmp_path, files, serve(contents).address)
    assert_loaded(load(tmp_path, files, nowhere), arrays)


@pytest.mark.parametrize("damage", [cut, flip, lambda data: b""])
def test_a_damaged_file_in_the_cache_is_fetched_anew(
    tmp_path, contents, files, arrays, serve, damage
):
    server = serve(contents)
    load(tmp_path, files, server.address)
    kept = tmp_path / "cache" / files[0].name
    kept.write_bytes(damage(contents[files[0].name]))
    assert_loaded(load(tmp_path, files, server.address), arrays)
    assert server.asked[4:] == [files[0].name]
    assert kept.read_bytes() == contents[files[0].name]


@pytest.mark.parametrize("damage", [cut, flip, lambda data: b"<html>login please</html>"])
def test_a_damaged_download_is_never_used(tmp_path, contents, files, serve, damage):
    contents[files[0].name] = damage(contents[files[0].name])
    with pytest.raises(ConnectionError, match="could not be downloaded"):
        load(tmp_path, files, serve(contents).address)
    assert not (tmp_path / "cache" / files[0].name).exists()


def test_the_next_address_is_asked_when_one_is_down_missing_or_damaged(
    tmp_path, contents, files, arrays, serve, nowhere
):
    empty = serve({})
    broken = serve({name: cut(data) for name, data in contents.items()})
    good = serve(contents)
    addresses = [nowhere, empty.address, broken.address, good.address]
    assert_loaded(load(tmp_path, files, *addresses), arrays)
    assert len(empty.asked) == len(broken.asked) == len(good.asked) == 4


def test_a_connection_that_breaks_off_is_not_taken_for_the_file(
    tmp_path, contents, files, arrays, serve
):
    broken, good = serve(contents), serve(contents)

    def write_half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(b"\x1f\x8b half")

    broken.http.RequestHandlerClass.do_GET = write_half
    assert_loaded(load(tmp_path, files, broken.address, good.address), arrays)


def test_without_a_network_the_error_says_what_to_do(tmp_path, files, nowhere):
    with pytest.raises(ConnectionError) as caught:
        load(tmp_path, files, nowhere)
    message = str(caught.value)
    for word in (nowhere, "folder=", ENVIRONMENT, "load_digits()"):
        assert word in message


def test_without_pooch_the_error_says_how_to_install_it(tmp_path, files, monkeypatch):
    real_import = builtins.__import__

    def without_pooch(name, *rest):
        if name == "pooch":
            raise ModuleNotFoundError("No module named 'pooch'", name="pooch")
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_pooch)
    with pytest.raises(ModuleNotFoundError, match="pip install pooch"):
        load(tmp_path, files, "http://127.0.0.1:9/")


def test_a_quiet_download_prints_nothing(tmp_path, contents, files, serve, capfd):
    load(tmp_path, files, serve(contents).address)
    assert capfd.readouterr() == ("", "")


def test_a_download_shows_its_progress(tmp_path, contents, files, serve, capfd):
    source = Source((serve(contents).address,), files)
    load_mnist(cache=tmp_path / "cache", source=source)
    assert "100%" in capfd.readouterr().err


@pytest.mark.skipif(not REAL, reason=f"{ENVIRONMENT} names no folder")
def test_the_real_files_are_mnist():
    x_train, x_test, labels_train, labels_test = load_mnist(REAL)
    assert (x_train.shape, x_test.shape) == ((60000, 784), (10000, 784))
    assert labels_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(labels_test).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert (x_train.min(), x_train.max()) == (0, 1)
    assert x_train.mean() == pytest.approx(0.1307, abs=1e-4)


@pytest.mark.parametrize("dtype", [int, np.uint8, bool, complex, object, "abc", None])
def test_a_type_that_cannot_hold_pixels_from_0_to_1_is_refused_before_a_file_is_read(dtype):
    with pytest.raises(ValueError, match="dtype must be a type of float"):
        load_mnist("no-such-folder", dtype=dtype)


def test_in_a_browser_the_error_says_what_to_do_instead(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "emscripten")
    with pytest.raises(ConnectionError, match=r"(?s)does not download MNIST.*load_digits\(\)"):
        load_mnist(cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
