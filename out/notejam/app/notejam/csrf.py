"""Against forms on other sites: a change is made only by a form that we gave out ourselves."""

import hmac
import secrets

from flask import abort, request, session
from markupsafe import Markup

FIELD = "csrf_token"


def token():
    """The secret of this session, which its forms carry."""
    if FIELD not in session:
        session[FIELD] = secrets.token_urlsafe(32)
    return session[FIELD]


def field():
    """The hidden field that each form has."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def check():
    """Refuses a change that does not carry the session's secret."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    expected = session.get(FIELD, "")
    given = request.form.get(FIELD, "")
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        abort(400, "The form is too old. Load the page again and repeat what you did.")


def install(app):
    app.before_request(check)
    app.jinja_env.globals["csrf_field"] = field
