"""Draws the diagrams of the runbook as the page that shows it does: mermaid in a browser."""

import hashlib
import re

from node.chromium import PageFault
from node.diagram import blocks, canvas, draw

from .case import CACHE, CannotJudge, remembered

SCRIPT = CACHE / "mermaid" / "mermaid.min.js"


def judge(case):
    for path in case.tree.files("README.md"):
        text = (case.tree.root / path).read_text()
        found = blocks(text)
        if not found:
            case.report(path, 0, "has no diagram of what runs where")
            continue
        key = hashlib.sha256("\0".join(found).encode()).hexdigest()
        remembered(case, "diagram", key, lambda path=path, found=found: drawn(case, path, found))


def drawn(case, path, found):
    if not SCRIPT.is_file():
        raise CannotJudge("mermaid is not installed: run .ci/install")
    with canvas(SCRIPT) as browser:
        for text in found:
            case.saw()
            try:
                words = draw(browser, text)
            except PageFault as fault:
                case.report(path, 0, f"a diagram cannot be drawn: {fault}")
                continue
            # A name in brackets that is not on the picture was taken for something else.
            for label in re.findall(r"\w[\[({]{1,2}([^\[\](){}]+)[\])}]{1,2}", text):
                if label not in words:
                    case.report(path, 0, f"a diagram does not show `{label}`")
