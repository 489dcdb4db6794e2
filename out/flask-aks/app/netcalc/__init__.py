"""Answers questions about IP networks as JSON.

The service keeps no state, so any worker of any replica can answer any request.
"""

import logging
import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import api, errors, health

log = logging.getLogger(__name__)


def create_app(config=None):
    """Builds the application; `config` overrides what the environment says."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        # The largest body that a client may send, in bytes.
        MAX_CONTENT_LENGTH=64 * 1024,
        # How many proxies stand between a client and this process. Each of them must
        # set the X-Forwarded-* headers itself; with 0 the headers are ignored, because
        # then anybody could have sent them.
        TRUSTED_PROXIES=int(os.environ.get("TRUSTED_PROXIES", "0")),
        # Name -> callable that raises when something the service needs is missing.
        READINESS_CHECKS={},
    )
    app.config.update(config or {})
    app.json.sort_keys = False

    errors.install(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(api.blueprint)

    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        # x_prefix is the path that a gateway took off before it passed the request on
        # (/flask-app): with it url_for builds links that work from outside.
        app.wsgi_app = ProxyFix(
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0, x_prefix=proxies
        )
    log.info("ready to serve", extra={"trusted_proxies": proxies})
    return app
