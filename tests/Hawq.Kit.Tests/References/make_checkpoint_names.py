"""Writes names and shapes of pytorchcv's and torchvision's checkpoints: OMP_NUM_THREADS=1 /usr/bin/python3 make_checkpoint_names.py

Needs torch, torchvision (made with 1.13 and 0.14) and pytorchcv's folder on PYTHONPATH (that of github.com/osmr/imgclsmob at
commit 9090c4ff); no network: the models are made, not downloaded.
"""
import json

import torchvision
from pytorchcv.models.inceptionv3 import inceptionv3
from pytorchcv.models.resnet import resnet50b
from pytorchcv.models.squeezenext import sqnxt23_w2, sqnxt23v5_w3d2

MODELS = {
    "pytorchcv resnet50b": resnet50b,
    "pytorchcv inceptionv3": inceptionv3,
    "pytorchcv sqnxt23_w2": sqnxt23_w2,
    "pytorchcv sqnxt23v5_w3d2": sqnxt23v5_w3d2,
    "torchvision resnet50": torchvision.models.resnet50,
    "torchvision inception_v3": lambda: torchvision.models.inception_v3(weights=None, init_weights=False),
}

with open("checkpoint_names.json", "w") as file:
    names = {model: {name: list(value.shape) for name, value in make().state_dict().items()} for model, make in MODELS.items()}
    file.write("{\n" + ",\n".join(f"{json.dumps(model)}: {json.dumps(entries, separators=(',', ':'))}" for model, entries in names.items()) + "\n}\n")
