import metrics
from prometheus_client import REGISTRY


def test_requests_are_counted_by_route_and_never_by_address(app):
    metrics.install(app)
    client = app.test_client()
    client.get("/notes/17")
    client.get("/made/up/by/a/visitor")
    client.open("/", method="BREW")
    names = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"])
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "http_requests_total"
    }
    assert ("GET", "/notes/<int(max=9223372036854775807):note_id>", "302") in names
    assert ("GET", "unmatched", "404") in names
    assert ("other", "unmatched", "400") in names
