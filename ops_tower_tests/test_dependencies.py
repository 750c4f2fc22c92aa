"""What is installed is what the lock says, and its licences let anybody use the product.

Belongs here: what can be seen without a network. What cannot, docs/deploying.md names.
"""

import re
import tomllib
from importlib.metadata import Distribution, distribution
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ops_tower.settings import PROJECT_ROOT

PERMISSIVE: Final = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0"),
        *("MIT-CMU", "PSF-2.0", "Zlib"),
        # The older ways of saying so: classifiers, and free text.
        *("Apache Software License", "BSD License", "ISC License (ISCL)", "MIT License"),
        *("Python Software Foundation License", "3-Clause BSD License", "Apache License 2.0"),
        "BSD",
    }
)
MPL: Final = "Mozilla Public License 2.0 (MPL 2.0)"
# What is not plainly permissive, as it is stated, and why it may stay.
LOOKED_AT: Final = {
    # The Mozilla licence binds changes to these files, which we use as they are.
    "certifi": MPL,
    "hypothesis": "MPL-2.0",
    "orjson": "MPL-2.0 AND (Apache-2.0 OR MIT)",
    "pathspec": MPL,
    "tqdm": "MPL-2.0 AND MIT",
    # A choice of two: we take the Artistic one.
    "text-unidecode": (
        "Artistic License AND GNU General Public License (GPL)"
        " AND GNU General Public License v2 or later (GPLv2+)"
    ),
    # For documentation alone; the GPL is that of an editor's mode, which is not installed.
    "docutils": "BSD License AND GNU General Public License (GPL)",
    # For tests alone; MIT by the file in its package, which its metadata do not repeat.
    "axe-playwright-python": "",
    # Nobody gets it who does not ask for ops-tower[postgres].
    "psycopg2-binary": "GNU Library or Lesser General Public License (LGPL)",
}
NOT_IN_THE_PRODUCT: Final = {"docutils", "axe-playwright-python", "psycopg2-binary", "hypothesis"}


def entries() -> list[tuple[Requirement, list[str]]]:
    """Each package of the lock, and the hashes of the files that it may come in."""
    text = (PROJECT_ROOT / "requirements.lock").read_text().replace("\\\n", "")
    return [
        (Requirement(wanted), hashes)
        for wanted, *hashes in (re.split(r"\s+--hash=", line.strip()) for line in text.splitlines())
    ]


def lock() -> dict[str, str]:
    """Version by name of what the lock asks for on this machine and this Python."""
    asked = [wanted for wanted, _ in entries()]
    return {
        canonicalize_name(entry.name): str(entry.specifier).removeprefix("==")
        for entry in asked
        if entry.marker is None or entry.marker.evaluate()
    }


def pyproject() -> dict[str, Any]:
    return tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())


def licence(package: Distribution) -> str:
    """What a package says of its licence, the newest way of saying it first."""
    said = package.metadata
    if expression := said.get("License-Expression"):
        return expression
    classes = [text.split(" :: ") for text in said.get_all("Classifier") or []]
    named = [parts[-1] for parts in classes if parts[0] == "License" and len(parts) > 2]
    return " AND ".join(sorted(named)) or (said.get("License") or "").strip()


def is_permissive(expression: str) -> bool:
    """Whether every part of an SPDX expression leaves a permissive choice."""
    return all(
        any(
            choice.strip("() ") in PERMISSIVE or choice in PERMISSIVE
            for choice in part.split(" OR ")
        )
        for part in expression.split(" AND ")
    )


def brought_by(name: str, *extras: str) -> set[str]:
    """Everything that an installation of a package, with these extras, brings with it."""
    found: set[str] = set()
    waiting = [(name, frozenset(extras))]
    seen = set(waiting)
    while waiting:
        package, asked = waiting.pop()
        for wanted in map(Requirement, distribution(package).requires or []):
            marker = wanted.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *asked)):
                continue
            entry = (canonicalize_name(wanted.name), frozenset(wanted.extras))
            found.add(entry[0])
            if entry not in seen:
                seen.add(entry)
                waiting.append(entry)
    return found


def test_what_is_installed_is_what_the_lock_says() -> None:
    asked = lock()
    assert len(asked) > 100
    assert {name: distribution(name).version for name in asked} == asked


def test_each_package_of_the_lock_is_held_to_the_hashes_of_its_files() -> None:
    unbound = [
        str(wanted)
        for wanted, hashes in entries()
        if not hashes or not all(re.fullmatch("sha256:[0-9a-f]{64}", text) for text in hashes)
    ]
    assert unbound == []
    text = (PROJECT_ROOT / "Makefile").read_text()
    setup = text.partition("$(READY):")[2].partition("touch")[0]
    installed = [
        line for line in setup.splitlines() if "pip install" in line and "-e ." not in line
    ]
    assert len(installed) == 2
    assert all("--require-hashes" in line for line in installed)


def test_the_lock_holds_every_direct_dependency_within_its_bounds() -> None:
    project = pyproject()
    groups = project["dependency-groups"]
    direct = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["postgres"],
        *(text for group in ("build", "test", "docs") for text in groups[group]),
    ]
    locked = lock()
    for wanted in map(Requirement, direct):
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), wanted


def test_the_lock_holds_all_that_the_product_brings_with_it() -> None:
    product = brought_by("ops-tower")
    assert {"dagster", "streamlit", "grpcio", "authlib", "httpx"} <= product
    assert product <= set(lock())


def test_every_licence_is_permissive_or_was_looked_at() -> None:
    stated = {name: licence(distribution(name)) for name in lock()}
    others = {name: text for name, text in stated.items() if not is_permissive(text)}
    assert others == LOOKED_AT


def test_the_product_brings_no_copyleft_and_no_oracle() -> None:
    product = brought_by("ops-tower")
    assert not product & NOT_IN_THE_PRODUCT
    assert "pm4py" not in lock()
    stated = " ".join(licence(distribution(name)) for name in product - {"text-unidecode"})
    assert not re.search(r"\b[AL]?GPL|General Public", stated)
