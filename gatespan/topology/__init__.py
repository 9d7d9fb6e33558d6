"""What a user writes: the topology file's models, loading with line numbers, offline rules, JSON Schema."""

from gatespan.topology.apis import (
    Api,
    App,
    Backend,
    Call,
    Expect,
    Function,
    Grant,
    GrantBackend,
    Group,
    HttpBackend,
    MockBackend,
)
from gatespan.topology.dump import dump
from gatespan.topology.errors import Problem, TopologyErrors
from gatespan.topology.load import Loaded, load, loads
from gatespan.topology.models import Topology
from gatespan.topology.networks import (
    Bandwidth,
    Cen,
    Create,
    Gateway,
    Hub,
    InstanceRef,
    Network,
    Plan,
    Traffic,
    Vpc,
    VSwitch,
)
from gatespan.topology.schema import json_schema
from gatespan.topology.sites import Bgp, Circuit, HealthCheck, Site

__all__ = [
    "Api",
    "App",
    "Backend",
    "Bandwidth",
    "Bgp",
    "Call",
    "Cen",
    "Circuit",
    "Create",
    "Expect",
    "Function",
    "Gateway",
    "Grant",
    "GrantBackend",
    "Group",
    "HealthCheck",
    "HttpBackend",
    "Hub",
    "InstanceRef",
    "Loaded",
    "MockBackend",
    "Network",
    "Plan",
    "Problem",
    "Site",
    "Topology",
    "TopologyErrors",
    "Traffic",
    "VSwitch",
    "Vpc",
    "dump",
    "json_schema",
    "load",
    "loads",
]
