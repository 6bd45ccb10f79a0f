"""`make sbom` lists what is in the image."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from tests.support.peers import need

ROOT = Path(__file__).parents[2]


def test_the_bill_of_materials_names_every_package_of_the_image_with_its_hashes(tmp_path: Path) -> None:
    uv = shutil.which("uv") or shutil.which(ROOT / ".tools" / "bin" / "uv")
    need("uv", bool(uv), "make setup")
    makefile = (ROOT / "Makefile").read_text()
    (options,) = re.findall(
        r"^\t@\$\(UV\) (export .*cyclonedx.*) --output-file dist/sbom.json$", makefile, re.MULTILINE
    )
    written = tmp_path / "sbom.json"
    subprocess.run([str(uv), *options.split(), "--output-file", str(written)], cwd=ROOT, check=True, timeout=60)
    bill = json.loads(written.read_text())

    named = {component["name"]: component for component in bill["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = {re.split(r"[\[>=]", each)[0] for each in project["dependencies"]}

    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "countersign")
    assert direct | {"langchain-openai"} <= set(named)
    assert not {"pytest", "hatchling", "uv"} & set(named)
    for component in named.values():
        assert component["purl"].startswith("pkg:pypi/")
        assert all(reference["hashes"] for reference in component["externalReferences"])
