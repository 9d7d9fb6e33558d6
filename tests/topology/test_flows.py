"""Right topologies with data centres and grants: the flow that builds each, and what the models answer about them."""

from __future__ import annotations

import pytest

from gatespan.topology import Topology, dump, loads

HEAD = """
name: flows
gateway: {region: cn-hangzhou, instance: {name: gateway-1}}
hub:
  name: vpc-1
  existing: true
  cidr: 10.1.0.0/16
  vswitches: [{name: vsw-1-h, zone: cn-hangzhou-h}, {name: vsw-1-i, zone: cn-hangzhou-i}]
"""
CEN = "cen: {name: flows-cen}\n"
BASIC = "cen: {id: cen-1, edition: basic}\n"
NETWORK = """
networks:
  - name: vpc-3
    region: cn-beijing
    existing: true
    cidr: 10.3.0.0/16
    vswitches: [{name: vsw-3-h, zone: cn-beijing-h}, {name: vsw-3-g, zone: cn-beijing-g}]
bandwidth:
  - {between: [cn-hangzhou, cn-beijing], plan: {id: cenbwp-4c2zaavbvh5fx0000, mbps: 2, months: 12}}
"""
SITES = "sites:"
STATIC = """
  - name: dc-1
    region: cn-hangzhou
    prefixes: [10.200.0.0/16, 203.0.113.0/24]
    circuits:
      - {circuit: pc-1, vlan: 110, cloud_ip: 10.255.0.1, site_ip: 10.255.0.2, bandwidth_mbps: 200}
      - {circuit: pc-2, vbr: vbr-partner, vlan: 110, cloud_ip: 10.255.1.1, site_ip: 10.255.1.14, mask: 28}
    health_check: {}
"""
SPEAKER = """
  - name: dc-2
    region: cn-hangzhou
    prefixes: [10.201.0.0/16]
    routing: bgp
    bgp: {asn: 65010, key_env: DC2_BGP_KEY}
    circuits: [{circuit: pc-2, vlan: 120, cloud_ip: 169.254.7.1, site_ip: 169.254.7.2, bfd: true}]
    health_check: {source_ip: 10.255.254.2, threshold: 3}
"""
CLASSIC = """
  - name: dc-3
    region: cn-shanghai
    prefixes: [10.202.0.0/16]
    connect: router-interface
    routing: bgp
    bgp: {asn: 65020, announce: [10.1.0.0/16]}
    circuits: [{circuit: pc-3, vlan: 0, cloud_ip: 10.255.3.1, site_ip: 10.255.3.2}]
    health_check: {source_ip: 10.1.1.250}
"""
GRANTS = """
grants:
  - {name: orders_backend, address: 10.200.1.10, port: 8080, host: orders.corp.example}
  - {name: orders_admin, address: 10.200.1.10, port: 8081}
  - {name: hub_backend, address: 10.1.7.7, port: 443}
  - {name: prices_backend, instance: lb-bp1prices000000000001, port: 8080}
groups:
  - name: orders_group
    apis:
      - {name: short_form, path: /a, auth: anonymous, backend: {grant: orders_backend}}
      - {name: long_form, path: /b, auth: anonymous, backend: {grant: {name: hub_backend, scheme: https}}}
"""
ALL_SITES = SITES + STATIC + SPEAKER + CLASSIC
FILES = {
    "nothing joined": (HEAD + CEN, "cross-region"),
    "a network, with a plan that exists": (HEAD + CEN + NETWORK, "cross-region"),
    "a site with static routes and two circuits": (HEAD + CEN + SITES + STATIC, "on-premises-clients"),
    "a site with BGP": (HEAD + CEN + SITES + SPEAKER, "on-premises-clients"),
    "a site of another region without the CEN": (HEAD + CEN + SITES + CLASSIC, "on-premises-clients"),
    "back-ends in a site": (HEAD + CEN + SITES + STATIC + GRANTS, "on-premises-backend"),
    "a network and sites": (HEAD + CEN + NETWORK + ALL_SITES, "hub"),
    "back-ends in the hub alone": (HEAD + CEN + GRANTS.replace("10.200.", "10.1."), "hub"),
    "everything": (HEAD + CEN + NETWORK + ALL_SITES + GRANTS, "hub"),
    "everything, on the Basic edition": (HEAD + BASIC + NETWORK + ALL_SITES + GRANTS, "hub"),
}


def topology(name: str) -> Topology:
    return loads(FILES[name][0], name=name).topology


@pytest.mark.parametrize("name", FILES)
def test_each_mix_has_its_flow(name: str) -> None:
    assert topology(name).flow == FILES[name][1]


@pytest.mark.parametrize("name", FILES)
def test_what_is_dumped_loads_again(name: str) -> None:
    assert loads(dump(topology(name))).topology == topology(name)


def test_the_cen_joins_the_regions_of_networks_and_of_its_own_sites() -> None:
    everything = topology("everything")
    assert [site.name for site in everything.cen_sites] == ["dc-1", "dc-2"]
    assert everything.regions == ("cn-hangzhou", "cn-beijing")
    assert topology("a site of another region without the CEN").regions == ()


def test_look_ups_and_what_the_cloud_is_told() -> None:
    everything = topology("everything")
    assert [circuit.netmask for circuit in everything.site("dc-1").circuits] == ["255.255.255.252", "255.255.255.240"]
    assert everything.grant("orders_admin").port == 8081
    named = [api.backend.grant for _, api in everything.apis]
    assert [(one.name, one.scheme) for one in named if one] == [("orders_backend", "http"), ("hub_backend", "https")]
    with pytest.raises(KeyError):
        everything.grant("prices")
