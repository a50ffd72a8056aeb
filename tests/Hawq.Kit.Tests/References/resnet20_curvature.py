"""Top Hessian eigenvalue and trace of each block and layer of the committed ResNet20, by PyTorch and SciPy.

An independent witness for HessianAnalysis: the network is written anew, products come from torch.autograd, eigenvalues from
scipy.sparse.linalg.eigsh (ARPACK), traces from Hutchinson probes. Run with Debian's python3-torch and python3-scipy:
    python3 tests/Hawq.Kit.Tests/References/resnet20_curvature.py
Products are float32 (PyTorch 1.13 has no fast float64 convolution); the small networks of tiny_network.py are float64.
It writes resnet20-curvature.json beside itself, some minutes on one core.
"""
import hashlib, json, pathlib
import numpy as np, scipy, torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch import nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
MODEL = HERE.parents[2] / "models" / "resnet20-cifar10.safetensors"
PICTURES, PROBES, TOLERANCE = 32, 60, 1e-3


class Unit(nn.Module):
    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False), nn.BatchNorm2d(n_out)
        self.conv2, self.bn2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False), nn.BatchNorm2d(n_out)
        self.pad = (n_out - n_in) // 2
        self.stride = stride

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        short = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(y + short)


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        stage = lambda i, o, s: nn.Sequential(Unit(i, o, s), Unit(o, o, 1), Unit(o, o, 1))
        self.layer1, self.layer2, self.layer3 = stage(16, 16, 1), stage(16, 32, 2), stage(32, 64, 2)
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.linear(x.mean((2, 3)))


def safetensors(path):
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header, kinds = json.loads(raw[8 : 8 + size]), {"F32": np.float32, "I64": np.int64}
    return {
        name: torch.from_numpy(np.frombuffer(raw[8 + size :][slice(*entry["data_offsets"])], kinds[entry["dtype"]]).reshape(entry["shape"]).copy())
        for name, entry in header.items() if name != "__metadata__"
    }


def pictures():
    raw = np.frombuffer((HERE.parent / "Fixtures" / "cifar10-train-256.bin").read_bytes(), np.uint8).reshape(-1, 3073)[:PICTURES]
    x = torch.from_numpy(raw[:, 1:].reshape(-1, 3, 32, 32).astype(np.float64) / 255)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return ((x - mean.view(3, 1, 1)) / deviation.view(3, 1, 1)).float(), torch.from_numpy(raw[:, 0].astype(np.int64))


def curvature(gradients, weights, with_trace, generator):
    sizes = [w.numel() for w in weights]

    def product(v):
        parts = torch.as_tensor(np.ascontiguousarray(v)).float().reshape(-1).split(sizes)
        directions = [part.view_as(w) for part, w in zip(parts, weights)]
        result = torch.autograd.grad(gradients, weights, directions, retain_graph=True)
        return torch.cat([r.reshape(-1) for r in result]).double().numpy()

    n = sum(sizes)
    start = torch.randn(n, dtype=torch.float64, generator=generator).numpy()
    operator = LinearOperator((n, n), matvec=product, dtype=np.float64)
    top = eigsh(operator, k=1, which="LM", tol=TOLERANCE, v0=start, return_eigenvectors=False)[0]
    result = {"lambda": float(top)}
    if with_trace:
        probes = [torch.randint(0, 2, (n,), generator=generator).double().mul(2).sub(1).numpy() for _ in range(PROBES)]
        values = np.array([p @ product(p) for p in probes])
        result |= {"trace": float(values.mean()), "traceStandardError": float(values.std(ddof=1) / np.sqrt(PROBES))}
    return result


def main():
    network = ResNet20()
    network.load_state_dict(safetensors(MODEL))
    network.eval()
    x, y = pictures()
    layers = {name: module.weight for name, module in network.named_modules() if isinstance(module, (nn.Conv2d, nn.Linear))}
    blocks = {}
    for name, weight in layers.items():
        blocks.setdefault(".".join(name.split(".")[:2]) if name.startswith("layer") else name, []).append(weight)
    loss = F.cross_entropy(network(x), y)
    gradient = dict(zip(layers, torch.autograd.grad(loss, list(layers.values()), create_graph=True)))
    of = {id(layers[name]): gradient[name] for name in layers}
    generator = torch.Generator().manual_seed(1)
    measure = lambda weights, trace: curvature([of[id(w)] for w in weights], weights, trace, generator)
    result = {
        "made by": "resnet20_curvature.py", "torch": torch.__version__, "scipy": scipy.__version__,
        "model sha256": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        "pictures": PICTURES, "probes": PROBES, "loss": loss.item(),
        "blocks": {name: measure(weights, True) for name, weights in blocks.items()},
        "layers": {name: measure([weight], False) for name, weight in layers.items()},
    }
    (HERE / "resnet20-curvature.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
