"""Uses notejam in a real browser, as people and as those who mean them harm: notejam_pages.py URL RESOLVE TRUST [FOLDER]

With a folder, pictures of some pages are put there.
"""

import json
import sys
import uuid
from pathlib import Path
from urllib.parse import quote

from chromium import Chromium, PageFault

PASSWORD = "correct horse battery"
# Somebody else's text must never become part of the page.
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"> & 'quotes'"


class Visit:
    def __init__(self, browser, url, folder):
        self.browser, self.url, self.folder = browser, url, folder

    def picture(self, name):
        if self.folder:
            self.browser.picture(self.folder / f"{name}.png")

    def enter(self, page, email, password):
        self.browser.go(f"{self.url}/{page}")
        self.browser.type("email", email)
        self.browser.type("password", password)
        self.browser.leaving(self.browser.enter)

    def sign_up(self, email):
        browser = self.browser
        browser.go(f"{self.url}/")
        if browser.path() != "/signin":
            raise PageFault(f"a stranger is led to {browser.path()}")
        self.enter("signup", email, "short")
        browser.sees("The password needs 10 characters at least.")
        self.enter("signup", email, PASSWORD)
        browser.sees("Welcome.")
        browser.sees(email)
        kept = [each for each in browser.ask("Network.getCookies")["cookies"] if each["name"] == "session"]
        if not kept or not (kept[0]["secure"] and kept[0]["httpOnly"] and kept[0].get("sameSite") == "Lax"):
            raise PageFault(f"the session's cookie is not kept from others: {kept}")

    def write(self):
        browser = self.browser
        browser.click("New pad")
        browser.type("name", "Winter")
        browser.click("Keep")
        browser.click("New note")
        browser.type("title", "Ski wax")
        browser.type("text", "Blue below -6 °C.\n" + HOSTILE)
        browser.click("Keep")
        browser.sees("Winter")
        browser.sees(HOSTILE)
        if "taken" in browser.script("document.title"):
            raise PageFault("the text of a note ran as a script")
        note = browser.path()
        browser.click("Edit")
        browser.type("title", "Ski wax, and where it is")
        browser.type("text", "Blue below -6 °C. Second drawer.")
        browser.click("Keep")
        browser.sees("Second drawer.")
        browser.sees_not("onerror")
        self.picture("notejam-note")
        for title in ("Packing list", "Call the cabin"):
            browser.go(f"{self.url}/notes/create")
            browser.type("title", title)
            browser.type("text", "Soon.")
            browser.click("Keep")
        browser.go(f"{self.url}/")
        for title in ("Ski wax, and where it is", "Packing list", "Call the cabin"):
            browser.sees(title)
        self.picture("notejam")
        return note

    def delete(self, note):
        browser = self.browser
        browser.go(self.url + note)
        browser.click("Delete")
        browser.click("Delete")
        browser.sees_not("Ski wax")
        browser.go(self.url + note)
        if browser.status() != 404:
            raise PageFault(f"a deleted note answers {browser.status()}")
        browser.go(f"{self.url}/")
        browser.click("Winter")
        browser.click("Delete")
        browser.click("Delete")
        browser.sees_not("Winter")

    def leave_and_return(self, email):
        browser = self.browser
        browser.click("Sign out")
        browser.go(f"{self.url}/")
        if browser.path() != "/signin":
            raise PageFault("signing out leaves one signed in")
        self.enter("signin", email, "wrong horse battery")
        browser.sees("Address and password do not belong together.")
        if browser.status() != 422:
            raise PageFault(f"a wrong password is answered with {browser.status()}")
        self.enter("signin", email, PASSWORD)
        browser.sees("Packing list")

    def forged(self):
        """A form without the session's secret, and one on a page of somebody else, change nothing."""
        browser = self.browser
        browser.go(f"{self.url}/notes/create")
        browser.type("title", "forged here")
        browser.type("text", "x")
        browser.script("document.querySelectorAll('[name=csrf_token]').forEach(each => each.value = 'guessed')")
        browser.click("Keep")
        if browser.status() != 400:
            raise PageFault(f"a form without the session's secret is answered with {browser.status()}")
        form = (
            f'<form method="post" action="{self.url}/notes/create"><input name="title" value="forged elsewhere">'
            '<input name="text" value="x"><button>Win</button></form>'
        )
        browser.go(f"data:text/html,{quote(form)}")
        browser.click("Win")
        if browser.status() not in (400, 401, 403):
            raise PageFault(f"a form on another site is answered with {browser.status()}")
        browser.go(f"{self.url}/")
        browser.sees("Packing list")
        browser.sees_not("forged")

    def stranger(self, note):
        """Somebody else with an account sees none of it."""
        self.browser.click("Sign out")
        self.sign_up(f"other-{uuid.uuid4().hex[:12]}@example.com")
        self.browser.sees_not("Packing list")
        self.browser.go(self.url + note)
        if self.browser.status() != 404:
            raise PageFault(f"somebody else's note answers {self.browser.status()}")


def main():
    url, resolve, trust, *folder = sys.argv[1:]
    email = "anna@example.com" if folder else f"a-{uuid.uuid4().hex[:12]}@example.com"
    with Chromium(resolve, trust) as browser:
        visit = Visit(browser, url, Path(folder[0]) if folder else None)
        try:
            visit.sign_up(email)
            note = visit.write()
            visit.leave_and_return(email)
            visit.forged()
            visit.stranger(note)
            visit.leave_and_return(email)
            visit.delete(note)
        except PageFault as fault:
            sys.exit(str(fault))
        if complaints := browser.complaints():
            sys.exit(f"the browser complains: {json.dumps(complaints)[:2000]}")


main()
