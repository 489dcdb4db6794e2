import os
import subprocess
import sys
import threading

import pytest

from notejam import create_app, database, schema

PROXIED = {"X-Forwarded-Prefix": "/notes", "X-Forwarded-For": "192.0.2.7"}


def settings(url, **more):
    return {"TESTING": True, "SECRET_KEY": "tests", "DATABASE_URL": url, **more}


def test_probes_answer(app):
    client = app.test_client()
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").get_json() == {"status": "ok"}


def test_without_tables_it_lives_and_is_not_ready(url):
    client = create_app(settings(url)).test_client()
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["failed"]) == (503, ["database"])


def test_without_a_database_it_lives_is_not_ready_and_says_so_politely(tmp_path):
    client = create_app(settings(f"sqlite:///{tmp_path}/none/notes.db")).test_client()
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503
    with client.session_transaction() as session:
        session["user_id"] = 1
    answer = client.get("/")
    assert answer.status_code == 503
    assert "Try again" in answer.get_data(as_text=True)
    assert str(tmp_path) not in answer.get_data(as_text=True)


def test_an_older_schema_is_not_ready(app, monkeypatch):
    monkeypatch.setattr(schema, "VERSIONS", [*schema.VERSIONS, ["SELECT 1"]])
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["failed"]) == (503, ["schema"])


def test_the_schema_is_made_once_whoever_comes_first(url):
    def work():
        engine = database.connect(url)
        steps.append(schema.migrate(engine))
        engine.dispose()

    steps = []
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(steps) == [0, 0, 0, len(schema.VERSIONS)]


def test_a_step_that_fails_leaves_nothing_behind(app, monkeypatch):
    engine = app.extensions["database"]
    broken = [*schema.VERSIONS, ["CREATE TABLE half (id INTEGER)", "CREATE NONSENSE"]]
    monkeypatch.setattr(schema, "VERSIONS", broken)
    with pytest.raises(Exception, match="NONSENSE"):
        schema.migrate(engine)
    monkeypatch.setattr(schema, "VERSIONS", [*broken[:-1], ["CREATE TABLE half (id INTEGER)"]])
    assert schema.migrate(engine) == 1
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE half")


def test_the_schema_is_a_command(url):
    command = [sys.executable, "-m", "notejam.schema"]
    for steps in (len(schema.VERSIONS), 0):
        done = subprocess.run(
            command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=True
        )
        assert f"{steps} step(s) taken" in done.stdout
    without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(command, env=without, capture_output=True, text=True)
    assert done.returncode == 1 and "DATABASE_URL is not set" in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
def test_it_does_not_start_without_what_it_needs(url, name):
    with pytest.raises(RuntimeError, match=name):
        create_app(settings(url, **{name: ""}))


def test_links_lead_through_the_proxy_that_took_the_prefix_off(url):
    app = create_app(settings(url, TRUSTED_PROXIES=1))
    answer = app.test_client().get("/", headers=PROXIED)
    assert answer.location == "/notes/signin"


def test_headers_of_proxies_that_are_not_trusted_are_ignored(app):
    assert app.test_client().get("/", headers=PROXIED).location == "/signin"


def test_pages_that_do_not_exist_are_pages_too(app):
    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
