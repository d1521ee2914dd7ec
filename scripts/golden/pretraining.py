"""Golden values of the pretraining (Section 3.2, Eq. 6 to 9), without dropout: a 20-16-8 stack.

    python3 scripts/golden/pretraining.py  writes Tests/DeepClusteringTests/Golden/pretraining.safetensors

    x [300, 20]                            the corpus, dense; some rows are empty
    encoder.I.*, decoder.I.*               at the start; decoder.0 is the first applied to the code
    expected.stage1.loss [60]              stage 1: encoder.0 (ReLU) and decoder.1 (linear) on x
    expected.stage2.loss [60]              stage 2: encoder.1 (linear, the code) and decoder.0 (ReLU) on
                                           the first layer's output, no longer trained
    expected.layerwise.encoder.I.*, ...    after both stages
    expected.finetune.loss [60]            all four layers on x
    expected.encoder.I.*, .decoder.I.*     after finetuning
    expected_short.*                       the same with the momentum's ramp over 20 iterations in place
                                           of 1,000 and the rate a tenth after each 25 in place of 20,000,
                                           so that both show in 60 iterations

The loss is half the mean over the minibatch and the features of (x - y)^2, taken before the update. A
stage starts its lanes, its schedule and its momentum anew: at iteration t of a stage the rate is
0.1 / 10^floor(t / 20000) and the momentum 0.9 min(1, t / 1000). Biases learn at twice the rate.
"""

import numpy as np

from reference import *

SAMPLES, INPUTS, HIDDEN, CODE = 300, 20, 16, 8
BATCH, ITERATIONS = 32, 60
RATE, MOMENTUM, BIAS_RATE = 0.1, 0.9, 2.0
PAPER = {"ramp": 1000, "decay": 20_000}
SHORT = {"ramp": 20, "decay": 25}


def reconstruction_loss(x, y):
    return 0.5 * ((x - y) ** 2).mean()


def reconstruction_gradient(x, y):
    return (y - x) / x.size


def train(layers, inputs, ramp, decay, bias_rate=BIAS_RATE, factor=1.0, offset=0):
    """One stage on `layers`, in place: its losses. The last three arguments make mistakes."""
    sgd, losses = SGD(parameters(layers), rates_of(layers, bias_rate)), []
    for iteration in range(ITERATIONS):
        x = inputs[lane_minibatch(iteration + offset, len(inputs), BATCH)]
        outputs = forward(layers, x)
        losses.append(reconstruction_loss(x, outputs[-1]))
        gradients = backward(layers, outputs, factor * reconstruction_gradient(x, outputs[-1]))
        rate = RATE / 10 ** (iteration // decay)
        sgd.step(gradients, rate, MOMENTUM * min(1, iteration / ramp))
    return np.array(losses)


def pretrain(x, encoder, decoder, **settings):
    """The two stages and the finetuning; returns losses and the layers after the two stages."""
    losses = {"stage1": train([encoder[0], decoder[1]], x, **settings)}
    hidden = forward(encoder[:1], x)[-1]
    losses["stage2"] = train([encoder[1], decoder[0]], hidden, **settings)
    layerwise = copy_layers(encoder), copy_layers(decoder)
    losses["finetune"] = train(encoder + decoder, x, **settings)
    return losses, layerwise


def start():
    random = np.random.default_rng(4321)
    x = sparse_corpus(random, SAMPLES, INPUTS, density=0.3, groups=4)
    encoder = draw_layers(random, [INPUTS, HIDDEN, CODE], [RELU, LINEAR])
    decoder = draw_layers(random, [CODE, HIDDEN, INPUTS], [RELU, LINEAR])
    return x, encoder, decoder


def prove_gradients(x, encoder, decoder):
    """Backpropagation is the slope of the loss, in each stage and in finetuning."""
    random, x = np.random.default_rng(5), x[:BATCH]
    hidden = forward(encoder[:1], x)[-1]
    for name, inputs, layers in (
        ("stage 1", x, [encoder[0], decoder[1]]),
        ("stage 2", hidden, [encoder[1], decoder[0]]),
        ("finetuning", x, encoder + decoder),
    ):
        layers = copy_layers(layers)
        outputs = forward(layers, inputs)
        gradients = backward(layers, outputs, reconstruction_gradient(inputs, outputs[-1]))
        check_gradients(
            lambda: reconstruction_loss(inputs, forward(layers, inputs)[-1]),
            parameters(layers), gradients, random, name)


def prove_tolerance(x, encoder, decoder, right, schedule):
    """Mistakes change the weights by over 3e-4, float32's rounding by under 1e-5; the test is at 1e-4."""
    def changed_by(type=np.float64, **change):
        layers = copy_layers(encoder, type), copy_layers(decoder, type)
        pretrain(x.astype(type), *layers, **{**schedule, **change})
        return difference(right, parameters(layers[0] + layers[1]))

    error = changed_by(np.float32)
    assert error < 1e-5, f"ill-conditioned: float32's rounding grows to {error:.1e}"
    print(f"  float32 in place of float64: the weights differ by {error:.1e}")
    mistakes = {
        "gradients 1 % too large": {"factor": 1.01},
        "biases at the rate of weights": {"bias_rate": 1.0},
        "lanes one iteration on": {"offset": 1},
        "full momentum from the start": {"ramp": 1e-9},
        "no momentum": {"ramp": 1e9},
        "ramp one tenth longer": {"ramp": schedule["ramp"] * 1.1},
    }
    if schedule is SHORT:
        mistakes["no decay of the rate"] = {"decay": 1000}
        mistakes["the rate decays one iteration late"] = {"decay": 26}
    for name, change in mistakes.items():
        error = changed_by(**change)
        assert error > 3e-4, f"{name} changes the weights by {error:.1e} only"
        print(f"  {name}: the weights differ by {error:.1e}")


def name_layers(prefix, encoder, decoder):
    return {
        f"{prefix}{half}.{i}.{name}": layer[name]
        for half, layers in (("encoder", encoder), ("decoder", decoder))
        for i, layer in enumerate(layers)
        for name in ("weight", "bias")
    }


def main():
    x, encoder, decoder = start()
    prove_gradients(x, encoder, decoder)
    tensors = {"x": x, **name_layers("", encoder, decoder)}
    for prefix, schedule in (("expected", PAPER), ("expected_short", SHORT)):
        layers = copy_layers(encoder), copy_layers(decoder)
        losses, layerwise = pretrain(x, *layers, **schedule)
        print(prefix + ": losses " + ", ".join(
            f"{stage} {loss[0]:.4f} to {loss[-1]:.4f}" for stage, loss in losses.items()))
        tensors.update({f"{prefix}.{stage}.loss": loss for stage, loss in losses.items()})
        tensors.update(name_layers(f"{prefix}.layerwise.", *layerwise))
        tensors.update(name_layers(f"{prefix}.", *layers))
        prove_tolerance(x, encoder, decoder, parameters(layers[0] + layers[1]), schedule)

    metadata = {
        "written_by": "scripts/golden/pretraining.py", "numpy": np.__version__,
        "samples": SAMPLES, "batch_size": BATCH, "iterations": ITERATIONS,
        "learning_rate": RATE, "momentum": MOMENTUM, "bias_rate": BIAS_RATE,
        "expected": "ramp 1000, a tenth each 20000", "expected_short": "ramp 20, a tenth each 25",
        "lanes": "sequential, from iteration 0 of each stage", "computed_in": "float64",
    }
    path = golden_path("pretraining.safetensors")
    write_safetensors(path, tensors, metadata)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
