#!/usr/bin/env python3
"""Scores of random labelings by scikit-learn and scipy, which ClusteringMetricsTests compares with.

    python3 scripts/golden/metrics.py > Tests/ClusteringMetricsTests/Golden/metrics.json
"""
import json

import numpy
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix


def case(labels, assignments):
    known = labels >= 0
    l, c = labels[known], assignments[known]
    table = contingency_matrix(c, l)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return {
        "labels": labels.tolist(),
        "assignments": assignments.tolist(),
        "acc": float(table[rows, columns].sum() / len(l)),
        "nmi": float(normalized_mutual_info_score(l, c)),
        "ari": float(adjusted_rand_score(l, c)),
    }


def main():
    random = numpy.random.default_rng(20161)
    cases = []
    # samples, clusters, classes, share of samples whose cluster follows the class, share unlabelled
    for n, k, m, signal, unlabelled in [
        (12, 3, 3, 0.7, 0.0), (50, 4, 4, 0.0, 0.0), (60, 2, 7, 0.5, 0.0), (60, 9, 3, 0.6, 0.0),
        (80, 5, 5, 1.0, 0.0), (80, 5, 5, 0.8, 0.4), (100, 30, 20, 0.5, 0.1), (40, 40, 3, 0.3, 0.0),
        (30, 1, 4, 0.0, 0.0), (30, 4, 1, 0.0, 0.0), (10, 1, 1, 0.0, 0.0), (200, 12, 12, 0.9, 0.05),
    ]:
        labels = random.integers(0, m, n)
        assignments = numpy.where(
            random.random(n) < signal, (labels * 5 + 1) % k, random.integers(0, k, n))
        labels[random.random(n) < unlabelled] = -1
        cases.append(case(labels, assignments))
    cases.append(case(numpy.arange(9), numpy.arange(9)[::-1]))
    cases.append(case(numpy.zeros(9, int), numpy.arange(9)))
    versions = {m.__name__: m.__version__ for m in (numpy, scipy, sklearn)}
    print('{"versions": %s, "cases": [' % json.dumps(versions))
    print(",\n".join(json.dumps(c) for c in cases))
    print("]}")


main()
