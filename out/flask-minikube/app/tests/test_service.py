"""The same through Flask, still without a server."""

import pytest

from athlete import create_app, favorite


@pytest.fixture
def client():
    return create_app().test_client()


def test_get_answers_json(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.get_json() == favorite()
    assert client.head("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/livez", "/nowhere"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_every_other_method_is_refused_everywhere(client, method, path):
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.get_data(as_text=True)) == (405, "Only GET method valid")
    assert answer.headers["Allow"] == "GET, HEAD"


def test_probes_answer(client):
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_other_paths_are_not_found(client):
    assert client.get("/nowhere").status_code == 404
