"""Notes in pads, each seen by the person who wrote it and by nobody else.

Everything that lasts is in the database, so any worker of any replica can answer any request.
"""

import logging
import os
from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import accounts, csrf, database, errors, health, notes, pads

log = logging.getLogger(__name__)


def create_app(config=None):
    """Builds the application; `config` overrides what the environment says."""
    app = Flask(__name__)
    app.config.update(
        # Signs the session cookie. Whoever knows it can be anybody.
        SECRET_KEY=os.environ.get("SECRET_KEY"),
        # sqlite:////data/notejam.db or postgresql://user:password@host/name
        DATABASE_URL=os.environ.get("DATABASE_URL"),
        # The largest body that a client may send, in bytes.
        MAX_CONTENT_LENGTH=256 * 1024,
        # The browser sends the cookie over HTTPS only, unless somebody says that there is none.
        SESSION_COOKIE_SECURE=os.environ.get("PLAIN_HTTP") != "1",
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        # How many proxies stand between a client and this process. Each of them must
        # set the X-Forwarded-* headers itself; with 0 the headers are ignored, because
        # then anybody could have sent them.
        TRUSTED_PROXIES=int(os.environ.get("TRUSTED_PROXIES", "0")),
    )
    app.config.update(config or {})
    for name in ("SECRET_KEY", "DATABASE_URL"):
        if not app.config[name]:
            raise RuntimeError(f"{name} is not set")

    database.install(app)
    csrf.install(app)
    errors.install(app)
    for module in (health, accounts, notes, pads):
        app.register_blueprint(module.blueprint)

    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        # x_prefix is the path that a gateway took off before it passed the request on:
        # with it url_for builds links that work from outside.
        app.wsgi_app = ProxyFix(
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0, x_prefix=proxies
        )
    log.info("ready to serve", extra={"trusted_proxies": proxies})
    return app
