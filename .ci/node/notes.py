"""Writes a note into notejam, or looks whether it is still there: notes.py write|read URL

The browser that it plays sends cookies back over plain HTTP too, which the Service speaks inside a cluster.
"""

import http.client
import re
import sys
from urllib.parse import urlencode, urlsplit

NOTE = "It must outlive its pod"
PERSON = {"email": "a@example.com", "password": "correct horse battery"}


class Browser:
    def __init__(self, url):
        self.address, self.cookies = urlsplit(url), {}

    def ask(self, method, path, fields=None):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port or 80, timeout=10)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        connection.close()
        return response.status, text

    def send(self, path, **fields):
        page = self.ask("GET", path)[1]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        status, text = self.ask("POST", path, {**fields, "csrf_token": token[1]})
        if status != 302:
            sys.exit(f"{path} answered {status}: {text[:2000]}")


def main():
    what, url = sys.argv[1:]
    browser = Browser(url)
    if what == "write":
        browser.send("/signup", **PERSON)
        browser.send("/signin", **PERSON)
        browser.send("/notes/create", title=NOTE, text="kept")
    else:
        browser.send("/signin", **PERSON)
    status, page = browser.ask("GET", "/")
    if status != 200 or NOTE not in page:
        sys.exit(f"the note is not there: {status} {page[:2000]}")


main()
