"""Topologies of scenarios 2, 3 and the hub, put together from the same paragraphs."""

from __future__ import annotations

HEAD = """
gateway: {region: cn-hangzhou, instance: {name: gateway-1}}
hub:
  name: vpc-1
  existing: true
  cidr: 10.1.0.0/16
  vswitches:
    - {name: vsw-h, zone: cn-hangzhou-h, cidr: 10.1.1.0/24}
    - {name: vsw-i, zone: cn-hangzhou-i, cidr: 10.1.2.0/24}
cen: {name: shared}
"""
NETWORKS = """
networks:
  - name: vpc-3
    region: cn-beijing
    existing: true
    cidr: 10.3.0.0/16
    vswitches:
      - {name: vsw-3-h, zone: cn-beijing-h}
      - {name: vsw-3-g, zone: cn-beijing-g}
bandwidth:
  - {between: [cn-hangzhou, cn-beijing], traffic: {cap_mbps: 10}}
"""
STATIC_SITE = """
  - name: dc-1
    region: cn-hangzhou
    prefixes: [10.200.0.0/16]
    circuits:
      - {circuit: pc-1, vlan: 110, cloud_ip: 10.255.0.1, site_ip: 10.255.0.2}
    health_check: {source_ip: 10.255.1.1}
"""
BGP_SITE = """
  - name: dc-2
    region: cn-hangzhou
    prefixes: [10.210.0.0/16]
    connect: router-interface
    circuits:
      - {circuit: pc-2, vlan: 120, cloud_ip: 10.255.2.1, site_ip: 10.255.2.2}
    routing: bgp
    bgp: {asn: 65010, key_env: DC2_BGP_KEY}
"""
GRANTS = """
grants:
  - {name: orders_backend, address: 10.200.1.10, port: 8080}
"""


def _groups(backend: str) -> str:
    return f"""
groups:
  - name: orders_group
    apis:
      - {{name: orders, path: /orders, auth: anonymous, backend: {backend}}}
verify:
  - {{name: a till asks for orders, api: orders, from: till-1}}
"""


MOCK = _groups("{mock: {body: ok}}")
CLIENTS = f"name: clients\n{HEAD}\nsites:{STATIC_SITE}{MOCK}"
CLIENTS_BGP = f"name: clients-bgp\n{HEAD}\nsites:{BGP_SITE}{MOCK}"
BACKEND = f"name: backend\n{HEAD}\nsites:{STATIC_SITE}{GRANTS}{_groups('{grant: orders_backend}')}"
HUB = f"name: hub\n{HEAD}{NETWORKS}\nsites:{STATIC_SITE}{BGP_SITE}{GRANTS}{_groups('{grant: orders_backend}')}"
ALL = {"on-premises-clients": CLIENTS, "clients-bgp": CLIENTS_BGP, "on-premises-backend": BACKEND, "hub": HUB}
