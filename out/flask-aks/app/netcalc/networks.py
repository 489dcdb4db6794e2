"""Arithmetic on IP networks. Knows nothing of HTTP; raises ValueError on bad input."""

import ipaddress

MAX_SUBNETS = 256
MAX_NETWORKS = 256


def parse(text):
    """Reads `10.0.0.0/24`; refuses set host bits, which are usually a slip."""
    if "/" not in text:
        raise ValueError(f"{text!r} has no prefix length: write it as 10.0.0.0/24")
    return ipaddress.ip_network(text)


def describe(network):
    return {
        "network": str(network),
        "version": network.version,
        "prefix": network.prefixlen,
        "netmask": str(network.netmask),
        "first": str(network[0]),
        "last": str(network[-1]),
        "addresses": network.num_addresses,
        "private": network.is_private,
    }


def subnets(network, prefix, limit=MAX_SUBNETS):
    """The first `limit` subnets of length `prefix`, and how many there are in all."""
    if not network.prefixlen <= prefix <= network.max_prefixlen:
        raise ValueError(f"prefix must be between {network.prefixlen} and {network.max_prefixlen}")
    if not 1 <= limit <= MAX_SUBNETS:
        raise ValueError(f"limit must be between 1 and {MAX_SUBNETS}")
    total = 2 ** (prefix - network.prefixlen)
    parts = network.subnets(new_prefix=prefix)
    return total, [str(part) for part, _ in zip(parts, range(limit), strict=False)]


def overlaps(networks):
    """Every pair of networks that share an address, in the order given."""
    if len(networks) > MAX_NETWORKS:
        raise ValueError(f"at most {MAX_NETWORKS} networks can be compared at once")
    return [
        [str(one), str(other)]
        for index, one in enumerate(networks)
        for other in networks[index + 1 :]
        if one.version == other.version and one.overlaps(other)
    ]
