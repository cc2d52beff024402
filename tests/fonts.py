"""Fonts that a machine may lack."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from derive.errors import DeriveError


@contextmanager
def chinese_font() -> Iterator[None]:
    """Skips the test if what is inside finds no font for Chinese."""
    try:
        yield
    except DeriveError as error:
        if "no Chinese font found" not in error.message:
            raise
        pytest.skip(error.message)
