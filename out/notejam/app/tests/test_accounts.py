import pytest
from sqlalchemy import select

from notejam.database import users

PASSWORD = "correct horse battery"


def test_nobody_sees_anything_without_signing_in(visitor):
    for path in ("/", "/notes/create", "/notes/1", "/pads/create", "/pads/1", "/pads/1/delete"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.location) == (302, "/signin")


def test_signing_up_in_and_out(ann):
    assert "ann@example.com" in ann.get("/").get_data(as_text=True)
    assert ann.send("/signout", page="/").location == "/signin"
    assert ann.get("/").location == "/signin"
    assert ann.send("/signin", email="ANN@example.com ", password=PASSWORD).location == "/"
    assert ann.get("/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password", "reason"),
    [
        ("", PASSWORD, "is needed"),
        ("ann", PASSWORD, "no e-mail address"),
        ("a" * 250 + "@example.com", PASSWORD, "254 characters at most"),
        ("new@example.com", "short", "10 characters at least"),
        ("new@example.com", "x" * 201, "200 characters at most"),
        ("new@example.com", "with\0a character", "cannot be stored"),
        ("Ann@Example.com", PASSWORD, "is an account"),
    ],
)
def test_a_bad_sign_up_says_what_is_wrong(ann, visitor, email, password, reason):
    answer = visitor.sign_up(email, password)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert reason in page
    assert password == "" or f'value="{password}"' not in page


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_look_the_same(ann, visitor, email):
    answer = visitor.send("/signin", email=email, password="not the password")
    assert answer.status_code == 422
    assert "do not belong together" in answer.get_data(as_text=True)


def test_passwords_are_kept_as_salted_hashes(app, ann, bob):
    with app.extensions["database"].begin() as connection:
        kept = connection.execute(select(users.c.password)).scalars().all()
    assert len(set(kept)) == 2
    assert all(each.startswith("scrypt:") and PASSWORD not in each for each in kept)


def test_a_change_without_the_forms_token_is_refused(ann):
    for path in ("/notes/create", "/pads/create", "/signout", "/signin"):
        answer = ann.client.post(path, data={"title": "x", "name": "x"})
        assert answer.status_code == 400, path
        answer = ann.client.post(path, data={"title": "x", "csrf_token": "made up"})
        assert answer.status_code == 400, path
    assert "No notes here" in ann.get("/").get_data(as_text=True)


def test_the_token_of_one_session_does_not_serve_another(ann, bob):
    bob.get("/")
    with bob.client.session_transaction() as session:
        token = session["csrf_token"]
    answer = ann.client.post("/pads/create", data={"name": "x", "csrf_token": token})
    assert answer.status_code == 400


def test_signing_in_starts_another_session(visitor, ann):
    visitor.get("/signin")
    with visitor.client.session_transaction() as session:
        before = session["csrf_token"]
    visitor.send("/signin", email="ann@example.com", password=PASSWORD)
    visitor.get("/")
    with visitor.client.session_transaction() as session:
        assert session["csrf_token"] != before


def test_the_cookie_is_out_of_reach_of_scripts_and_of_plain_http(app, visitor):
    app.config["SESSION_COOKIE_SECURE"] = True
    cookie = visitor.get("/signin").headers["Set-Cookie"]
    for word in ("HttpOnly", "Secure", "SameSite=Lax"):
        assert word in cookie
