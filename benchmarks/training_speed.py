"""How fast training is, as ratios measured side by side in one run.

    python benchmarks/training_speed.py data/intel_scenes

For each model, in alternating rounds: forward, backward and step alone on one batch held in memory; the
course's training loop; the same with augmentation; and the plain recipe (ImageFolder, two loader workers,
float32). The medians over the rounds and their ratios are printed.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, Subset
from torchvision import transforms
from torchvision.datasets import ImageFolder

from helpers.base.device import autocast, device_name, pick_device, pick_precision
from helpers.datasets.augment import Augment
from helpers.datasets.loader import ImagePart
from helpers.models import build
from helpers.study.images import load
from helpers.study.recipe import ModelSpec
from helpers.study.study import Study
from helpers.training.inputs import Inputs
from helpers.training.loop import measure_part, train_epoch
from helpers.training.optimizer import make_optimizer, parameter_groups

AUGMENT = {"flip": 0.5, "affine": 15.0, "jitter": 0.3, "erasing": 0.5}
BATCH = 64


def bare(model, optimizer, part, device) -> float:
    """Images a second of forward, backward and step on one batch."""
    images, labels = part.gather(range(BATCH))
    batch = model.preprocess(images.to(device, memory_format=torch.channels_last))
    labels = labels.to(device)
    steps = len(part) // BATCH
    model.train()
    started = time.perf_counter()
    for _ in range(steps):
        with autocast(device):
            loss = F.cross_entropy(model(batch), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    finish(device)
    return steps * BATCH / (time.perf_counter() - started)


def ours(model, optimizer, part, recipe, epoch) -> float:
    """Images a second of the course's loop: batches, preprocessing, augmentation if any, bookkeeping."""
    augment = Augment(recipe.augment) if recipe.augment else None
    started = time.perf_counter()
    train_epoch(Inputs(model, part, augment), recipe, optimizer, epoch, seed=0)
    finish(model.scale.device)
    return len(part) / (time.perf_counter() - started)


class Plain:
    """The usual recipe: files decoded by two workers at every epoch, float32, contiguous memory."""

    def __init__(self, root: Path, spec: ModelSpec, size: int, count: int, device):
        steps = [transforms.Resize(size), transforms.CenterCrop(size), transforms.ToTensor(),
                 transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]  # fmt: skip
        folder = ImageFolder(root, transforms.Compose(steps))
        positions = torch.randperm(len(folder), generator=torch.Generator().manual_seed(0))[:count]
        self.loader = DataLoader(Subset(folder, positions.tolist()), BATCH, shuffle=True, num_workers=2,
                                 persistent_workers=True, drop_last=True)  # fmt: skip
        self.model = build(spec, len(folder.classes), size).to(device, memory_format=torch.contiguous_format)
        self.optimizer, self.device = make_optimizer(parameter_groups(self.model, 1), spec), device

    def epoch(self) -> float:
        self.model.train()
        started, seen = time.perf_counter(), 0
        for images, labels in self.loader:
            loss = F.cross_entropy(self.model(images.to(self.device)), labels.to(self.device))
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            seen += len(labels)
        finish(self.device)
        return seen / (time.perf_counter() - started)


def finish(device: torch.device) -> None:
    """Wait for work that the device has been handed."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def benchmark(architecture: str, study: Study, part: ImagePart, root: Path, rounds: int) -> None:
    """Print the speeds of one architecture and their ratios."""
    device = pick_device()
    spec = ModelSpec(architecture=architecture, epochs=100)
    augmented = spec.model_copy(update={"augment": AUGMENT})
    model = build(spec, int(part.labels.max()) + 1, study.image_size)
    model.to(device, memory_format=torch.channels_last)
    optimizer = make_optimizer(parameter_groups(model, 1), spec)
    plain = Plain(root, spec, study.image_size, len(part), device)
    speeds: dict[str, list[float]] = {name: [] for name in ("alone", "loop", "augmented", "plain")}
    for round_number in range(rounds + 1):  # the first warms up
        figures = {
            "alone": bare(model, optimizer, part, device),
            "loop": ours(model, optimizer, part, spec, round_number),
            "augmented": ours(model, optimizer, part, augmented, round_number),
            "plain": plain.epoch(),
        }  # fmt: skip
        for name, figure in figures.items() if round_number else ():
            speeds[name].append(figure)
    report(architecture, pick_precision(device), speeds)
    started = time.perf_counter()
    measure_part("", Inputs(model, part))
    print(f"  evaluation             {len(part) / (time.perf_counter() - started):7.0f} images/s")


def report(architecture: str, precision: str, speeds: dict[str, list[float]]) -> None:
    """Medians of the speeds, and medians of the ratios round by round."""

    def ratio(above: str, below: str) -> float:
        return statistics.median(a / b for a, b in zip(speeds[above], speeds[below], strict=True))

    median = {name: statistics.median(values) for name, values in speeds.items()}
    print(f"{architecture}, {precision}")
    lines = {
        "forward, backward, step": ("alone", ""),
        "training loop": ("loop", f"{ratio('loop', 'alone'):.3f} of that"),
        "with augmentation": ("augmented", f"{ratio('augmented', 'loop'):.3f} of the loop"),
        "plain recipe, float32": ("plain", f"the loop is {ratio('loop', 'plain'):.2f} times as fast"),
    }
    for title, (name, remark) in lines.items():
        print(f"  {title:24}{median[name]:7.0f} images/s  {remark}")


def main() -> None:
    """Read the arguments and run both models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of class folders, or one with train/ inside")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--images", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=["cnn", "resnet18"])
    arguments = parser.parse_args()
    study = Study.load(arguments.folder, {"image_size": str(arguments.size)})
    splits = load(study)
    part = splits.part("train")
    part = ImagePart(
        splits.images, splits.labels, splits.files, part.index[:: max(1, len(part) // arguments.images)]
    )
    inner = arguments.folder / "train"
    print(f"{len(part)} images of {arguments.size} px, batches of {BATCH}, {device_name(pick_device())}")
    for architecture in arguments.models:
        benchmark(architecture, study, part, inner if inner.is_dir() else arguments.folder, arguments.rounds)


if __name__ == "__main__":
    main()
