"""PyHessian's algorithm on PyTorch: power iteration on one block of ResNet20, every product over the whole network.

Prints as JSON the seconds of a product (median), the products, the eigenvalue and its residual.
"""
import argparse
import json
import os
import struct
import time

import numpy
import torch
from torch.nn import functional

from training import network

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def checkpoint(path):
    """Tensors of a safetensors file, in the file's order of names."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    types = {"F32": numpy.float32, "I64": numpy.int64}
    return {
        name: torch.from_numpy(numpy.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"]).copy())
        for name, entry in header.items()
    }


def loaded(path):
    """The network of training.py with the weights of the kit's checkpoint."""
    model, tensors = network(), checkpoint(path)
    names = {"0": "conv1", "1": "bn1", "14": "linear"}
    names.update({str(3 + k): f"layer{k // 3 + 1}.{k % 3}" for k in range(9)})
    state = {}
    for name, value in model.state_dict().items():
        first, rest = name.split(".", 1)
        state[name] = tensors.get(f"{names[first]}.{rest}", value)
    model.load_state_dict(state)
    return model.eval()


def pictures(folder, count, size):
    """The first training pictures, normalised, in batches."""
    records = numpy.fromfile(os.path.join(folder, "data_batch_1.bin"), numpy.uint8, count * 3073).reshape(count, 3073)
    x = torch.from_numpy(records[:, 1:].reshape(count, 3, 32, 32).copy()).float() / 255
    x = (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(DEVIATION).view(1, 3, 1, 1)
    y = torch.from_numpy(records[:, 0].copy()).long()
    return list(zip(x.split(size), y.split(size)))


def product(model, parameters, batches, v):
    """H·v as PyHessian's dataloader_hv_product: the graph is made anew for each batch."""
    total, samples = [torch.zeros_like(p) for p in parameters], 0
    for x, y in batches:
        loss = functional.cross_entropy(model(x), y)
        gradients = torch.autograd.grad(loss, parameters, create_graph=True)
        part = torch.autograd.grad(gradients, parameters, grad_outputs=v, only_inputs=True, retain_graph=False)
        total = [a + b * float(len(x)) for a, b in zip(total, part)]
        samples += len(x)
    return [a / samples for a in total]


def norm(v):
    return sum((a * a).sum() for a in v).sqrt()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--pictures", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--block", required=True, help="number of the first module of the block in the Sequential")
    parser.add_argument("--products", type=int, required=True, help="at most so many")
    parser.add_argument("--change", type=float, default=0, help="stops at this relative change of the eigenvalue")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model, batches = loaded(options.checkpoint), pictures(options.data, options.pictures, options.batch)
    names, parameters = zip(*model.named_parameters())
    inside = [name.split(".")[0] == options.block and p.dim() > 1 for name, p in zip(names, parameters)]
    v = [torch.randn_like(p) * keep for p, keep in zip(parameters, inside)]
    v = [a / norm(v) for a in v]
    product(model, parameters, batches[:1], v)
    seconds, value, residual = [], None, None
    for _ in range(options.products):
        start = time.perf_counter()
        hv = product(model, parameters, batches, v)
        seconds.append(time.perf_counter() - start)
        hv = [a * keep for a, keep in zip(hv, inside)]
        before, value = value, sum((a * b).sum() for a, b in zip(hv, v)).item()
        residual = (norm([a - value * b for a, b in zip(hv, v)]) / abs(value)).item()
        v = [a / norm(hv) for a in hv]
        if before is not None and abs(before - value) / (abs(before) + 1e-6) < options.change:
            break
    print(json.dumps({"seconds": sorted(seconds)[len(seconds) // 2], "products": len(seconds), "eigenvalue": value,
                      "residual": residual, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
