"""The scaling model of Sources/Measurement/ScalingModel.swift, on what `dec inspect --json` prints as "model"."""


def all_reduce(size, ranks, network):
    if ranks == 1:
        return 0
    ring = 2 * (ranks - 1) * (network["latency"] + size / ranks / network["bandwidth"])
    rounds = (ranks - 1).bit_length()
    return min(ring, rounds * (network["latency"] + size / network["bandwidth"]))


def step(model, network, phase, ranks, hides=True, batch=None, wire=1):
    """Seconds of a minibatch of `phase`; `wire`: .5 where gradients travel as bf16, which are never reproducible."""
    phase = model[phase]
    tile = model["tile"] if wire == 1 else 1
    rows = -(-(batch or model["batch_size"]) // ranks)
    compute = -(-rows // tile) * tile * phase["row"]
    here = min(ranks, model["ranks_per_host"])
    messages = sum(all_reduce(wire * size, hosts(model, ranks), network) for size in phase["messages"])
    sums = sum(phase["messages"]) * (here - 1) / here * model["sum"]
    hidden = phase["hiding"] * compute if hides and hosts(model, ranks) > 1 else 0
    return phase["fixed"] / here + compute + max(0, sums + messages - hidden)


def refresh(model, network, documents, ranks):
    return documents / ranks * model["document"] + all_reduce(16 * model["clusters"], hosts(model, ranks), network)


def hosts(model, ranks):
    return -(-ranks // model["ranks_per_host"])
