"""Emitted modules, imported."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

_numbers = count()


@contextmanager
def loaded(text: str) -> Iterator[ModuleType]:
    """A module from its text. It is a file as long as it is in use: compilers that keep what they
    compiled put it beside the source."""
    with TemporaryDirectory() as folder:
        name = f"derive_emitted_{next(_numbers)}"
        path = Path(folder) / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


def is_installed(library: str) -> bool:
    """Whether a library can be imported; it is not."""
    return importlib.util.find_spec(library) is not None
