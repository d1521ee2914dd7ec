"""Writes Sources/Datasets/TextFeatures/Decompositions.swift from Python's unicodedata.

    python3 scripts/golden/unicode_table.py > Sources/Datasets/TextFeatures/Decompositions.swift

What scikit-learn's strip_accents="unicode" leaves of each lower-case character: its compatibility decomposition
(NFKD) without combining marks. Runs of neighbours with neighbouring images are one entry, "first+more=image".
Hangul syllables are left out: they are arithmetic.
"""
import sys
import unicodedata


def image(c):
    return "".join(x for x in unicodedata.normalize("NFKD", chr(c)) if not unicodedata.combining(x))


entries = []  # first, more, image
for c in range(0x80, sys.maxunicode + 1):
    text = chr(c)
    if 0xAC00 <= c < 0xD7A4 or 0xD800 <= c < 0xE000 or text.lower() != text or unicodedata.combining(text):
        continue
    found = image(c)
    if found == text:
        continue
    if entries and len(found) == 1 == len(entries[-1][2]):
        first, more, start = entries[-1]
        if c == first + more + 1 and ord(found) == ord(start) + more + 1:
            entries[-1] = (first, more + 1, start)
            continue
    entries.append((c, 0, found))

words = ["%x%s=%s" % (first, "+%x" % more if more else "", ".".join("%x" % ord(x) for x in found))
         for first, more, found in entries]
print("// Written by scripts/golden/unicode_table.py from Unicode %s; not to be edited." % unicodedata.unidata_version)
print()
print("/// Compatibility decompositions without combining marks: \"first+more=image.image\" in hexadecimal.")
print('let decompositions: StaticString = """')
line = " "
for word in words:
    if len(line) + 1 + len(word) > 97:
        print(line + " \\")
        line = " "
    line += " " + word
print(line)
print('  """')
