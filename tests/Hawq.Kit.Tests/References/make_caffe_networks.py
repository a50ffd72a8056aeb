"""Writes logits of the authors' SqueezeNext: OMP_NUM_THREADS=1 /usr/bin/python3 make_caffe_networks.py FOLDER

FOLDER is a copy of https://github.com/amirgholami/SqueezeNext (made with commit 917399df). Its train_val.prototxt files are read layer
by layer and computed by PyTorch, so neither sizes nor wiring are transcribed. Weights are filled as in make_networks.py.
"""
import re
import sys

import torch
from torch import nn

from make_networks import Step, case, write


def layers(text):
    """The texts between the braces of each layer."""
    for start in re.finditer(r"\blayer\s*\{", text):
        depth, end = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield text[start.end():end]


def value(layer, name, default=None):
    found = re.search(rf'\b{name}:\s*"?([\w.]+)"?', layer)
    return found.group(1) if found else default


def names(depths):
    """The kit's names of the convolutions, in the order of the prototxt."""
    yield "features.init_block.conv"
    for stage, depth in enumerate(depths):
        for unit in range(depth):
            prefix = f"features.stage{stage + 1}.unit{unit + 1}."
            yield from ([prefix + "identity_conv"] if unit == 0 else [])
            yield from (f"{prefix}conv{k + 1}" for k in range(5))
    yield "features.final_block"


class Prototxt(nn.Module):
    def __init__(self, path, depths):
        super().__init__()
        channels, name = {"data": 3}, names(depths)
        self.steps = []
        for layer in layers(open(path).read()):
            kind, top, bottoms = value(layer, "type"), value(layer, "top"), re.findall(r'bottom: "(\w+)"', layer)
            if kind == "Convolution":
                kernel = tuple(int(value(layer, f"kernel_{side}", value(layer, "kernel_size"))) for side in "hw")
                padding = tuple(int(value(layer, f"pad_{side}", value(layer, "pad", "0"))) for side in "hw")
                step = Step(channels[bottoms[0]], int(value(layer, "num_output")), kernel, int(value(layer, "stride")), padding)
                step.conv = nn.Conv2d(step.conv.in_channels, step.conv.out_channels, kernel, step.conv.stride, padding,
                                      groups=int(value(layer, "group")), bias=value(layer, "bias_term") == "true")
                channels[top] = step.conv.out_channels
                self.put(next(name), step)
                self.steps.append((top, bottoms, step))  # with batch norm, scale and ReLU, which stand behind each convolution
            elif kind == "Eltwise":
                channels[top] = channels[bottoms[0]]
                self.steps.append((top, bottoms, lambda a, b: torch.clamp(a + b, min=0)))
            elif kind == "Pooling" and value(layer, "pool") == "MAX":
                channels[top] = channels[bottoms[0]]
                self.steps.append((top, bottoms, lambda a: nn.functional.max_pool2d(a, 3, 2, ceil_mode=True)))
            elif kind == "Pooling":
                channels[top] = channels[bottoms[0]]
                self.steps.append((top, bottoms, lambda a: a.mean([2, 3])))
            elif kind == "InnerProduct":
                self.output = nn.Linear(channels[bottoms[0]], int(value(layer, "num_output")), bias=value(layer, "bias_term") == "true")
                self.steps.append((top, bottoms, self.output))
        assert next(name, None) is None

    def put(self, path, module):
        *parents, last = path.split(".")
        place = self
        for parent in parents:
            if not hasattr(place, parent):
                place.add_module(parent, nn.Module())
            place = getattr(place, parent)
        place.add_module(last, module)

    def forward(self, x):
        values = {"data": x}
        for top, bottoms, step in self.steps:
            values[top] = step(*(values[bottom] for bottom in bottoms))
        return values[self.steps[-1][0]]


for folder, depths in (("1.0-G-SqNxt-23", (6, 6, 8, 1)), ("2.0-SqNxt-23v5", (2, 4, 14, 1))):
    network = Prototxt(f"{sys.argv[1]}/{folder}/train_val.prototxt", depths)
    write(f"caffe-{folder}", lambda: case(network, [1, 3, 129, 129], [3, 3, 65, 65], "features.final_block.bn.running_var"))
