"""Expected values of Tests/VisualizationTests/TSNETests.swift: scikit-learn's t-SNE of the same points.

  python3 scripts/golden/tsne.py
"""
import numpy
from sklearn.manifold import TSNE, trustworthiness


def points(n=240, dimensions=6, groups=4):
    """n points around a few centres; plain arithmetic, so that the test makes the same."""
    state = 12345
    values = []
    for i in range(n * dimensions):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state / 2**31 - 0.5)
    x = numpy.array(values).reshape(n, dimensions)
    for i in range(n):
        x[i, i % groups] += 1 + 0.1 * (i % 3)
    return x.astype(numpy.float32)


x = points()
for seed in range(3):
    tsne = TSNE(perplexity=30, init="pca", method="exact", random_state=seed, max_iter=1000)
    y = tsne.fit_transform(x)
    print("divergence", tsne.kl_divergence_, "trustworthiness", trustworthiness(x, y, n_neighbors=12))
