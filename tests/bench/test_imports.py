"""Does the benchmark of imports run, and give its figures for programs?"""

import json
import subprocess
import sys
from pathlib import Path

from tidy.checks import ROOT


def test_imports(tmp_path: Path) -> None:
    call = [sys.executable, str(ROOT / "bench/imports.py"), "--rows", "2000", "--data", str(tmp_path), "--json"]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    found = {figure["name"]: figure for figure in json.loads(done.stdout)["figures"]}
    assert found["rows"]["value"] == 2000
    assert {"import", "undo", "peak memory of the importing process", "import of what is there already"} <= set(found)
    assert all(figure["must"] is None for figure in found.values())  # asked of a million rows only
