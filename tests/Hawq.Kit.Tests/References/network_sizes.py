"""Bytes of the float networks and of their checkpoint files: OMP_NUM_THREADS=1 /usr/bin/python3 network_sizes.py > network_sizes.json

"legacy" is the format of torch.save before 1.6, in which the paper's baselines were published, "zip" the later one. Weights are
those of convolutions and linear layers; SqueezeNext is transcribed from pytorchcv, see make_networks.py.
"""
import io
import json

import torch
import torchvision

from make_networks import SqueezeNext


def size(model):
    state, files = model.state_dict(), {}
    for name, zipped in ("legacy", False), ("zip", True):
        buffer = io.BytesIO()
        torch.save(state, buffer, _use_new_zipfile_serialization=zipped)
        files[name] = buffer.getbuffer().nbytes
    weights = sum(p.numel() for p in model.parameters() if p.dim() > 1)
    return {
        "weights": 4 * weights,
        "other parameters": 4 * (sum(p.numel() for p in model.parameters()) - weights),
        "statistics": sum(4 * b.numel() for b in model.buffers() if b.is_floating_point()),
        "counters": sum(8 * b.numel() for b in model.buffers() if not b.is_floating_point()),
        **files,
    }


print(json.dumps({
    "torch": torch.__version__,
    "ResNet50": size(torchvision.models.resnet50()),
    "Inception-V3": size(torchvision.models.inception_v3(init_weights=False, aux_logits=False)),
    "SqueezeNext": size(SqueezeNext([6, 6, 8, 1], 2)),
}, indent=1))
