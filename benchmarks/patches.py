"""How much quicker a map of a large image is in batches than patch by patch.

    python benchmarks/patches.py [--architectures cnn resnet18] [--side 512] [--patch 64] [--stride 32] [--size 64]

Both get the same image and the same untrained network; the loop names one patch after another and adds its
probabilities to the pixels under it. Printed are the seconds of the quickest of a few repeats, their ratio, and by
how much the two maps differ.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from helpers.base.device import device_name, full_precision, pick_device
from helpers.models import Classifier, build
from helpers.segmentation.patches.predictor import PatchPredictor
from helpers.segmentation.patches.windows import at_size, starts
from helpers.study.study import ModelSpec

CLASSES = ("one", "two", "three", "four")


@torch.inference_mode()
def patch_by_patch(model: Classifier, image: np.ndarray, patch: int, stride: int, size: int) -> np.ndarray:
    """(C, H, W) float32: the plain loop that a map is checked against."""
    device = next(model.parameters()).device
    total = np.zeros((*image.shape[:2], len(CLASSES)), np.float32)
    votes = np.zeros((*image.shape[:2], 1), np.float32)
    for top in starts(image.shape[0], patch, stride):
        for left in starts(image.shape[1], patch, stride):
            place = np.s_[top : top + patch, left : left + patch]
            pixels = torch.from_numpy(np.ascontiguousarray(at_size(image[place], size)))
            batch = model.preprocess(pixels.to(device).permute(2, 0, 1)[None])
            with full_precision(device):
                logits = model(batch)
            total[place] += logits.softmax(1)[0].cpu().numpy()
            votes[place] += 1
    return (total / votes).transpose(2, 0, 1)


def quickest(run: Callable[[], np.ndarray], repeats: int) -> tuple[float, np.ndarray]:
    """Seconds of the quickest run, and what the last one gave."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - started)
    return min(seconds), found


def compare(architecture: str, image: np.ndarray, args: argparse.Namespace) -> None:
    """One line for one network."""
    torch.manual_seed(0)
    device = pick_device()
    model = build(ModelSpec(architecture=architecture), len(CLASSES), args.size).eval()
    seen = torch.from_numpy(image).permute(2, 0, 1)[None]

    predictor = PatchPredictor(model, CLASSES, patch=args.patch, stride=args.stride, size=args.size, key="")
    predictor(seen)  # warm
    batched, own = quickest(lambda: predictor(seen)[0].numpy(), args.repeats)
    model.to(device, memory_format=torch.channels_last)
    naive, loop = quickest(lambda: patch_by_patch(model, image, args.patch, args.stride, args.size), args.repeats)
    print(
        f"{architecture:12} {naive:8.2f} s one by one  {batched:7.2f} s in batches  {naive / batched:5.1f} times"
        f" as quick   largest difference {np.abs(own - loop).max():.1e}"
    )


def main() -> None:
    """Measure each architecture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--architectures", nargs="+", default=["cnn", "resnet18", "resnet50"])
    for name, value in {"side": 512, "patch": 64, "stride": 32, "size": 64, "repeats": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    image = np.random.default_rng(0).integers(0, 256, (args.side, args.side, 3), dtype=np.uint8)
    print(f"{args.side} × {args.side} pixels on {device_name(pick_device())}")
    for architecture in args.architectures:
        compare(architecture, image, args)


if __name__ == "__main__":
    main()
