"""Models on their way from numpy to dec and back."""

import numpy as np

import dec

from .support import ProgramTestCase, blobs, needs


def autoencoder(d=12, widths=(16, 4), seed=0):
    """Weights as PyTorch draws them, with the numbers that nn.Sequential gives: 0, 2, ..."""
    random = np.random.default_rng(seed)
    sizes = [d, *widths]
    tensors = {}
    for name, steps in (("encoder", sizes), ("decoder", sizes[::-1])):
        for l, (inside, outside) in enumerate(zip(steps, steps[1:])):
            weight = random.normal(size=(outside, inside)) / np.sqrt(inside)
            tensors[f"{name}.{2 * l}.weight"] = weight.astype(np.float32)
            tensors[f"{name}.{2 * l}.bias"] = np.zeros(outside, np.float32)
    return tensors


class SafetensorsTests(ProgramTestCase):
    def test_what_is_written_is_read(self):
        tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.float32([7])}
        dec.write_safetensors(self.path("x.safetensors"), tensors, {"code": "raw"})
        read, metadata = dec.read_safetensors(self.path("x.safetensors"))
        self.assertEqual(metadata, {"code": "raw"})
        self.assertEqual(sorted(read), ["a", "b"])
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(read[name], tensor)

    def test_a_model_from_elsewhere_starts_a_clustering(self):
        X = blobs()
        dec.write_safetensors(self.path("ae.safetensors"), autoencoder())
        model = dec.DEC(3, model=self.path("ae.safetensors"), max_iterations=20, threads=1)
        model.fit(X)
        np.testing.assert_allclose(model.transform(X), model.embedding_, atol=1e-4)
        self.assertEqual(model.record_["command"], "cluster")

    def test_a_model_of_another_width_is_refused(self):
        dec.write_safetensors(self.path("ae.safetensors"), autoencoder(d=11))
        with self.assertRaises(ValueError):
            dec.DEC(3, model=self.path("ae.safetensors")).fit(blobs())

    @needs("safetensors")
    def test_the_package_safetensors_reads_the_same(self):
        from safetensors.numpy import load_file

        dec.write_safetensors(self.path("ae.safetensors"), autoencoder())
        for name, tensor in load_file(self.path("ae.safetensors")).items():
            np.testing.assert_array_equal(tensor, autoencoder()[name])
