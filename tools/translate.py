"""Bring ``ui/translations/*.ts`` up to date with the words in ``ui``.

    python -m tools.translate            all that are there
    python -m tools.translate fr         begin another

What is new is marked ``unfinished`` until somebody translates it (with any editor, or Qt Linguist),
what is gone is dropped. PyQt6's own pylupdate6 does the same but writes line numbers too, so that
every edit of ``ui`` would change every translation; this reads the code by its syntax, and knows
two forms: ``self.tr("...")``, whose context is the class around it (or the file's name), and
``QCoreApplication.translate("Context", "...")`` with the helper ``_tr`` of a module that wraps it.
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
UI = ROOT / "ui"

Source = tuple[str, str]
"""(context, text)."""


def sources(folder: Path) -> list[Source]:
    """Every string of a package that goes through translation, in order, each once."""
    found: dict[Source, None] = {}
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        helper = _helper_context(tree)
        for context, text in _calls(tree, path.stem, helper):
            found[context, text] = None
    return list(found)


def update(path: Path, wanted: Sequence[Source]) -> tuple[int, int]:
    """Rewrite a .ts file for these strings, keeping what is translated.

    A string that came into another class is translated as it was, if it was so everywhere.

    Returns:
        (strings, those not translated yet).
    """
    known: dict[Source, str] = {}
    if path.exists():
        for context in ElementTree.parse(path).getroot().iter("context"):
            for message in context.iter("message"):
                done = message.find("translation")
                if done is not None and done.get("type") is None and done.text:
                    key = (context.findtext("name", ""), message.findtext("source", ""))
                    known[key] = done.text
    moved: dict[str, set[str]] = {}
    for (_, text), translated in known.items():
        moved.setdefault(text, set()).add(translated)
    root = ElementTree.Element("TS", version="2.1", language=path.stem, sourcelanguage="en")
    for name in sorted({context for context, _ in wanted}):
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = name
        for text in sorted(text for found, text in wanted if found == name):
            message = ElementTree.SubElement(context, "message")
            ElementTree.SubElement(message, "source").text = text
            translation = ElementTree.SubElement(message, "translation")
            if (name, text) not in known and len(moved.get(text, ())) == 1:
                known[name, text] = next(iter(moved[text]))
            if (name, text) in known:
                translation.text = known[name, text]
            else:
                translation.set("type", "unfinished")
    ElementTree.indent(root, " ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ElementTree.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
    return len(wanted), sum(key not in known for key in wanted)


def _calls(node: ast.AST, context: str, helper: str) -> Iterator[Source]:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.ClassDef) else context
        if isinstance(child, ast.Call):
            function = child.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            texts = [a.value for a in child.args if isinstance(a, ast.Constant)]
            if name == "tr" and texts and isinstance(texts[0], str):
                yield inside, texts[0]
            elif name == "translate" and len(texts) >= 2:
                yield str(texts[0]), str(texts[1])
            elif isinstance(function, ast.Name) and function.id == "_tr" and texts:
                yield helper, str(texts[0])
        yield from _calls(child, inside, helper)


def _helper_context(tree: ast.Module) -> str:
    """The context in a module's ``def _tr``."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "_tr":
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and call.args:
                    first = call.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        return first.value
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Update the files; 1 if something is not translated yet."""
    parser = argparse.ArgumentParser(prog="python -m tools.translate", description=__doc__)
    parser.add_argument("language", nargs="*", help="begin a translation, such as fr")
    args = parser.parse_args(argv)
    folder = UI / "translations"
    folder.mkdir(exist_ok=True)
    paths = {*folder.glob("*.ts"), *(folder / f"{name}.ts" for name in args.language)}
    wanted, left = sources(UI), 0
    for path in sorted(paths):
        total, missing = update(path, wanted)
        left += missing
        print(f"{path.relative_to(ROOT)}: {total} strings, {missing} not translated")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
