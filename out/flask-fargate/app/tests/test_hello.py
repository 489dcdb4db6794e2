import pytest

from hello import create_app, greeting


@pytest.fixture
def client():
    return create_app().test_client()


def test_it_greets_the_world():
    assert greeting({}) == greeting({"GREETING": ""}) == "Hello World"


def test_the_environment_words_the_greeting():
    assert greeting({"GREETING": "Moin"}) == "Moin"


def test_whoever_asks_is_greeted(client):
    answer = client.get("/")
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "Hello World")
    assert answer.mimetype == "text/plain"


def test_a_greeting_is_text_and_never_markup(client, monkeypatch):
    monkeypatch.setenv("GREETING", "<b>hi</b>")
    answer = client.get("/")
    assert answer.get_data(as_text=True) == "<b>hi</b>"
    assert answer.mimetype == "text/plain"


def test_probes_answer(client):
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("POST", "/", 405)])
def test_anything_else_is_refused(client, method, path, status):
    assert client.open(path, method=method).status_code == status
