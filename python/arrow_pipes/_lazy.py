"""Modules that are imported when a type of them is needed, so that importing this package imports little."""

from __future__ import annotations

import importlib
from typing import Any


class Module:
    """Stands for a module in annotations: `typing.get_type_hints` imports it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        module = importlib.import_module(self._name)
        try:
            return getattr(module, attribute)
        except AttributeError:
            return importlib.import_module(f"{self._name}.{attribute}")
