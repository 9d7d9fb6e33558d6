"""Who uses a VPC access authorisation, and with which address.

A draft holds the name of its authorisation and is always answered with the address that the name stands for now. A
live copy and the model of a reusable back end hold the address itself, as it was when they were made: they follow a
change only where ModifyVpcAccessAndUpdateApis makes them (SDK). So a name that was removed and given to another
address leaves live APIs that go on calling the old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatespan.emulator.call import Call
from gatespan.emulator.services.cloudapi.errors import not_found
from gatespan.emulator.services.cloudapi.models import Api, BackendModel, DeployedApi, VpcAccess
from gatespan.emulator.world import World

Config = Mapping[str, Any]


def by_name(world: World, account: str, region: str, name: str) -> VpcAccess | None:
    return world.first(VpcAccess, account=account, region=region, name=name)


def by_target(call: Call, vpc_id: str, instance_id: str, port: int | str) -> VpcAccess | None:
    """The caller's authorisation of exactly this VPC, instance and port."""
    found = call.world.find(VpcAccess, account=call.account, region=call.region, vpc_id=vpc_id, instance_id=instance_id)
    return next((access for access in found if str(access.port) == str(port)), None)


def named(call: Call, config: Config) -> VpcAccess:
    """The authorisation that a VpcConfig means: by its Name, by VpcAccessId (models), or in the older form by VpcId,
    InstanceId and Port. Raises NotFoundVpcAccess."""
    id, name = str(config.get("VpcAccessId") or ""), str(config.get("Name") or "")
    if id:
        found = call.mine(VpcAccess, id)
        found = found if found and found.region == call.region else None
    elif name:
        found = by_name(call.world, call.account, call.region, name)
    else:
        found = by_target(call, *(str(config.get(key, "")) for key in ("VpcId", "InstanceId", "Port")))
    if found is None:
        raise not_found("VpcAccess", id or name or str(config.get("InstanceId", "")))
    return found


def address(access: VpcAccess) -> dict[str, Any]:
    """What the authorisation adds to a VpcConfig that names it."""
    return {
        "Name": access.name,
        "VpcId": access.vpc_id,
        "InstanceId": access.instance_id,
        "Port": access.port,
        "VpcTargetHostName": access.host,
    }


def joined(world: World, api: Api) -> dict[str, Any]:
    """The VpcConfig of a draft as it stands now; without an address where the authorisation is gone."""
    config: Config = api.definition["ServiceConfig"]["VpcConfig"]
    access = by_name(world, api.account, api.region, config["Name"])
    return {**config, **(address(access) if access else {})}


def bound(world: World, api: Api) -> dict[str, Any]:
    """The definition of a draft as it goes live: with the address. Raises NotFoundVpcAccess."""
    definition = dict(api.definition)
    service = definition["ServiceConfig"]
    if "VpcConfig" in service:
        config = joined(world, api)
        if "VpcId" not in config:
            raise not_found("VpcAccess", config["Name"])
        definition["ServiceConfig"] = {**service, "VpcConfig": config}
    return definition


def users(world: World, access: VpcAccess) -> list[DeployedApi]:
    """The live APIs that name the authorisation, themselves or through their reusable back end."""
    models = {(model.backend_id, model.stage) for model in models_of(world, access)}
    return [
        live
        for live in world.find(DeployedApi, account=access.account, region=access.region)
        if _names(live.definition["ServiceConfig"], access)
        or (live.definition["BackendEnable"] and (live.definition["BackendId"], live.stage) in models)
    ]


def models_of(world: World, access: VpcAccess) -> list[BackendModel]:
    models = world.find(BackendModel, account=access.account, region=access.region)
    return [model for model in models if _names(model.data, access)]


def follow(world: World, access: VpcAccess, live: DeployedApi) -> None:
    """Give the live copy the address that the authorisation has now."""
    service = live.definition["ServiceConfig"]
    if _names(service, access):
        world.change(live, definition={**live.definition, "ServiceConfig": _pointed(service, access)})


def models_follow(world: World, access: VpcAccess) -> None:
    """Give the models of reusable back ends, and so the live APIs that use them, the address of now."""
    for model in models_of(world, access):
        world.change(model, data=_pointed(model.data, access))


def _pointed(config: Config, access: VpcAccess) -> dict[str, Any]:
    return {**config, "VpcConfig": {**config["VpcConfig"], **address(access)}}


def _names(config: Config, access: VpcAccess) -> bool:
    return "VpcConfig" in config and config["VpcConfig"]["Name"] == access.name
