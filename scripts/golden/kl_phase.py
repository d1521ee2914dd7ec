"""Golden values of the KL phase (Section 3.1, Eq. 1 to 5): 100 iterations, 2 refreshes.

    python3 scripts/golden/kl_phase.py     writes Tests/DeepClusteringTests/Golden/kl_phase.safetensors

    x [300, 20]                            the corpus, dense; some rows are empty
    encoder.I.weight, .bias, centroids     at the start
    expected.q, .f, .p                     of the refresh at iteration 0
    expected.loss [100]                    mean over the minibatch of KL(P || Q), before the update
    expected.encoder.I.*, .centroids       after 100 iterations
    expected.final_q                       q of all documents after 100 iterations
    expected_sqrt.*                        the same with f_j to the power 1/2 in Eq. 3

Where the paper is silent, the authors' code decides: gradients are means over the minibatch, momentum
starts from zero at each refresh, biases learn at twice the rate, centroids at the rate itself.
"""

import numpy as np

from reference import *

SAMPLES, SIZES, CLUSTERS = 300, [20, 16, 12, 8, 3], 4
BATCH, ITERATIONS, INTERVAL = 32, 100, 50
# The paper's rates. On this small network they move the weights by their own size in 100 iterations;
# ten times faster the trajectory is so ill-conditioned that float32's rounding comes near 1e-4.
RATE, MOMENTUM, BIAS_RATE, ALPHA = 0.01, 0.9, 2.0, 1.0


def soft_assignment(z, mu):
    """Eq. 1.  q_ij ~ (1 + |z_i - mu_j|^2 / alpha)^(-(alpha + 1) / 2)."""
    squared = ((z[:, None, :] - mu[None, :, :]) ** 2).sum(axis=2)
    q = (1 + squared / ALPHA) ** (-(ALPHA + 1) / 2)
    return q / q.sum(axis=1, keepdims=True)


def target_distribution(q, f, exponent):
    """Eq. 3.  p_ij ~ q_ij^2 / f_j; the paper's exponent of f is 1."""
    p = q**2 / f**exponent
    return p / p.sum(axis=1, keepdims=True)


def kl_gradients(z, mu, p, q):
    """Eq. 4 and 5, of the mean over the rows."""
    apart = z[:, None, :] - mu[None, :, :]
    squared = (apart**2).sum(axis=2)
    m = (ALPHA + 1) / ALPHA / (1 + squared / ALPHA) * (p - q)
    pull = m[:, :, None] * apart / len(z)
    return pull.sum(axis=1), -pull.sum(axis=0)


def mean_kl(p, q):
    """Eq. 2, divided by the number of rows."""
    return (p * np.log(p / q)).sum() / len(p)


def kl_phase(
    x, encoder, mu, exponent=1.0, bias_rate=BIAS_RATE, forget=True, interval=INTERVAL, factor=1.0
):
    """Trains `encoder` and `mu` in place; all arguments after `exponent` make mistakes."""
    first, losses = {}, []
    sgd = SGD(parameters(encoder) + [mu], rates_of(encoder, bias_rate) + [1.0])
    for iteration in range(ITERATIONS):
        if iteration % interval == 0:
            q = soft_assignment(forward(encoder, x)[-1], mu)
            f = q.sum(axis=0)
            p_all = target_distribution(q, f, exponent)
            if forget:
                sgd.zero()
            if iteration == 0:
                first = {"q": q, "f": f, "p": p_all}
        documents = lane_minibatch(iteration, len(x), BATCH)
        outputs = forward(encoder, x[documents])
        p, q = p_all[documents], soft_assignment(outputs[-1], mu)
        losses.append(mean_kl(p, q))
        dz, dmu = kl_gradients(outputs[-1], mu, p, q)
        gradients = backward(encoder, outputs, factor * dz) + [factor * dmu]
        sgd.step(gradients, RATE, MOMENTUM)
    return {**first, "loss": np.array(losses)}


def start():
    """The corpus, the encoder and the centroids at the start."""
    random = np.random.default_rng(1234)
    x = sparse_corpus(random, SAMPLES, SIZES[0], density=0.3, groups=CLUSTERS)
    activations = [RELU] * (len(SIZES) - 2) + [LINEAR]
    encoder = draw_layers(random, SIZES, activations, gain=1.4)
    # The code's scale is brought to the Student kernel's, so that q is neither flat nor one-hot.
    z = forward(encoder, x)[-1]
    encoder[-1]["weight"] = float32(encoder[-1]["weight"] * 1.2 / z.std())
    # A few of Lloyd's iterations from four documents; any centroids would do.
    z = forward(encoder, x)[-1]
    mu = z[random.choice(SAMPLES, CLUSTERS, replace=False)]
    for _ in range(5):
        nearest = ((z[:, None] - mu[None]) ** 2).sum(axis=2).argmin(axis=1)
        mu = np.array([z[nearest == j].mean(axis=0) for j in range(CLUSTERS)])
    return x, encoder, float32(mu)


def prove_gradients(x, encoder, mu):
    """Eq. 4 and 5 and backpropagation are the slopes of Eq. 2, p held fixed."""
    random = np.random.default_rng(5)
    encoder, mu, x = copy_layers(encoder), mu.copy(), x[:BATCH]
    outputs = forward(encoder, x)
    q = soft_assignment(outputs[-1], mu)
    p = target_distribution(q, q.sum(axis=0), 1.0)
    dz, dmu = kl_gradients(outputs[-1], mu, p, q)
    z = outputs[-1].copy()
    check_gradients(
        lambda: mean_kl(p, soft_assignment(z, mu)), [z, mu], [dz, dmu], random, "Eq. 4 and 5")
    check_gradients(
        lambda: mean_kl(p, soft_assignment(forward(encoder, x)[-1], mu)),
        parameters(encoder) + [mu], backward(encoder, outputs, dz) + [dmu], random, "encoder")


def prove_sensitivity(x, encoder, mu, right):
    """The weights after 100 iterations tell each likely mistake from the method by over 1e-3."""
    mistakes = {
        "nothing trained": None,
        "gradients 1 % too large": {"factor": 1.01},
        "biases at the rate of weights": {"bias_rate": 1.0},
        "momentum kept at the refresh": {"forget": False},
        "no refresh at 50": {"interval": 100, "forget": True},
        "square root of f": {"exponent": 0.5},
    }
    for name, change in mistakes.items():
        layers, centroids = copy_layers(encoder), mu.copy()
        if change is not None:
            kl_phase(x, layers, centroids, **change)
        error = difference(right, parameters(layers) + [centroids])
        assert error > 1e-3, f"{name} changes the weights by {error:.1e} only"
        print(f"{name}: the weights differ by {error:.1e}")


def prove_precision(x, encoder, mu, right):
    """The same in float32 agrees to far better than the test's 1e-4."""
    layers, centroids = copy_layers(encoder, np.float32), mu.astype(np.float32)
    kl_phase(x.astype(np.float32), layers, centroids)
    assert centroids.dtype == np.float32
    error = difference(right, parameters(layers) + [centroids])
    assert error < 1e-5, f"ill-conditioned: float32's rounding grows to {error:.1e}"
    print(f"float32 in place of float64: the weights differ by {error:.1e}")


def main():
    x, encoder, mu = start()
    prove_gradients(x, encoder, mu)

    tensors = {"x": x}
    for i, layer in enumerate(encoder):
        tensors[f"encoder.{i}.weight"], tensors[f"encoder.{i}.bias"] = layer["weight"], layer["bias"]
    tensors["centroids"] = mu

    for prefix, exponent in (("expected", 1.0), ("expected_sqrt", 0.5)):
        layers, centroids = copy_layers(encoder), mu.copy()
        result = kl_phase(x, layers, centroids, exponent=exponent)
        result["final_q"] = soft_assignment(forward(layers, x)[-1], centroids)
        for name, tensor in result.items():
            tensors[f"{prefix}.{name}"] = tensor
        for i, layer in enumerate(layers):
            tensors[f"{prefix}.encoder.{i}.weight"] = layer["weight"]
            tensors[f"{prefix}.encoder.{i}.bias"] = layer["bias"]
        tensors[f"{prefix}.centroids"] = centroids
        moved = (result["q"].argmax(axis=1) != result["final_q"].argmax(axis=1)).sum()
        print(f"{prefix}: loss {result['loss'][0]:.4f} to {result['loss'][-1]:.4f}, "
              f"{moved} documents changed cluster, f {np.round(result['f'], 1)}")
        if exponent == 1.0:
            right = parameters(layers) + [centroids]
            prove_precision(x, encoder, mu, right)
            prove_sensitivity(x, encoder, mu, right)

    metadata = {
        "written_by": "scripts/golden/kl_phase.py", "numpy": np.__version__,
        "samples": SAMPLES, "batch_size": BATCH, "iterations": ITERATIONS,
        "update_interval": INTERVAL, "learning_rate": RATE, "momentum": MOMENTUM,
        "bias_rate": BIAS_RATE, "alpha": ALPHA, "lanes": "sequential, from iteration 0",
        "frequency_exponent": "1 (expected), 0.5 (expected_sqrt)", "computed_in": "float64",
    }
    path = golden_path("kl_phase.safetensors")
    write_safetensors(path, tensors, metadata)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
