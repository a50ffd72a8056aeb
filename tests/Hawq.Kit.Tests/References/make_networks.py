"""Writes logits of the ImageNet networks: OMP_NUM_THREADS=1 /usr/bin/python3 make_networks.py

Needs torch and torchvision (made with 1.13 and 0.14); no network. Weights are too large to keep, so both sides fill them by
one formula: entry k of the state dict, in the order of its names, has the values u(k, i) = SplitMix64(k * 2^32 + i), as a
number in [-1, 1), scaled by the kind of the entry. SqueezeNext is transcribed from its definition in pytorchcv.

Training mode is compared in float64: batch norm over the few values that a small test has amplifies float32 rounding (these
networks, float32 against float64 of the same library: 5e-5 for ResNet50, 7e-4 for Inception-V3, 5e-3 for SqueezeNext).
"""
import json
import math

import numpy
import torch
import torchvision
from torch import nn

INPUT, EVERY = 1 << 20, 5
torch.set_num_threads(1)


def uniform(k, count):
    with numpy.errstate(over="ignore"):
        z = numpy.arange(1, count + 1, dtype=numpy.uint64) + numpy.uint64(k << 32)
        z *= numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z ^= z >> numpy.uint64(31)
    return (z >> numpy.uint64(40)).astype(numpy.float64) / 2.0**23 - 1


def fill(model):
    state = model.state_dict()
    names = sorted(n for n in state if not n.endswith("num_batches_tracked"))
    for k, name in enumerate(names):
        value = state[name]
        u = uniform(k, value.numel())
        if value.dim() > 1:
            u = u * math.sqrt(6 / value[0].numel())
        elif name.endswith("running_var"):
            u = 1 + 0.5 * abs(u)
        elif name.endswith("weight"):
            u = 1 + 0.2 * u
        else:
            u = 0.1 * u
        value.copy_(torch.from_numpy(u.astype(numpy.float32)).reshape(value.shape))
    return model


def pictures(*shape):
    return torch.from_numpy((2 * uniform(INPUT, math.prod(shape))).astype(numpy.float32)).reshape(shape)


def listed(tensor):
    return [float(f"{x:.9g}") for x in tensor.flatten()[::EVERY].tolist()]


def case(model, evaluation, training, probe):
    fill(model).eval()
    result = {"parameters": sum(p.numel() for p in model.parameters())}
    result["evaluation"] = {"input": evaluation, "logits": listed(model(pictures(*evaluation)))}
    logits = model.double().train()(pictures(*training).double())
    auxiliary = logits.aux_logits if isinstance(logits, tuple) else None
    result["training"] = {"input": training, "logits": listed(logits.logits if isinstance(logits, tuple) else logits)}
    if auxiliary is not None:
        result["training"]["auxiliary"] = listed(auxiliary)
    result["statistics"] = {"name": probe, "values": listed(model.state_dict()[probe])}
    return result


def resnet50(first):
    model = torchvision.models.resnet50()
    for name, unit in model.named_modules():
        if first and isinstance(unit, torchvision.models.resnet.Bottleneck):
            unit.conv1.stride, unit.conv2.stride = unit.conv2.stride, (1, 1)
    return model




class Step(nn.Module):
    def __init__(self, i, o, kernel=1, stride=1, padding=0):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(i, o, kernel, stride, padding, bias=True), nn.BatchNorm2d(o)

    def forward(self, x):
        return torch.clamp(self.bn(self.conv(x)), min=0)


class Unit(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        r = 1 if s == 2 else 4 if i > o else 2
        self.conv1, self.conv2 = Step(i, i // r, stride=s), Step(i // r, i // (2 * r))
        self.conv3 = Step(i // (2 * r), i // r, (1, 3), padding=(0, 1))
        self.conv4 = Step(i // r, i // r, (3, 1), padding=(1, 0))
        self.conv5 = Step(i // r, o)
        if r != 2:
            self.identity_conv = Step(i, o, stride=s)

    def forward(self, x):
        main = self.conv5(self.conv4(self.conv3(self.conv2(self.conv1(x)))))
        return torch.clamp(main + (self.identity_conv(x) if hasattr(self, "identity_conv") else x), min=0)


class SqueezeNext(nn.Module):
    def __init__(self, depths, width):
        super().__init__()
        self.features, self.output = nn.Module(), nn.Linear(int(128 * width), 1000)
        self.features.init_block = nn.Module()
        self.features.init_block.conv = Step(3, int(64 * width), 7, 2, 1)
        before, self.units = int(64 * width), []
        for s, (depth, channels) in enumerate(zip(depths, (32, 64, 128, 256))):
            stage, channels = nn.Module(), int(channels * width)
            for u in range(depth):
                unit = Unit(before, channels, 2 if s > 0 and u == 0 else 1)
                setattr(stage, f"unit{u + 1}", unit)
                self.units.append(unit)  # a plain list registers nothing
                before = channels
            setattr(self.features, f"stage{s + 1}", stage)
        self.features.final_block = Step(before, int(128 * width))

    def forward(self, x):
        x = nn.functional.max_pool2d(self.features.init_block.conv(x), 3, 2, ceil_mode=True)
        for unit in self.units:
            x = unit(x)
        return self.output(nn.functional.avg_pool2d(self.features.final_block(x), x.shape[2:]).flatten(1))


def inception(auxiliary):
    return torchvision.models.Inception3(aux_logits=auxiliary, transform_input=True, init_weights=False, dropout=0.0)


def write(name, make):
    with open(f"{name}.json", "w") as file, torch.no_grad():
        json.dump(make(), file, separators=(",", ":"))
    print(name)


if __name__ == "__main__":
    small, batch = [1, 3, 64, 64], [3, 3, 64, 64]
    for name, first in (("resnet50-v1.5", False), ("resnet50-v1", True)):
        write(name, lambda: case(resnet50(first), small, batch, "layer4.2.bn3.running_var"))
    for name, depths, width in (("sqnxt23-w2", [6, 6, 8, 1], 2), ("sqnxt23v5-w1.5", [2, 4, 14, 1], 1.5)):
        write(name, lambda: case(SqueezeNext(depths, width), [1, 3, 129, 129], [3, 3, 65, 65], "features.final_block.bn.running_var"))
    write("inception-v3", lambda: case(inception(False), [1, 3, 299, 299], [4, 3, 75, 75], "Mixed_7c.branch_pool.bn.running_var"))
    write("inception-v3-auxiliary", lambda: case(inception(True), [1, 3, 75, 75], [2, 3, 299, 299], "AuxLogits.conv1.bn.running_var"))
