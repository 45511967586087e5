"""The house rules that no linter knows: ceilings, nevers, and documents in step with the code."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "policies", "gateway", "registry", "orchestration")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def name(path):
    return str(path.relative_to(ROOT))


def lines(path):
    return path.read_text(encoding="utf-8").count("\n")


def functions():
    for path, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(path)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_files_stay_small():
    assert [name(path) for path in SOURCES if lines(path) > 400] == []
    assert median(lines(path) for path in SOURCES if lines(path) > 1) <= 130
    assert [name(path) for path in TESTS if lines(path) > 600] == []


def test_functions_stay_small():
    assert [place for place, length in functions() if length > 60] == []
    assert median(length for _, length in functions()) <= 10


def test_no_room_is_a_drawer():
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    assert [name(path) for path in SOURCES if path.stem in drawers] == []


def test_alembic_does_not_shadow_the_library():
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_module_says_what_it_is_for():
    assert [name(path) for path, tree in MODULES.items() if not ast.get_docstring(tree)] == []


def test_only_settings_read_the_environment():
    readers = [
        name(path)
        for path in SOURCES
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
        and path.name != "settings.py"
    ]
    assert readers == []


def test_nothing_is_built_at_import():
    """Engines, clients and settings are made by composition roots, inside functions."""
    makers = {"create_engine", "FastAPI", "Settings", "getLogger", "ClientSession", "Client"}
    built = [
        f"{name(path)}:{node.lineno} {call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id}"
        for path, tree in MODULES.items()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and (
            (isinstance(call.func, ast.Name) and call.func.id in makers)
            or (isinstance(call.func, ast.Attribute) and call.func.attr in makers)
        )
    ]
    assert built == []


def test_no_unfinished_marks_or_bare_suppressions():
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b")
    bare = re.compile(r"# type: ignore(?!\[)|# noqa(?!:)|pytest\.mark\.(skip|xfail)|pytest\.skip")
    unexplained = re.compile(r"# (type: ignore\[[^]]+\]|noqa: [A-Z0-9, ]+?)\s*$", re.MULTILINE)
    guilty = [
        f"{name(path)}: {match.group()}"
        for path in [*SOURCES, *TESTS]
        if path != Path(__file__)
        for pattern in (marks, bare, unexplained)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_layers_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_generated_documents_are_in_step():
    done = subprocess.run(
        [sys.executable, "deploy/docs.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_carry_only_a_docstring(package):
    """`import registry` must not drag in the server, nor `import gateway` the data path."""
    assert len(MODULES[ROOT / package / "__init__.py"].body) == 1


def test_every_dependency_is_explained():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    wanted = [*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]
    names = {re.split(r"[\[<>=~! ]", requirement)[0] for requirement in wanted}
    assert sorted(name for name in names if f"`{name.lower()}`" not in explained) == []
