"""Dense block Hessians and Fisher traces of a tiny network in float64: /usr/bin/python3 tiny_network.py > tiny_network.json

linear(3, 4), tanh, linear(4, 2), mean cross-entropy over 11 samples. "fisher" is the trace of the empirical Fisher of each
weight: the mean over the samples of the squared 2-norm of the gradient of one sample's loss.
"""
import json

import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
state = {"a.weight": torch.randn(4, 3), "a.bias": torch.randn(4), "b.weight": torch.randn(2, 4), "b.bias": torch.randn(2)}
inputs, targets = torch.randn(11, 3), torch.randint(0, 2, (11,))


def loss(a, b, x=inputs, y=targets):
    return cross_entropy(torch.tanh(x @ a.T + state["a.bias"]) @ b.T + state["b.bias"], y)


def hessian(which):
    w = [state["a.weight"], state["b.weight"]]

    def of(flat):
        return loss(*[flat.reshape(v.shape) if k == which else v for k, v in enumerate(w)])

    return torch.autograd.functional.hessian(of, w[which].flatten())


def fisher(which):
    w = [state["a.weight"].clone().requires_grad_(), state["b.weight"].clone().requires_grad_()]
    squares = [torch.autograd.grad(loss(*w, inputs[i : i + 1], targets[i : i + 1]), w[which])[0].pow(2).sum() for i in range(len(targets))]
    return torch.stack(squares).tolist()


print(json.dumps({
    "torch": torch.__version__,
    "state": {name: value.flatten().tolist() for name, value in state.items()},
    "inputs": inputs.flatten().tolist(),
    "targets": targets.tolist(),
    "loss": loss(state["a.weight"], state["b.weight"]).item(),
    "eigenvalues": {name: torch.linalg.eigvalsh(hessian(k)).tolist() for k, name in enumerate("ab")},
    "fisher": {name: fisher(k) for k, name in enumerate("ab")},
}, indent=1))
