"""API Gateway, the traditional product (CloudAPI 2016-07-14): its control plane.

Importing the action modules makes ``service`` complete.
"""

from __future__ import annotations

from gatespan.emulator.services.cloudapi import (
    apis,
    apps,
    authorities,
    backends,
    client_vpc,
    connectivity,
    groups,
    instances,
    publishing,
    tags,
    vpc_access_tasks,
    vpc_accesses,
)
from gatespan.emulator.services.cloudapi.service import service

__all__ = [
    "apis",
    "apps",
    "authorities",
    "backends",
    "client_vpc",
    "connectivity",
    "groups",
    "instances",
    "publishing",
    "service",
    "tags",
    "vpc_access_tasks",
    "vpc_accesses",
]
