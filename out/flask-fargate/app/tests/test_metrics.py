import metrics
from hello import create_app
from prometheus_client import REGISTRY


def test_requests_are_counted_by_route_and_never_by_address():
    app = create_app()
    metrics.install(app)
    app.test_client().get("/made/up/by/a/visitor")
    labels = {"method": "GET", "route": "unmatched", "status": "404"}
    assert REGISTRY.get_sample_value("http_requests_total", labels) >= 1
