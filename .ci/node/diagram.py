"""Draws the mermaid diagrams of a Markdown file in a real browser: diagram.py MERMAID MARKDOWN PICTURE

The picture is that of the first one.
"""

import json
import re
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

if __package__:
    from .chromium import Chromium, PageFault
else:
    from chromium import Chromium, PageFault

PAGE = """<!doctype html><meta charset="utf-8"><style>body { margin: 0 } #picture { padding: 12px; width: fit-content }</style>
<div id="picture"></div><script src="SCRIPT"></script>
<script>mermaid.initialize({ startOnLoad: false, securityLevel: "strict", flowchart: { useMaxWidth: false } })</script>"""
DRAW = "mermaid.render('drawn', TEXT).then(({ svg }) => { document.querySelector('#picture').innerHTML = svg; return '' }, fault => fault.message)"


def blocks(text):
    return re.findall(r"(?ms)^```mermaid\n(.*?)^```$", text)


@contextmanager
def canvas(script):
    with tempfile.TemporaryDirectory(prefix="gen-diagram-") as folder, Chromium(size=(1400, 900)) as browser:
        page = Path(folder, "page.html")
        page.write_text(PAGE.replace("SCRIPT", Path(script).as_uri()))
        browser.go(page.as_uri())
        yield browser


def draw(browser, text):
    """Draws one; says what is wrong with it, and gives the words that can be read on it."""
    if fault := browser.script(DRAW.replace("TEXT", json.dumps(text))):
        raise PageFault(" ".join(fault.split()))
    return browser.script("document.querySelector('#picture').innerText")


def main():
    script, markdown, picture = sys.argv[1:]
    with canvas(script) as browser:
        try:
            draw(browser, blocks(Path(markdown).read_text())[0])
            browser.picture(picture, whole=True)
        except PageFault as fault:
            sys.exit(str(fault))


if __name__ == "__main__":
    main()
