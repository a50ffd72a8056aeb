"""Makes the small .pth files: /usr/bin/python3 make_pth.py (needs torch; no network)."""
import os
import pickle

import torch

state = {
    "module.a": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "module.b": torch.arange(6, dtype=torch.float32).reshape(2, 3).t(),
    "module.n": torch.tensor(7),
    "module.d": torch.tensor([0.5, -2.0], dtype=torch.float64),
}
torch.save({"state_dict": state, "epoch": 3}, "tiny-legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"state_dict": state, "epoch": 3}, "tiny-zip.pth")


class Evil:
    def __reduce__(self):
        return os.system, ("echo hacked",)


torch.save({"state_dict": {"a": Evil()}}, "evil-zip.pth")
torch.save({"state_dict": {"a": Evil()}}, "evil-legacy.pth", _use_new_zipfile_serialization=False)
