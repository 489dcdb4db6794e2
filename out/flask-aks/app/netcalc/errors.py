"""Every error leaves as JSON, in the form of RFC 9457 (problem details)."""

from flask import json
from werkzeug.exceptions import HTTPException


def install(app):
    app.register_error_handler(HTTPException, problem)


def problem(error):
    # Unhandled exceptions arrive here as InternalServerError, after Flask logged them;
    # its description is a fixed sentence, so nothing of the exception leaks.
    if error.code is None or error.code < 400:
        return error
    response = error.get_response()
    response.data = json.dumps(
        {
            "type": "about:blank",
            "title": error.name,
            "status": error.code,
            "detail": error.description,
        }
    )
    response.content_type = "application/problem+json"
    return response
