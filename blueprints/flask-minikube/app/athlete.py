"""Tells its favorite athlete to whoever asks with GET.

What is said is decided by plain functions, which the tests call without a server; Flask only carries
it. The service keeps no state, so any worker of any replica can answer any request.
"""

import os

from flask import Flask, Response, request

ONLY_GET = "Only GET method valid"
# HEAD is a GET whose body is not sent; every server has to know both.
ALLOWED = ("GET", "HEAD")


def favorite(environment=os.environ):
    """The whole answer: one key."""
    return {"favorite_athlete": environment.get("FAVORITE_ATHLETE") or "Eliud Kipchoge"}


def refusal(method):
    """Why a request with that method is not answered; None when it is."""
    return None if method in ALLOWED else ONLY_GET


def create_app():
    app = Flask(__name__, static_folder=None)

    # Before any route is looked for, so that no path answers another method.
    @app.before_request
    def only_get():
        reason = refusal(request.method)
        if reason:
            headers = {"Allow": ", ".join(ALLOWED)}
            return Response(reason, status=405, headers=headers, mimetype="text/plain")
        return None

    app.add_url_rule("/", view_func=favorite)

    @app.get("/livez")
    def livez():
        """The process can answer at all; looks at nothing else."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz():
        """Requests may be sent here. There is nothing that this service would have to wait for."""
        return {"status": "ok"}

    return app
