import pytest

from netcalc import networks


def test_describe_names_the_ends_of_the_range():
    described = networks.describe(networks.parse("10.0.0.0/22"))
    assert (described["first"], described["last"]) == ("10.0.0.0", "10.0.3.255")
    assert described["addresses"] == 1024


@pytest.mark.parametrize("text", ["10.0.0.1", "10.0.0.1/24", "10.0.0.0/33", "nonsense/8", ""])
def test_bad_networks_are_refused(text):
    with pytest.raises(ValueError, match="."):
        networks.parse(text)


def test_subnets_are_counted_but_never_all_built():
    total, parts = networks.subnets(networks.parse("::/0"), 128, limit=2)
    assert total == 2**128
    assert parts == ["::/128", "::1/128"]


def test_overlaps_ignore_other_address_families():
    given = [networks.parse(text) for text in ("10.0.0.0/8", "10.1.0.0/16", "::/0")]
    assert networks.overlaps(given) == [["10.0.0.0/8", "10.1.0.0/16"]]
