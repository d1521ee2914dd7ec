"""Compares `dec prepare lyrl2004` with scikit-learn on the RCV1 piece: every value, relative.

    python3 scripts/golden/check_tfidf.py DATASET ../shared/data/rcv1

scikit-learn breaks ties at the 2,000th term in no defined order; the vocabulary is ours, and its counts are
checked to be the largest.
"""
import gzip
import sys

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

folder, rcv1 = sys.argv[1], sys.argv[2]
texts = {}
for part in ("test_pt0", "train"):
    for line in gzip.open(f"{rcv1}/lyrl2004_tokens_{part}.dat.gz", "rt"):
        if line.startswith(".I"):
            document = line.split()[1]
            texts[document] = []
        elif not line.startswith(".W"):
            texts[document].append(line)
ids = open(folder + "/ids.txt").read().split()
texts = [" ".join(texts[document]) for document in ids]
parts = [np.load(f"{folder}/{name}.npy") for name in ("data", "indices", "indptr")]
terms = [line.split("\t")[0] for line in open(folder + "/vocabulary.tsv")]
ours = sp.csr_matrix(tuple(parts), shape=(len(ids), len(terms)))

everything = CountVectorizer().fit(texts)
totals = np.asarray(everything.transform(texts).sum(axis=0)).ravel()
mine = sorted(totals[[everything.vocabulary_[term] for term in terms]])
print("the most frequent terms:", mine == sorted(np.sort(totals)[-len(terms):]))
counts = CountVectorizer(vocabulary=terms).transform(texts)
theirs = TfidfTransformer(norm="l2", sublinear_tf=True).fit_transform(counts).tocsr() * np.sqrt(len(terms))
theirs.sort_indices()
print("the same entries:", np.array_equal(ours.indices, theirs.indices) and np.array_equal(ours.indptr, theirs.indptr))
print("largest relative difference:", np.max(np.abs(ours.data - theirs.data) / theirs.data))
