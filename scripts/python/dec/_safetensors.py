"""Reads and writes .safetensors files of float32 tensors, which hold dec's models.

The package `safetensors` does the same; these functions need numpy only.
"""

import json
import struct

import numpy as np


def read_safetensors(source):
    """Reads a file.

    source: a path, or the file's content as bytes.
    Returns the tensors by name, and the metadata, a dict of strings.
    """
    if isinstance(source, bytes):
        content = source
    else:
        with open(source, "rb") as file:
            content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise ValueError(f"{name} is {entry['dtype']}, not F32")
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        values = np.frombuffer(content[start:end], "<f4")
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(path, tensors, metadata=None):
    """Writes tensors, given by name, as float32; the values of `metadata` are strings."""
    header, blocks, end = {}, [], 0
    if metadata:
        header["__metadata__"] = dict(metadata)
    for name, tensor in tensors.items():
        values = np.ascontiguousarray(tensor, "<f4")
        header[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [end, end + values.nbytes],
        }
        blocks.append(values.tobytes())
        end += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # The tensors begin at a multiple of 8 bytes.
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(blocks)
