"""Who somebody is: signing up, in and out."""

import functools
import re
import threading

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from . import database
from .database import users
from .forms import Form

blueprint = Blueprint("accounts", __name__)

# Enough to catch a slip of the hand; whether the address exists, only a mail could tell.
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200

# A hash takes 32 MiB for a moment. One at a time in each worker keeps a rush of sign-ins from
# taking the container beyond its memory limit.
_hashing = threading.Lock()


def _hash(password):
    with _hashing:
        return generate_password_hash(password)


def _matches(hashed, password):
    with _hashing:
        return check_password_hash(hashed, password)


@functools.cache
def _nobody():
    """A hash for addresses that have no account, so that they take as long to be refused."""
    return _hash("nobody has this password")


@blueprint.before_app_request
def load_user():
    g.user = None
    number = session.get("user_id")
    if number is None:
        return
    with database.transaction() as connection:
        found = select(users.c.id, users.c.email).where(users.c.id == number)
        g.user = connection.execute(found).one_or_none()
    if g.user is None:
        session.clear()


def needed(view):
    """Lets only those in who have signed in."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        if g.user is None:
            return redirect(url_for("accounts.sign_in"))
        return view(*args, **kwargs)

    return guarded


def _begin(number):
    # What the visitor had before must not outlive the change of identity.
    session.clear()
    session.permanent = True
    session["user_id"] = number


@blueprint.route("/signup", methods=["GET", "POST"])
def sign_up():
    form = Form()
    if request.method != "POST":
        return render_template("accounts/signup.html", form=form)
    email = form.text("email", "The e-mail address", 254).lower()
    password = form.text("password", "The password", LONGEST_PASSWORD, strip=False)
    if "email" not in form.errors and not EMAIL.fullmatch(email):
        form.reject("email", "That is no e-mail address.")
    if "password" not in form.errors and len(password) < SHORTEST_PASSWORD:
        form.reject("password", f"The password needs {SHORTEST_PASSWORD} characters at least.")
    if form:
        user = {"email": email, "password": _hash(password), "created_at": database.now()}
        try:
            with database.transaction() as connection:
                made = connection.execute(insert(users).values(user).returning(users.c.id))
                number = made.scalar_one()
        except IntegrityError:
            form.reject("email", "There is an account with this address.")
        else:
            _begin(number)
            flash("Welcome. This is where your notes will be.")
            return redirect(url_for("notes.index"))
    return render_template("accounts/signup.html", form=form), 422


@blueprint.route("/signin", methods=["GET", "POST"])
def sign_in():
    form = Form()
    if request.method != "POST":
        return render_template("accounts/signin.html", form=form)
    email = form.text("email", "The e-mail address", 254).lower()
    password = form.text("password", "The password", LONGEST_PASSWORD, strip=False)
    if form:
        with database.transaction() as connection:
            found = select(users.c.id, users.c.password).where(users.c.email == email)
            user = connection.execute(found).one_or_none()
        right = _matches(user.password if user else _nobody(), password)
        if user and right:
            _begin(user.id)
            return redirect(url_for("notes.index"))
        form.reject("password", "Address and password do not belong together.")
    return render_template("accounts/signin.html", form=form), 422


@blueprint.post("/signout")
def sign_out():
    session.clear()
    return redirect(url_for("accounts.sign_in"))
