"""Counts and times requests for Prometheus.

With METRICS_PORT in the environment gunicorn_config.py serves the sums of all workers on that
port; without it the counting costs next to nothing and nobody sees it.
"""

import time

from flask import g, request
from prometheus_client import Counter, Histogram

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

REQUESTS = Counter("http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("http_request_duration_seconds", "Time to an answer.", ["method", "route"])


def install(app):
    """Measures every request of a Flask application."""

    @app.before_request
    def begin():
        g.begun = time.perf_counter()

    @app.after_request
    def end(response):
        # The rule, not the address: whoever asks must not be able to make up label values.
        route = request.url_rule.rule if request.url_rule else "unmatched"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        if "begun" in g:
            SECONDS.labels(method, route).observe(time.perf_counter() - g.begun)
        return response
