import os
import re

import pytest
from sqlalchemy import text

from notejam import create_app, database, schema


@pytest.fixture
def url(tmp_path):
    """An empty database: a file, or the PostgreSQL that TEST_DATABASE_URL names (it is emptied)."""
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        return f"sqlite:///{tmp_path}/notes.db"
    engine = database.connect(given)
    with engine.begin() as connection:
        for table in ("notes", "pads", "users", "schema_version"):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    return given


@pytest.fixture
def app(url):
    app = create_app(
        {"TESTING": True, "SECRET_KEY": "tests", "DATABASE_URL": url, "SESSION_COOKIE_SECURE": False}
    )
    schema.migrate(app.extensions["database"])
    yield app
    app.extensions["database"].dispose()


class Browser:
    """A client that fills in forms as a person does: it takes the hidden field from the page."""

    def __init__(self, app):
        self.client = app.test_client()

    def get(self, path):
        return self.client.get(path)

    def send(self, path, page=None, **fields):
        html = self.client.get(page or path).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', html)
        if found:
            fields["csrf_token"] = found[1]
        return self.client.post(path, data=fields)

    def sign_up(self, email, password="correct horse battery"):
        return self.send("/signup", email=email, password=password)

    def note(self, **fields):
        answer = self.send("/notes/create", **fields)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return answer.location

    def pad(self, name):
        answer = self.send("/pads/create", name=name)
        assert answer.status_code == 302
        return answer.location


@pytest.fixture
def visitor(app):
    return Browser(app)


@pytest.fixture
def ann(app):
    browser = Browser(app)
    assert browser.sign_up("ann@example.com").status_code == 302
    return browser


@pytest.fixture
def bob(app):
    browser = Browser(app)
    assert browser.sign_up("bob@example.com").status_code == 302
    return browser
