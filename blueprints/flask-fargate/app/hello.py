"""Greets whoever asks. Keeps no state, so any worker of any task can answer any request."""

import os

from flask import Flask, Response


def greeting(environment=os.environ):
    return environment.get("GREETING") or "Hello World"


def create_app():
    app = Flask(__name__, static_folder=None)

    @app.get("/")
    def index():
        return Response(greeting(), mimetype="text/plain")

    @app.get("/livez")
    def livez():
        """The process can answer at all; looks at nothing else."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz():
        """Requests may be sent here. There is nothing that this service would have to wait for."""
        return {"status": "ok"}

    return app
