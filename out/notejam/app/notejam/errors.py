"""What a person sees when something cannot be done."""

import logging

from flask import render_template
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)


def install(app):
    @app.errorhandler(HTTPException)
    def refused(error):
        # A redirect to the same address with a slash is an exception, too.
        if error.code is not None and error.code < 400:
            return error
        return render_template("error.html", title=error.name, reason=error.description), error.code

    @app.errorhandler(OperationalError)
    @app.errorhandler(TimeoutError)
    def unavailable(error):
        log.error("the database does not answer", extra={"error": type(error).__name__})
        reason = "Your notes cannot be reached right now. Try again in a minute."
        answer = render_template("error.html", title="Service unavailable", reason=reason)
        return answer, 503, {"Retry-After": "30"}
