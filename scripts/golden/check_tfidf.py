"""Compares a dataset folder of `dec prepare` with scikit-learn: vocabulary, idf and every value.

    python3 scripts/golden/check_tfidf.py DATASET corpora/rcv1            lyrl2004, test_pt0 and train
    python3 scripts/golden/check_tfidf.py DATASET corpora/reuters21578    text, --no-stem --stop-words none
    python3 scripts/golden/check_tfidf.py DATASET corpus.jsonl[.gz]       text, any JSON lines, likewise

docs/results.md says what such a folder of corpora holds.

scikit-learn is CountVectorizer(max_features, strip_accents="unicode"), whose choice among terms with one total
at the last place is its own: where ours differs there, only that is allowed, and ours has to be the first in
term order. Exit code 1 where anything else differs.
"""
import gzip
import json
import os
import sys

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

folder, corpus = sys.argv[1], sys.argv[2]
texts = {}
if os.path.isdir(corpus) and os.path.exists(f"{corpus}/rcv1-v2.topics.qrels.gz"):
    for part in ("test_pt0", "train"):
        for line in gzip.open(f"{corpus}/lyrl2004_tokens_{part}.dat.gz", "rt"):
            if line.startswith(".I"):
                document = line.split()[1]
                texts[document] = []
            elif not line.startswith(".W"):
                texts[document].append(line)
    texts = {document: " ".join(lines) for document, lines in texts.items()}
else:
    path = f"{corpus}/reuters21578.jsonl.gz" if os.path.isdir(corpus) else corpus
    for number, line in enumerate(gzip.open(path, "rt") if path.endswith(".gz") else open(path)):
        fields = json.loads(line)
        texts[str(fields.get("id", number))] = fields["text"]
ids = open(folder + "/ids.txt").read().splitlines()
info = json.load(open(folder + "/dataset.json"))
if info["corpus_samples"] != len(ids):
    sys.exit("the dataset was cut by --limit: idf is of more documents than it holds")
texts = [texts[document] for document in ids]
parts = [np.load(f"{folder}/{name}.npy", mmap_mode="r") for name in ("data", "indices", "indptr")]
vocabulary = [line.rstrip("\n").split("\t") for line in open(folder + "/vocabulary.tsv")]
terms = [line[0] for line in vocabulary]
ours = sp.csr_matrix(tuple(parts), shape=(len(ids), len(terms)))

failed = []


def check(what, holds, detail=""):
    print(f"{what}: {'yes' if holds else 'NO'}{detail}")
    if not holds:
        failed.append(what)


everything = CountVectorizer(strip_accents="unicode")
totals = np.asarray(everything.fit_transform(texts).sum(axis=0)).ravel()
order = everything.get_feature_names_out()
best = sorted(range(len(order)), key=lambda i: (-totals[i], order[i].encode()))[: info["text"]["features"]]
check("the most frequent terms, ties in term order", sorted((order[i] for i in best), key=str.encode) == terms)
theirs = CountVectorizer(max_features=info["text"]["features"], strip_accents="unicode").fit(texts)
difference = set(theirs.vocabulary_) ^ set(terms)
last = totals[best[-1]]
check("scikit-learn's own choice, but for ties at the last place",
      all(totals[everything.vocabulary_[term]] == last for term in difference), f" ({len(difference) // 2} other ties)")
counts = CountVectorizer(vocabulary=terms, strip_accents="unicode").transform(texts)
transformer = TfidfTransformer(norm="l2", sublinear_tf=True)
values = transformer.fit_transform(counts).tocsr() * np.sqrt(len(terms))
values.sort_indices()
idf = np.array([float(line[2]) for line in vocabulary])
check("idf", np.allclose(idf, transformer.idf_, rtol=1e-12, atol=0),
      f", largest relative difference {np.max(np.abs(idf / transformer.idf_ - 1)):.1e}")
check("the same entries", np.array_equal(ours.indices, values.indices) and np.array_equal(ours.indptr, values.indptr))
worst = np.max(np.abs(ours.data - values.data) / values.data)
check("values to 1e-5", worst < 1e-5, f", largest relative difference {worst:.1e}")
sys.exit(1 if failed else 0)
