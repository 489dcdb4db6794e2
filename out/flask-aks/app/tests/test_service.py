import pytest

from netcalc import create_app

PROXIED = {"X-Forwarded-Prefix": "/flask-app", "X-Forwarded-For": "192.0.2.7"}


def test_probes_answer(client):
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").get_json() == {"status": "ok"}


def test_a_failed_check_takes_the_replica_out_of_service_without_saying_why():
    def broken():
        raise RuntimeError("the host is db-7")

    client = create_app({"READINESS_CHECKS": {"store": broken}}).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "unavailable", "failed": ["store"]}
    assert client.get("/livez").status_code == 200


def test_every_link_of_the_index_answers(client):
    links = client.get("/").get_json()["links"]
    assert client.get(links["network"]).get_json()["addresses"] == 1024
    assert client.get(links["subnets"]).get_json()["total"] == 4
    assert client.post(links["overlaps"], json={"networks": []}).status_code == 200


def test_links_carry_the_prefix_that_a_trusted_gateway_took_off():
    client = create_app({"TRUSTED_PROXIES": 1}).test_client()
    links = client.get("/", headers=PROXIED).get_json()["links"]
    assert all(link.startswith("/flask-app/") for link in links.values())


def test_forwarded_headers_of_a_stranger_are_ignored(client):
    links = client.get("/", headers=PROXIED).get_json()["links"]
    assert all(link.startswith("/api/") for link in links.values())


def test_overlaps_are_reported_as_pairs(client):
    answer = client.post(
        "/api/v1/overlaps",
        json={"networks": ["10.0.0.0/8", "192.168.0.0/24", "10.2.0.0/16"]},
    )
    assert answer.get_json() == {"overlaps": [["10.0.0.0/8", "10.2.0.0/16"]]}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/api/v1/network", None, 405),
        ("GET", "/api/v1/network", None, 400),
        ("GET", "/api/v1/network?cidr=10.0.0.1/24", None, 400),
        ("GET", "/api/v1/subnets?cidr=10.0.0.0/24&prefix=two", None, 400),
        ("GET", "/api/v1/subnets?cidr=10.0.0.0/24&prefix=8", None, 400),
        ("GET", "/api/v1/subnets?cidr=10.0.0.0/8&prefix=24&limit=100000", None, 400),
        ("POST", "/api/v1/overlaps", "not json", 400),
        ("POST", "/api/v1/overlaps", "[]", 400),
        ("POST", "/api/v1/overlaps", '{"networks": [1]}', 400),
        ("POST", "/api/v1/overlaps", " " * (64 * 1024 + 1), 413),
    ],
)
def test_mistakes_are_answered_with_problem_details(client, method, path, body, status):
    answer = client.open(path, method=method, data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == status


def test_a_crash_is_a_json_500_that_leaks_nothing():
    app = create_app()

    @app.get("/crash")
    def crash():
        raise RuntimeError("the host is db-7")

    answer = app.test_client().get("/crash")
    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert "db-7" not in answer.get_data(as_text=True)
