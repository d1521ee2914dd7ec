#!/usr/bin/env python3
"""Features of a small made-up corpus by scikit-learn, which TextTests compares with.

    python3 scripts/golden/text_features.py > Tests/TextTests/Golden/text-features.json

Terms are those of CountVectorizer(max_features, max_df, stop_words, strip_accents="unicode"); tf-idf is
TfidfTransformer(norm="l2", sublinear_tf=True), times sqrt(d). scikit-learn has no BM25: it is computed here from
CountVectorizer's counts, rows normalised by scikit-learn, times sqrt(d).
"""
import json

import numpy
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.preprocessing import normalize

STOP_WORDS = ["The", "a", "OF", "don't", "für", "été", "we'll"]
K1, B = 1.2, 0.75


def corpus():
    random = numpy.random.default_rng(20162)
    common = ["the", "The", "of", "für", "FÜR", "don't", "we'll", "été", "a", "in", "on"]
    words = [a + b for a in ("ol", "Ba", "gé", "zu", "ri", "Ω") for b in ("nk", "ter", "ßo", "x1", "pel", "d", "ñ")]
    texts = []
    for _ in range(60):
        length = int(random.integers(0, 25))
        topic = random.permutation(len(words))[:8]
        texts.append(" ".join(
            str(random.choice(common)) if random.random() < 0.4 else words[topic[int(8 * random.random() ** 2)]]
            for _ in range(length)))
    return texts


def bm25(counts, n):
    df = numpy.bincount(counts.indices, minlength=counts.shape[1])
    idf = numpy.log(1 + (n - df + 0.5) / (df + 0.5))
    length = numpy.asarray(counts.sum(axis=1)).ravel()
    rows = counts.astype(float).tocsr()
    tf, document = rows.data, numpy.repeat(numpy.arange(n), numpy.diff(rows.indptr))
    norm = K1 * (1 - B + B * length[document] / length.mean())
    rows.data = idf[rows.indices] * tf * (K1 + 1) / (tf + norm)
    return normalize(rows), idf


def case(texts, weight, features, max_df, stops):
    plain = CountVectorizer(strip_accents="unicode")
    analyze = plain.build_analyzer()
    stop_words = sorted({token for word in STOP_WORDS for token in analyze(word)}) if stops else None
    options = dict(strip_accents="unicode", max_df=float(max_df), stop_words=stop_words)
    totals = numpy.sort(numpy.asarray(CountVectorizer(**options).fit_transform(texts).sum(axis=0)).ravel())[::-1]
    assert len(totals) <= features or totals[features - 1] > totals[features], "a tie at the last place"
    vectorizer = CountVectorizer(max_features=features, **options)
    counts = vectorizer.fit_transform(texts)
    if weight == "bm25":
        rows, idf = bm25(counts, len(texts))
    else:
        transformer = TfidfTransformer(norm="l2", sublinear_tf=True)
        rows = transformer.fit_transform(counts).tocsr()
        idf = transformer.idf_
    rows = (rows * numpy.sqrt(counts.shape[1])).tocsr()
    rows.sort_indices()
    return {
        "weight": weight, "features": features, "max_df": max_df, "stop_words": STOP_WORDS if stops else [],
        "terms": vectorizer.get_feature_names_out().tolist(), "idf": idf.tolist(),
        "row_starts": rows.indptr.tolist(), "indices": rows.indices.tolist(), "values": rows.data.tolist(),
    }


def main():
    texts = corpus()
    cases = [
        case(texts, weight, features, max_df, stops)
        for weight in ("tfidf", "bm25")
        for features, max_df, stops in [(1000, 1, False), (18, 1, True), (1000, 0.35, False), (20, 0.2, True)]
    ]
    versions = {m.__name__: m.__version__ for m in (numpy, sklearn)}
    print('{"versions": %s, "documents": %s, "cases": [' % (json.dumps(versions), json.dumps(texts)))
    print(",\n".join(json.dumps(c) for c in cases))
    print("]}")


main()
