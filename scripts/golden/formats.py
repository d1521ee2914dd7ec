"""Small matrices in every format that `dec prepare` reads, as numpy, scipy and scikit-learn write them.

    python3 scripts/golden/formats.py      writes Tests/DatasetsTests/Golden/

    expected.npy                           float64 [7, 6], the matrix in all the sparse files; row 3 is empty
    labels.npy                             int64 [7], in the svmlight files
    csr*.npz                               deflated, stored, a csr_array, int64 indices, float32, int64 and
                                           float16 data, unsorted and doubled indices, an explicit zero
    csc.npz                                a format that is refused
    *.svm                                  zero- and one-based, with a comment
    *.mtx                                  coordinate real, integer, pattern, symmetric, skew; array
    dense-*.npy                            float16, 32, 64; C and Fortran order; int32
"""
import gzip
import os

import numpy as np
import scipy.io
import scipy.sparse as sp
from sklearn.datasets import dump_svmlight_file

folder = os.path.join(os.path.dirname(__file__), "../../Tests/DatasetsTests/Golden/")
os.makedirs(folder, exist_ok=True)
random = np.random.RandomState(5)
x = np.round(random.standard_normal((7, 6)) * 8) / 4  # exact in float16
x[random.uniform(size=x.shape) < 0.5] = 0
x[3] = 0
x[0, 0] = 1.5  # the first and the last column are in use
x[6, 5] = -0.25
labels = np.array([2, 0, 1, 1, 2, 0, 1])
np.save(folder + "expected.npy", x)
np.save(folder + "labels.npy", labels)

m = sp.csr_matrix(x)
sp.save_npz(folder + "csr.npz", m)
sp.save_npz(folder + "csr-stored.npz", m, compressed=False)
sp.save_npz(folder + "csr-array.npz", sp.csr_array(x))
sp.save_npz(folder + "csr-float32.npz", m.astype(np.float32))
sp.save_npz(folder + "csc.npz", m.tocsc())
wide = m.copy()
wide.indices, wide.indptr = m.indices.astype(np.int64), m.indptr.astype(np.int64)
np.savez_compressed(
    folder + "csr-int64.npz", indices=wide.indices, indptr=wide.indptr, format=b"csr",
    shape=np.array(x.shape), data=m.data)
# Each entry as two halves, then everything in a row reversed, and a zero at column 2 of each row.
indices, data, indptr = [], [], [0]
for i in range(7):
    row = m.indices[m.indptr[i]:m.indptr[i + 1]].tolist()
    values = m.data[m.indptr[i]:m.indptr[i + 1]].tolist()
    row, values = (row + row)[::-1] + [2], [v / 2 for v in values + values][::-1] + [0]
    indices += row
    data += values
    indptr.append(len(indices))
odd = sp.csr_matrix((np.array(data), np.array(indices), np.array(indptr)), shape=x.shape)
assert (odd.toarray() == x).all()
sp.save_npz(folder + "csr-unsorted.npz", odd)

for base in (0, 1):
    dump_svmlight_file(m, labels, f"{folder}base-{base}.svm", zero_based=base == 0, comment="made\nup" if base else "")

scipy.io.mmwrite(folder + "real.mtx", m.tocsc(), comment="a comment")
scipy.io.mmwrite(folder + "array.mtx", x)
scipy.io.mmwrite(folder + "integer.mtx", (m * 4).astype(np.int32))
scipy.io.mmwrite(folder + "pattern.mtx", m, field="pattern")
square = x[:6] + x[:6].T
scipy.io.mmwrite(folder + "symmetric.mtx", sp.coo_matrix(square), symmetry="symmetric")
scipy.io.mmwrite(folder + "symmetric-array.mtx", square, symmetry="symmetric")
skew = x[:6] - x[:6].T
scipy.io.mmwrite(folder + "skew.mtx", sp.coo_matrix(skew), symmetry="skew-symmetric")
scipy.io.mmwrite(folder + "skew-array.mtx", skew, symmetry="skew-symmetric")
with open(folder + "real.mtx", "rb") as file, open(folder + "real.mtx.gz", "wb") as out:
    out.write(gzip.compress(file.read(), mtime=0))

for name, array in {
    "f2": x.astype(np.float16), "f4": x.astype(np.float32), "f8": x, "f4-fortran": np.asfortranarray(x.astype(np.float32)),
    "f8-fortran": np.asfortranarray(x), "f2-fortran": np.asfortranarray(x.astype(np.float16)),
    "i4": (x * 4).astype(np.int32),
}.items():
    np.save(f"{folder}dense-{name}.npy", array)
print("numpy", np.__version__, "scipy", __import__("scipy").__version__)
