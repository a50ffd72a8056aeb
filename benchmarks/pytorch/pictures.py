"""One pass over a folder of pictures by torchvision and PIL, as their users write it; prints its seconds as JSON."""
import argparse
import json
import time

import torch
import torchvision
from torchvision import transforms


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--mode", choices=["evaluation", "training"], required=True)
    options = parser.parse_args()
    window = {
        "evaluation": [transforms.Resize(256), transforms.CenterCrop(224)],
        "training": [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip()],
    }[options.mode]
    normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    folder = torchvision.datasets.ImageFolder(options.folder, transforms.Compose([*window, transforms.ToTensor(), normalize]))
    loader = torch.utils.data.DataLoader(folder, options.batch, shuffle=options.mode == "training", num_workers=options.workers)
    start, seen = time.perf_counter(), 0
    for inputs, _ in loader:
        seen += len(inputs)
    assert seen == len(folder)
    print(json.dumps({"seconds": time.perf_counter() - start, "torch": torch.__version__, "torchvision": torchvision.__version__}))


main()
