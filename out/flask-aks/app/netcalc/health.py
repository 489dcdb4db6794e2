"""The endpoints that Kubernetes probes.

/livez says that the process can answer at all and looks at nothing else: a failing
liveness probe restarts the container, which repairs no database. /readyz says whether
requests may be sent here now.
"""

import logging

from flask import Blueprint, current_app

blueprint = Blueprint("health", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/livez")
def livez():
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz():
    failed = []
    for name, check in current_app.config["READINESS_CHECKS"].items():
        try:
            check()
        except Exception:
            # The reason goes to the log only: this answer may be public.
            log.exception("readiness check failed", extra={"check": name})
            failed.append(name)
    if failed:
        return {"status": "unavailable", "failed": failed}, 503
    return {"status": "ok"}
