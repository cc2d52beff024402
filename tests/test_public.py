"""The names of `derive` itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

import derive


@pytest.mark.parametrize("name", derive.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(derive, name)


@pytest.mark.parametrize("first", ["", "import derive.checker.finite; "])
def test_check_is_a_function_whatever_was_imported(first: str) -> None:
    code = f"import derive; {first}print(derive.check('s[i]*(1 - s[i])', 'softmax').verdict)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "wrong"


def test_sympy_is_not_imported_for_nothing() -> None:
    code = "import derive, sys; print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_derivation_in_the_terminal_does_not_wait_for_numpy() -> None:
    code = (
        "from derive.cli import main; import sys; main(['show', 'softmax']); "
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
