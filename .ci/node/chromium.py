"""A headless Chromium, driven as a person would: it clicks and types where an element is on the page.

It is spoken to over two pipes in the DevTools protocol, so nothing listens anywhere.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from fcntl import F_DUPFD, fcntl
from pathlib import Path

PROGRAM = "chromium-headless-shell"
PATIENCE = 20


class PageFault(Exception):
    """The page is not as it has to be."""


class Chromium:
    """One browser with one page. `resolve` maps names to addresses, `trust` is the digest of a server's key."""

    def __init__(self, resolve="", trust="", size=(880, 520)):
        if not shutil.which(PROGRAM):
            raise PageFault(f"{PROGRAM} is missing: run .ci/install")
        self.home = Path(tempfile.mkdtemp(prefix="gen-chromium-"))
        self.number, self.events, self.buffer, self.session = 0, [], b"", None
        words = [PROGRAM, "--no-sandbox", "--remote-debugging-pipe", f"--user-data-dir={self.home}"]
        words += [f"--window-size={size[0]},{size[1]}", "--hide-scrollbars", "--disable-gpu", "--disable-dev-shm-usage"]
        words += [f"--host-resolver-rules={resolve}"] if resolve else []
        words += [f"--ignore-certificate-errors-spki-list={trust}"] if trust else []
        self.start([*words, "about:blank"])
        pages = [each for each in self.ask("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        self.session = self.ask("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def start(self, words):
        """The browser reads from its descriptor 3 and writes to its descriptor 4."""
        asked, self.write = os.pipe()
        self.read, told = os.pipe()
        high = [fcntl(descriptor, F_DUPFD, 10) for descriptor in (asked, told)]
        command = ["bash", "-c", f'exec 3<&{high[0]} 4>&{high[1]} "$@"', "bash", *words]
        self.log = (self.home / "log").open("w")
        self.process = subprocess.Popen(command, pass_fds=high, stdout=self.log, stderr=self.log)
        for descriptor in (asked, told, *high):
            os.close(descriptor)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.write)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.read)
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            if not select.select([self.read], [], [], max(0, deadline - time.monotonic()))[0]:
                raise PageFault("the browser does not answer")
            read = os.read(self.read, 1 << 16)
            if not read:
                raise PageFault(f"the browser ended: {(self.home / 'log').read_text()[-1000:]}")
            self.buffer += read
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def ask(self, method, **parameters):
        """One command of the protocol, and what comes back; events on the way are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while (answer := self.receive(deadline)).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            raise PageFault(f"{method}: {answer['error']}")
        return answer["result"]

    def script(self, text):
        """What an expression gives on the page."""
        done = self.ask("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise PageFault(f"{text}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def until(self, what, holds):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if found := holds():
                    return found
            except PageFault:
                pass  # between two pages there is none
            time.sleep(0.05)
        raise PageFault(f"waited for {what} on {self.script('location.href')}: {self.text()[:600]}")

    def leaving(self, change):
        """Does what leads to another page, and waits until that one is there."""
        self.script("window.left = true")
        change()
        self.until("another page", lambda: self.script("!window.left && document.readyState == 'complete'"))

    def go(self, address):
        def change():
            done = self.ask("Page.navigate", url=address)
            if "errorText" in done:
                raise PageFault(f"{address}: {done['errorText']}")

        self.leaving(change)

    def text(self):
        return self.script("document.body.innerText") or ""

    def path(self):
        return self.script("location.pathname")

    def sees(self, wanted):
        if wanted not in self.text():
            raise PageFault(f"{self.path()} does not show {wanted!r}: {self.text()[:600]}")

    def sees_not(self, unwanted):
        if unwanted in self.text():
            raise PageFault(f"{self.path()} shows {unwanted!r}")

    def element(self, words):
        """The middle of the one link, button or field that says these words, or has this name."""
        found = self.script(
            "[...document.querySelectorAll('a, button, input:not([type=hidden]), textarea, select')].filter(each =>"
            f" each.innerText?.trim() == {json.dumps(words)} || each.name == {json.dumps(words)}).map(each => {{"
            " each.scrollIntoView({ block: 'center' }); const box = each.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2] })"
        )
        if len(found) != 1:
            raise PageFault(f"{self.path()} has {len(found)} elements {words!r}: {self.text()[:600]}")
        return found[0]

    def press(self, words):
        x, y = self.element(words)
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def click(self, words):
        """Follows a link, or sends the form of a button."""
        self.leaving(lambda: self.press(words))

    def type(self, name, text):
        """Into a field, in place of what it held."""
        self.press(name)
        self.script("document.activeElement.select()")
        self.ask("Input.insertText", text=text)

    def enter(self):
        """The key of that name, in the field that was typed into last."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **key)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **key)

    def status(self):
        """That of the last page that was loaded."""
        loaded = [
            each["params"]["response"]["status"]
            for each in self.events
            if each.get("method") == "Network.responseReceived" and each["params"]["type"] == "Document"
        ]
        return loaded[-1]

    def complaints(self):
        """What went wrong on the pages so far: exceptions, and what the browser refused."""
        found = [each["params"] for each in self.events if each.get("method") == "Runtime.exceptionThrown"]
        entries = [each["params"]["entry"] for each in self.events if each.get("method") == "Log.entryAdded"]
        # That a page answered 4xx is told here too; whether it may is asked elsewhere.
        return found + [each for each in entries if each["level"] == "error" and each["source"] != "network"]

    def picture(self, path, whole=False):
        options = {"format": "png", "optimizeForSpeed": False}
        if whole:
            box = self.script(
                "(({ width, height }) => ({ width, height }))(document.querySelector('#picture').getBoundingClientRect())"
            )
            scale = min(1, 1400 / box["width"])
            options |= {"clip": {"x": 0, "y": 0, **box, "scale": scale}, "captureBeyondViewport": True}
        Path(path).write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", **options)["data"]))
