"""The checker, which shares no code with the rules; and, called, `derive.check` of an answer.

Python makes a package that was imported an attribute of its parent, so `derive.check` is this
package wherever anything was checked. It is therefore callable as the public function of that name.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Check(ModuleType):
    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """See `derive.answers.api.check`."""
        return import_module("derive.answers.api").check(*args, **keywords)


sys.modules[__name__].__class__ = _Check
