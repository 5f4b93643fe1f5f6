"""The repository as a reader finds it: its files, what they say in words, and what they define."""

import ast
import functools
import io
import re
import subprocess
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_NO_WORDS = {".po", ".pot", ".png", ".svg"}


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file that git knows."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file())


def read() -> dict[Path, str]:
    """The text of every file that people write: no catalogs, no pictures, no locked requirements."""
    paths = (it for it in tracked() if it.suffix not in _NO_WORDS and "requirements" not in it.name)
    return {it: it.read_text("utf-8") for it in paths}


def prose(path: Path, text: str) -> str:
    """What a file says to whoever reads it: of Python the comments and docstrings, of others all of it."""
    if path.suffix != ".py":
        return text
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    comments = (it.string.lstrip("# ") for it in tokens if it.type == tokenize.COMMENT)
    expressions = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr))
    strings = (it.value for it in expressions if isinstance(it, ast.Constant) and isinstance(it.value, str))
    # A sentence may run over several lines of comments.
    return "\n\n".join((" ".join(comments), *strings))


@functools.cache
def headings(document: Path) -> tuple[str, ...]:
    return tuple(re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE))


@functools.cache
def defined(module: Path) -> frozenset[str]:
    """Names of a module, and those of its classes behind theirs: `Link`, `Link.embed`."""
    return frozenset(_names(ast.parse(module.read_text("utf-8")).body, ""))


def _names(body: list[ast.stmt], owner: str) -> set[str]:
    names = set()
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(owner + node.name)
            if isinstance(node, ast.ClassDef):
                names |= _names(node.body, f"{owner}{node.name}.")
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            nodes = (it for target in targets for it in ast.walk(target) if isinstance(it, ast.Name))
            names |= {owner + it.id for it in nodes}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {owner + (it.asname or it.name) for it in node.names}
    return names
