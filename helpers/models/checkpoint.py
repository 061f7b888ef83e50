"""What lies in a file of weights, read without running it: parameters by name, and what is told beside."""

import json
import pickle
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from helpers.base.errors import CourseError
from helpers.base.intact import check_zip
from helpers.base.paths import display_path
from helpers.datasets.plain_pickle import Noted

HUB_NAMES = {"model.safetensors", "pytorch_model.bin"}  # files that a config.json in their folder is about
OWN_NAME = "weights.pt"  # what the course calls the weights of a run; its summary.json lies beside it
# Under which keys a checkpoint holds its parameters; averaged ones last, as few have nothing else.
PARAMETERS = ("state_dict", "model_state_dict", "model_state", "model", "network", "net", "module", "weights",
              "params", "ema", "model_ema", "state_dict_ema", "ema_state_dict", "params_ema")  # fmt: skip


def content_of(path: Path, mapped: bool = False) -> Any:
    """What a file of weights holds: safetensors' parameters, or what PyTorch was given to save.

    What is known to lie beside parameters (settings, paths, NumPy's numbers) is stood in for by `Noted`.
    mapped: tensors are left on disk until they are looked at.
    Raises CourseError for a file that is damaged, asks for anything else to be run, or is none of these.
    """
    from safetensors.torch import load_file

    mapped = mapped and zipfile.is_zipfile(path)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        _refuse_bomb(path)
        with _with_what_lies_beside():
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:  # a file that was cut or altered can raise nearly anything
        raise CourseError(_unreadable(path, error)) from None


def _refuse_bomb(path: Path) -> None:
    """Raises ValueError for a file that is damaged, a program, or would fill more memory than it has bytes."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as file:
            if any(entry.filename.endswith("/constants.pkl") for entry in file.infolist()):
                raise ValueError("it is TorchScript")
            if sum(entry.file_size for entry in file.infolist()) > path.stat().st_size:
                raise ValueError("it is packed")
        check_zip(path)


def _unreadable(path: Path, error: Exception) -> str:
    if "torchscript" in str(error).lower():
        return f"{display_path(path)} is a TorchScript program: save the model's state_dict() instead"
    if isinstance(error, pickle.UnpicklingError) and "weights_only" in str(error).lower():
        return (
            f"{display_path(path)} holds Python objects beside tensors and was refused without running them: "
            "save it again as a state dict of tensors, torch.save(model.state_dict(), …)"
        )
    return f"{display_path(path)} is not a file of weights, or was cut short: fetch it again"


class _PlainDict:
    """Stands for a dictionary of another kind: one of Python's own takes its place."""

    def __new__(cls, *_given: Any) -> dict:
        return {}


# What is found in checkpoints beside parameters, by module. Nothing of it is imported or called.
NOTED = {
    "argparse": ("Namespace",),
    "types": ("SimpleNamespace",),
    "pathlib": ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"),
    "pathlib._local": ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"),
    "datetime": ("datetime", "date", "timedelta"),
    "builtins": ("int", "float", "str", "bool", "list", "dict", "tuple"),
    "typing": ("Any",),
    "numpy": ("dtype", "ndarray"),
    "numpy.dtypes": tuple(f"{kind}DType" for kind in ("Float32", "Float64", "Int32", "Int64", "Str", "Object")),
    **{f"numpy.{core}.multiarray": ("scalar", "_reconstruct") for core in ("core", "_core")},
    "fastcore.foundation": ("L",),
    "fastai.data.transforms": ("CategoryMap",),
    "omegaconf.dictconfig": ("DictConfig",),
    "omegaconf.listconfig": ("ListConfig",),
    "omegaconf.base": ("ContainerMetadata", "Metadata"),
    "omegaconf.nodes": ("AnyNode", "StringNode", "IntegerNode", "FloatNode", "BooleanNode"),
}
DICTIONARIES = {
    "collections": ("defaultdict",),
    "lightning_fabric.utilities.data": ("AttributeDict",),
    "lightning.fabric.utilities.data": ("AttributeDict",),
    "pytorch_lightning.utilities.parsing": ("AttributeDict",),
}


def _with_what_lies_beside() -> AbstractContextManager:
    """Lets PyTorch's reader that runs nothing go on where it meets what is known to lie beside parameters."""
    stand_ins = [(NOTED, Noted), (DICTIONARIES, _PlainDict)]
    named = ((kind, module, names) for known, kind in stand_ins for module, names in known.items())
    return torch.serialization.safe_globals(
        [(kind, f"{module}.{name}") for kind, module, names in named for name in names]
    )


def parameters_in(content: Any, levels: int = 3) -> dict[str, Tensor]:
    """The tensors of a checkpoint by name: at its top, or under the key, few levels down, with most of them."""
    if not isinstance(content, Mapping) or not levels:
        return {}
    inner = [content[key] for key in PARAMETERS if key in content]
    inner += [value for key, value in content.items() if key not in PARAMETERS]
    found = [parameters_in(one, levels - 1) for one in inner]
    own = {name: one for name, one in content.items() if isinstance(name, str) and isinstance(one, Tensor)}
    return max([own, *found], key=len)  # the first of equals


def told_beside(path: Path) -> Iterator[Mapping]:
    """What is told of weights beside their parameters, most binding first; values may be texts of JSON.

    That is the metadata of a safetensors file, a checkpoint around its parameters, `NAME.json` beside `NAME.pth`,
    `config.json` and `preprocessor_config.json` beside a file that is called as on Hugging Face, and
    `summary.json` beside the weights of one of the course's own runs.
    """
    names = [f"{path.stem}.json"]
    if path.name in HUB_NAMES:
        names += ["config.json", "preprocessor_config.json"]
    if path.name == OWN_NAME:
        names.append("summary.json")
    beside = (path.with_name(name) for name in names)
    sources = [_told_inside(path), *(plain_json(one.read_bytes()) for one in beside if one.is_file())]
    yield from (source for source in sources if isinstance(source, Mapping))


def _told_inside(path: Path) -> Any:
    """What a file holds beside its tensors. What is wrong with it, whoever loads it says."""
    try:
        if path.suffix == ".safetensors":
            from safetensors import safe_open

            with safe_open(path, "pt") as file:
                return file.metadata()
        return content_of(path, mapped=True)
    except Exception:
        return None


def plain_json(value: Any) -> Any:
    """The value of a text of JSON, all that safetensors can hold beside tensors; else the value itself."""
    if not isinstance(value, str | bytes):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value if isinstance(value, str) else None
