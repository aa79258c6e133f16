"""The house rules that a linter does not know: sizes, docstrings, forbidden reads, owned names."""

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "projections", "streams", "adapters")
GENERATED = ROOT / "adapters" / "proto" / "v1"
MODULES = sorted(
    path
    for folder in (*PACKAGES, "tests")
    for path in (ROOT / folder).rglob("*.py")
    if path.parent != GENERATED
)
SOURCES = [path for path in MODULES if path.relative_to(ROOT).parts[0] in PACKAGES]

# Who may read a clock, make an id or read the environment: the adapters whose work that is.
CLOCK_OWNERS = {
    "adapters/clock.py",
    "adapters/settings.py",
    "adapters/telemetry",
    "adapters/embedded",
    "adapters/cli",
}
FORBIDDEN = {
    ("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"),
    ("uuid", "uuid4"), ("uuid", "uuid1"), ("os", "environ"), ("os", "getenv"),
    ("secrets", "token_hex"), ("random", "random"),
}  # fmt: skip


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400, "a module has at most 400 lines"
    tree = ast.parse(text)
    assert ast.get_docstring(tree) or path.name == "py.typed", "a module begins with its purpose"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines, at most 60 are allowed"


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name == "__init__.py"], ids=_name
)
def test_a_package_file_holds_a_docstring_alone(path: Path) -> None:
    assert len(ast.parse(path.read_text(encoding="utf-8")).body) == 1


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_clocks_ids_and_environment_are_read_by_their_owners(path: Path) -> None:
    if any(_name(path).startswith(owner) for owner in CLOCK_OWNERS):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = (node.value.id, node.attr)
            assert used not in FORBIDDEN, f"line {node.lineno} reads {'.'.join(used)}"
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                used = (node.module or "", alias.name)
                assert used not in FORBIDDEN, f"line {node.lineno} imports {'.'.join(used)}"


# ports.py declares the clock's seconds; nothing else in the domain is measured in floats.
EXACT = [path for path in SOURCES if _name(path).startswith("domain/") and path.stem != "ports"]


@pytest.mark.parametrize("path", EXACT, ids=_name)
def test_the_domain_knows_no_float(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id == "float")


def test_no_dependency_owns_our_names() -> None:
    owners = importlib.metadata.packages_distributions()
    for package in PACKAGES:
        assert set(owners.get(package, ["patriot"])) == {"patriot"}


def test_generated_code_is_what_the_contracts_generate(tmp_path: Path) -> None:
    protos = sorted(path.relative_to(ROOT) for path in GENERATED.glob("*.proto"))
    out = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "-I", ".", *out, *map(str, protos)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    made = {path.name: path.read_text() for path in (tmp_path / "adapters/proto/v1").iterdir()}
    kept = {
        path.name: path.read_text()
        for path in GENERATED.iterdir()
        if path.suffix in {".py", ".pyi"} and path.name != "__init__.py"
    }
    assert made.keys() == kept.keys(), "run make proto"
    assert [name for name in made if made[name] != kept[name]] == [], "run make proto"


@pytest.mark.parametrize("store", ["eventlog", "readmodel"])
def test_migrations_are_numbered_without_a_gap_and_without_a_twin(store: str) -> None:
    names = sorted(file.name for file in (ROOT / "infra" / "migrations" / store).glob("*.sql"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1)), names
