"""Planning: observe, compare, plan; converge and remove a set of resources."""

from gatespan.planning.engine import Engine, is_temporary
from gatespan.planning.graph import Graph
from gatespan.planning.model import Action, Change, Did, Failed, FieldChange, Outcome, Plan, Progress

__all__ = [
    "Action",
    "Change",
    "Did",
    "Engine",
    "Failed",
    "FieldChange",
    "Graph",
    "Outcome",
    "Plan",
    "Progress",
    "is_temporary",
]
