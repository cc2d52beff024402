"""What is installed is complete: a wheel, installed elsewhere, writes documents and code."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "-q", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the installed wheel in it."""
    pytest.importorskip("hatchling", reason="building a wheel offline needs hatchling")
    base = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(base), str(ROOT))
    (wheel,) = base.glob("derive-*.whl")
    pip("install", "--no-deps", "--target", str(base / "site"), str(wheel))
    return base / "site"


def test_the_wheel_holds_templates_and_catalogue(site: Path) -> None:
    (wheel,) = site.parent.glob("derive-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for template in (ROOT / "templates").iterdir():
        assert f"derive/_templates/{template.name}" in names
    for entry in (ROOT / "derive" / "catalogue").glob("*.toml"):
        assert f"derive/catalogue/{entry.name}" in names
    assert not any(name.startswith(("tests/", "output/")) for name in names)


def test_the_installed_command_writes_documents_and_code(site: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    program = "import derive; print(derive.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True
    )
    assert str(site) in where.stdout.decode()
    for arguments in (
        ["handout", "softmax", "--format", "tex,html", "-o", "out"],
        ["code", "softmax", "-o", "softmax.py"],
        ["show", "softmax", "--format", "markdown", "-o", "softmax.md"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "derive", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "softmax.tex").stat().st_size > 1000
    assert (tmp_path / "out" / "softmax.html").stat().st_size > 1000
