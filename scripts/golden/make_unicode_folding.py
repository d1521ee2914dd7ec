#!/usr/bin/env python3
"""Writes Sources/Datasets/TextFeatures/UnicodeFolding+Table.swift.

    python3 scripts/golden/make_unicode_folding.py > \\
      Sources/Datasets/TextFeatures/UnicodeFolding+Table.swift

Per character: what scikit-learn's CountVectorizer(strip_accents="unicode") makes of it, which is
str.lower(), then NFKD, then no combining characters. Characters that stay as they are have no entry,
nor have Hangul syllables, which are decomposed by arithmetic.
"""
import unicodedata

RUNS_PER_LINE_WIDTH = 96


def fold(c):
    text = unicodedata.normalize("NFKD", chr(c).lower())
    return [ord(x) for x in text if not unicodedata.combining(x)]


def main():
    changed = {}
    for c in range(0x80, 0x110000):
        if 0xD800 <= c < 0xE000 or 0xAC00 <= c < 0xD7A4:
            continue
        f = fold(c)
        if f != [c]:
            changed[c] = f
    # Runs: "start,count>target" maps start+i to target+i*step ("~": all removed).
    out, keys, i = [], sorted(changed), 0
    while i < len(keys):
        c, f = keys[i], changed[keys[i]]
        n = 1
        if not f:
            while changed.get(c + n) == []:
                n += 1
            out.append(f"{c:x},{n}~" if n > 1 else f"{c:x}~")
        elif len(f) == 1:
            while changed.get(c + n) == [f[0] + n]:
                n += 1
            out.append(f"{c:x},{n}>{f[0]:x}" if n > 1 else f"{c:x}>{f[0]:x}")
        else:
            out.append(f"{c:x}>" + "+".join(f"{x:x}" for x in f))
        i += n
    print("// Written by scripts/golden/make_unicode_folding.py from Unicode "
          f"{unicodedata.unidata_version}; do not edit.\n")
    print("extension UnicodeFolding {")
    print("  /// Entries `start,count>target` (hexadecimal start and targets, decimal count), `~` for")
    print("  /// characters that disappear.")
    print('  static let table: StaticString = """')
    line = "   "
    for e in out:
        if len(line) + 1 + len(e) > RUNS_PER_LINE_WIDTH:
            print(line + " \\")
            line = "   "
        line += " " + e
    print(line)
    print('    """')
    print("}")


if __name__ == "__main__":
    main()
