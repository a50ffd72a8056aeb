"""Dense Hessians with respect to activations, in float64: OMP_NUM_THREADS=1 /usr/bin/python3 activation_traces.py > activation_traces.json

conv(2, 3, 3x3, padding 1), tanh, linear(48, 5) on a flattened (3, 4, 4), tanh, linear(5, 3); mean cross-entropy over 7 samples.
"traces" are (1/N) sum_i Tr H_i, H_i = d2 l_i / d a_i2, of the input a of each layer; "deviations" are the standard deviations of one
Rademacher probe of them, sqrt(2 sum_i ||H_i off its diagonal||^2) / N.
"""
import json

import torch
from torch.nn.functional import conv2d, cross_entropy, linear

torch.manual_seed(4)
torch.set_default_dtype(torch.float64)
weights = {"conv": torch.randn(3, 2, 3, 3) / 3, "hidden": torch.randn(5, 48) / 5, "last": torch.randn(3, 5)}
inputs, targets = torch.randn(7, 2, 4, 4), torch.randint(0, 3, (7,))

STEPS = {
    "conv": lambda a: torch.tanh(conv2d(a, weights["conv"], padding=1)).flatten(1),
    "hidden": lambda a: torch.tanh(linear(a, weights["hidden"])),
    "last": lambda a: linear(a, weights["last"]),
}


def hessians(layer):
    names = list(STEPS)
    at = inputs
    for name in names[: names.index(layer)]:
        at = STEPS[name](at)

    def loss(flat, i):
        x = flat.reshape(1, *at.shape[1:])
        for name in names[names.index(layer) :]:
            x = STEPS[name](x)
        return cross_entropy(x, targets[i : i + 1])

    return [torch.autograd.functional.hessian(lambda flat: loss(flat, i), at[i].flatten()) for i in range(7)]


dense = {name: hessians(name) for name in STEPS}
print(json.dumps({
    "torch": torch.__version__,
    "weights": {name: value.flatten().tolist() for name, value in weights.items()},
    "inputs": inputs.flatten().tolist(),
    "targets": targets.tolist(),
    "volumes": {name: list(h[0].shape)[0] for name, h in dense.items()},
    "traces": {name: torch.stack([m.trace() for m in h]).mean().item() for name, h in dense.items()},
    "deviations": {name: (2 * torch.stack([(m.pow(2).sum() - m.diagonal().pow(2).sum()) for m in h]).sum()).sqrt().item() / 7 for name, h in dense.items()},
}, indent=1))
