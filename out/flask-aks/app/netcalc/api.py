"""The JSON interface."""

from flask import Blueprint, abort, request, url_for

from . import networks

blueprint = Blueprint("api", __name__)


@blueprint.get("/")
def index():
    """What there is, as links that work wherever the service is mounted."""
    return {
        "service": "netcalc",
        "links": {
            "network": url_for(".network", cidr="10.0.0.0/22"),
            "subnets": url_for(".subnets", cidr="10.0.0.0/22", prefix=24),
            "overlaps": url_for(".overlaps"),
        },
    }


@blueprint.get("/api/v1/network")
def network():
    return networks.describe(checked(networks.parse, argument("cidr")))


@blueprint.get("/api/v1/subnets")
def subnets():
    parent = checked(networks.parse, argument("cidr"))
    prefix = checked(int, argument("prefix"))
    limit = checked(int, request.args.get("limit", networks.MAX_SUBNETS))
    total, parts = checked(networks.subnets, parent, prefix, limit)
    return {"network": str(parent), "total": total, "subnets": parts}


@blueprint.post("/api/v1/overlaps")
def overlaps():
    body = request.get_json()
    given = body.get("networks") if isinstance(body, dict) else None
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        abort(400, description='send {"networks": ["10.0.0.0/24", ...]}')
    pairs = checked(networks.overlaps, [checked(networks.parse, item) for item in given])
    return {"overlaps": pairs}


def argument(name):
    value = request.args.get(name)
    if not value:
        abort(400, description=f"the query parameter `{name}` is missing")
    return value


def checked(function, *arguments):
    """Calls `function`; its ValueError is the client's mistake, not ours."""
    try:
        return function(*arguments)
    except ValueError as error:
        abort(400, description=str(error))
