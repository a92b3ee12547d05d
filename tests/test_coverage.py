"""The marks: a line that only the twin ran is told, unless it is listed with a reason."""
import subprocess

import pytest
from conftest import ROOT

SOURCE = "int f(int x)\n{\n\treturn x ? 1 : 2;\n}\nint g;\n"


def info(counts):
    lines = "".join(f"DA:{line},{count}\n" for line, count in counts.items())
    return f"TN:\nSF:ROOT/shared/base/f.c\n{lines}BRDA:3,0,0,1\nBRDA:3,0,1,-\nend_of_record\n"


LISTED = "shared/base/f.c:3 return x ? 1 : 2; # this host alone\n"


@pytest.mark.parametrize("listed, unlisted, status", [
    ("", "1", 0),
    (LISTED, "0", 0),
    (LISTED.replace(" # this host alone", ""), "0", 1),
    (LISTED.replace("x ? 1 : 2", "other"), "0", 1),
    (LISTED + "shared/base/f.c:1 int f(int x) # both run it\n", "0", 1),
])
def test_marks(tmp_path, listed, unlisted, status):
    (tmp_path / "shared" / "base").mkdir(parents=True)
    (tmp_path / "shared" / "base" / "f.c").write_text(SOURCE)
    out = tmp_path / "out"
    out.mkdir()
    twin, image = {1: 1, 2: 0, 3: 5, 4: 0}, {1: 2, 2: 7, 3: 0, 4: 0}
    merged = {line: twin[line] + image[line] for line in twin}
    for name, counts in (("twin", twin), ("image", image), ("merged", merged)):
        (out / f"{name}.info").write_text(info(counts).replace("ROOT", str(tmp_path)))
    exceptions = tmp_path / "exceptions"
    exceptions.write_text("# a comment\n" + listed)
    done = subprocess.run([ROOT / "tests" / "coverage-marks", tmp_path, out, exceptions],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == status, done.stderr
    figures = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
    assert figures == {"lines": "75.00", "branches": "50.00", "both": "1", "twin-only": "1",
                       "image-only": "1", "none": "1", "unlisted": unlisted}
    page = (out / "marks" / "shared_base_f.c.html").read_text()
    for line, mark in ((1, "both"), (2, "image"), (3, "twin"), (4, "none")):
        assert f'<pre class="{mark}">    {line} ' in page
