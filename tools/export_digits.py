"""Write the digits that the package ships, from the copy in scikit-learn.

    python tools/export_digits.py

It needs scikit-learn, which the package itself does not. The file comes out the same every time;
the checksum that it prints belongs in ``src/downslope/datasets.py``.
"""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[1] / "src" / "downslope" / "data" / "digits.npz"


def npz_bytes(**arrays):
    """The arrays as a compressed npz file, without dates, so that equal arrays give equal bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return whole.getvalue()


def main():
    from sklearn.datasets import load_digits

    digits = load_digits()
    images, labels = digits.images.astype(np.uint8), digits.target.astype(np.uint8)
    assert images.shape == (1797, 8, 8)
    assert (images == digits.images).all()
    content = npz_bytes(images=images, labels=labels)
    TARGET.write_bytes(content)
    print(f"{TARGET.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
