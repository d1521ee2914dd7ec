"""The features of STL-10 pictures, HOG and colours as the authors' code computes them, by numpy and
independently of `dec`.

    python3 scripts/golden/stl10.py                      writes Tests/DatasetsTests/Golden/stl10-*
    python3 scripts/golden/stl10.py DATASET PICTURES...  compares a dataset of
                                                         `dec prepare stl10 --keep-order --scale none`

    stl10-pictures.bin.gz                  3 made-up pictures: noise, waves with edges, and a flat one
    stl10-features.npy                     float32 [3, 1428]
"""
import gzip
import os
import sys

import numpy as np

U = np.array([1.0000, 0.9397, 0.7660, 0.5000, 0.1736, -0.1736, -0.5000, -0.7660, -0.9397])
V = np.array([0.0000, 0.3420, 0.6428, 0.8660, 0.9848, 0.9848, 0.8660, 0.6428, 0.3420])


def hog(picture):
    """[96, 96, 3] of double -> [10, 10, 13]."""
    dx = picture[1:-1, 2:] - picture[1:-1, :-2]
    dy = picture[2:, 1:-1] - picture[:-2, 1:-1]
    square = dx**2 + dy**2
    channel = square.argmax(axis=2)[..., None]  # the first of equals
    dx, dy, square = (np.take_along_axis(a, channel, 2)[..., 0] for a in (dx, dy, square))
    orientation = np.abs(dx[..., None] * U + dy[..., None] * V).argmax(axis=2)
    # The share of every pixel in every cell: a triangle of base 16 around the cell's centre.
    position = (np.arange(1, 95) + 0.5) / 8 - 0.5
    share = np.clip(1 - np.abs(position[:, None] - np.arange(12)), 0, None)
    histogram = np.stack(
        [share.T @ (np.sqrt(square) * (orientation == o)) @ share for o in range(9)], axis=2)
    energy = (histogram**2).sum(axis=2)
    block = energy[:-1, :-1] + energy[1:, :-1] + energy[:-1, 1:] + energy[1:, 1:]
    norm = 1 / np.sqrt(block + 1e-4)  # norm[y, x]: cells y..y+1, x..x+1
    around = [norm[1:, 1:], norm[:-1, 1:], norm[1:, :-1], norm[:-1, :-1]]
    h = [np.minimum(0.2, histogram[1:-1, 1:-1] * n[..., None]) for n in around]
    return np.concatenate([0.5 * sum(h), np.stack([0.2357 * a.sum(axis=2) for a in h], axis=2)], axis=2)


def colours(picture):
    """[96, 96, 3] of bytes -> [8, 8, 2]: OpenCV's resize and RGB2YCrCb."""
    p = picture.astype(np.int64)
    small = (p[5::12, 5::12] + p[6::12, 5::12] + p[5::12, 6::12] + p[6::12, 6::12] + 2) >> 2
    r, g, b = (small[..., c] for c in range(3))
    y = (r * 4899 + g * 9617 + b * 1868 + (1 << 13)) >> 14
    cr = ((r - y) * 11682 + (128 << 14) + (1 << 13)) >> 14
    cb = ((b - y) * 9241 + (128 << 14) + (1 << 13)) >> 14
    return np.clip(np.stack([cr, cb], axis=2), 0, 255)


def features(picture):
    return np.concatenate([
        ((hog(picture.astype(np.float64)) - 0.2) * 10).ravel(), ((colours(picture) - 128.0) / 10).ravel()])


def pictures(bytes):
    return np.frombuffer(bytes, np.uint8).reshape(-1, 3, 96, 96).transpose(0, 3, 2, 1)


def made_up():
    random = np.random.RandomState(3)
    noise = random.randint(0, 256, (96, 96, 3))
    y, x = np.mgrid[:96, :96]
    waves = np.stack([
        127 + 120 * np.sin(x / 7.0 + y / 19.0), 128 + 100 * np.cos(y / 5.0) * (x > 40),
        255.0 * ((x - 50)**2 + (y - 30)**2 < 500)], axis=2)
    flat = np.full((96, 96, 3), (200, 10, 90))
    return np.stack([noise, waves.astype(np.int64), flat]).astype(np.uint8)


if len(sys.argv) > 2:
    ours = np.load(sys.argv[1] + "/dense.npy")
    read = lambda path: (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
    theirs = np.stack([features(p) for path in sys.argv[2:] for p in pictures(read(path))])
    print("pictures:", len(theirs), "largest difference:", np.abs(ours - theirs).max())
    print("colours equal:", np.array_equal(ours[:, 1300:], theirs[:, 1300:].astype(np.float32)))
else:
    folder = os.path.join(os.path.dirname(__file__), "../../Tests/DatasetsTests/Golden/")
    made = made_up()
    with open(folder + "stl10-pictures.bin.gz", "wb") as out:
        out.write(gzip.compress(made.transpose(0, 3, 2, 1).tobytes(), mtime=0))
    np.save(folder + "stl10-features.npy", np.stack([features(p) for p in made]).astype(np.float32))
