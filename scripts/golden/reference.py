"""The method in numpy, as plainly as it can be written: what kl_phase.py and pretraining.py share.

Written from the paper and the authors' published code, not from the Swift. Everything is computed in
float64 from inputs rounded to float32, so that a result is exact as far as a float32 program can tell:
where the two differ, by more than float32's rounding, the float32 program is wrong.

Weights are [out, in], as in model.safetensors.
"""

import json
import os
import struct

import numpy as np

RELU, LINEAR = "relu", "linear"


# Files


def write_safetensors(path, tensors, metadata):
    """u64 header length, JSON header padded with spaces to 8 bytes, little-endian float32 data."""
    header, data, offset = {"__metadata__": {k: str(v) for k, v in metadata.items()}}, [], 0
    for name, tensor in tensors.items():
        data.append(np.ascontiguousarray(tensor, dtype="<f4").tobytes())
        end = offset + len(data[-1])
        shape = list(np.shape(tensor))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def golden_path(name):
    """Tests/DeepClusteringTests/Golden/NAME, from any directory."""
    here = os.path.dirname(os.path.abspath(__file__))
    folder = os.path.join(here, "../../Tests/DeepClusteringTests/Golden")
    os.makedirs(folder, exist_ok=True)
    return os.path.normpath(os.path.join(folder, name))


# Data


def float32(x):
    """Rounded to float32, in float64: what a float32 program reads from the file."""
    return np.asarray(x, np.float32).astype(np.float64)


def sparse_corpus(random, samples, features, density, groups):
    """Nonnegative rows around `groups` prototypes, the mean of (1/d)|x|^2 = 1, a few rows empty."""
    kind = random.integers(groups, size=samples)
    prototypes = random.gamma(0.7, size=(groups, features))
    x = prototypes[kind] * random.gamma(4.0, 0.25, size=(samples, features))
    x *= random.random((samples, features)) < density
    x[random.choice(samples, 7, replace=False)] = 0
    return float32(x / np.sqrt((x**2).mean()))


def lane_minibatch(iteration, samples, batch):
    """Documents of minibatch `iteration`: lane v is floor(v n / B) ..< floor((v+1) n / B), in turn."""
    documents = []
    for v in range(batch):
        first, end = v * samples // batch, (v + 1) * samples // batch
        if end > first:
            documents.append(first + iteration % (end - first))
    return np.array(documents)


# Network: a list of layers {"weight" [out, in], "bias" [out], "activation"}


def draw_layers(random, sizes, activations, gain=1.0):
    """Glorot's uniform, times gain; small biases, so that an error in their gradients shows."""
    layers = []
    for inputs, outputs, activation in zip(sizes, sizes[1:], activations):
        limit = gain * np.sqrt(6 / (inputs + outputs))
        weight = float32(random.uniform(-limit, limit, (outputs, inputs)))
        bias = float32(random.uniform(-0.1, 0.2, outputs))
        layers.append({"weight": weight, "bias": bias, "activation": activation})
    return layers


def copy_layers(layers, type=np.float64):
    return [
        {**layer, "weight": layer["weight"].astype(type), "bias": layer["bias"].astype(type)}
        for layer in layers
    ]


def forward(layers, x):
    """Every layer's output, x first."""
    outputs = [x]
    for layer in layers:
        a = outputs[-1] @ layer["weight"].T + layer["bias"]
        outputs.append(np.maximum(a, 0) if layer["activation"] == RELU else a)
    return outputs


def backward(layers, outputs, dy):
    """[dW0, db0, dW1, db1, ...] from the loss's gradient with respect to the last output."""
    gradients = []
    for layer, x, y in reversed(list(zip(layers, outputs, outputs[1:]))):
        if layer["activation"] == RELU:
            dy = dy * (y > 0)
        gradients[:0] = [dy.T @ x, dy.sum(axis=0)]
        dy = dy @ layer["weight"]
    return gradients


def parameters(layers):
    """[W0, b0, W1, b1, ...]: the arrays themselves, so that changing them trains the network."""
    return [layer[name] for layer in layers for name in ("weight", "bias")]


def rates_of(layers, bias_rate):
    """The learning rates' multipliers of `parameters(layers)`."""
    return [rate for _ in layers for rate in (1.0, bias_rate)]


# Optimiser


class SGD:
    """Caffe's: v = m v + rate g, w -= v."""

    def __init__(self, parameters, multipliers):
        self.parameters, self.multipliers = parameters, multipliers
        self.zero()

    def zero(self):
        self.velocities = [np.zeros_like(w) for w in self.parameters]

    def step(self, gradients, rate, momentum):
        for w, v, g, multiplier in zip(self.parameters, self.velocities, gradients, self.multipliers):
            v *= momentum
            v += rate * multiplier * g
            w -= v


# Proofs


def check_gradients(loss, parameters, gradients, random, what):
    """Central differences of `loss` against `gradients`, at up to 25 elements of each array."""
    worst, step = 0.0, 1e-6
    for w, g in zip(parameters, gradients):
        assert w.shape == g.shape
        scale = np.sqrt((g**2).mean())
        assert scale > 1e-6, "a gradient that vanishes proves nothing"
        for i in random.choice(w.size, min(25, w.size), replace=False):
            value = w.flat[i]
            w.flat[i] = value + step
            above = loss()
            w.flat[i] = value - step
            below = loss()
            w.flat[i] = value
            worst = max(worst, abs((above - below) / (2 * step) - g.flat[i]) / scale)
    assert worst < 1e-6, f"{what}: off by {worst:.1e} of the gradient's size"
    print(f"{what}: central differences agree to {worst:.1e} of each gradient's size")


def difference(a, b):
    """The largest of max|a - b| / rms(a) over the arrays: what the Swift test calls relative."""
    return max(np.abs(x - y).max() / np.sqrt((x**2).mean()) for x, y in zip(a, b))
