"""From a world file to objects, made by the services' own actions."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gatespan.emulator.clock import Clock
from gatespan.emulator.errors import CloudError
from gatespan.emulator.models import AccessKey, Account, Machine
from gatespan.emulator.regions import Region
from gatespan.emulator.seed import express
from gatespan.emulator.seed.format import (
    EDITIONS,
    AccountEntry,
    CenEntry,
    CircuitEntry,
    FunctionEntry,
    GatewayEntry,
    MachineEntry,
    RegionEntry,
    SeedError,
    SiteEntry,
    VbrEntry,
    VpcEntry,
    WorldFile,
)
from gatespan.emulator.seed.ground import Ground
from gatespan.emulator.service import Service
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc.models import Vpc, VSwitch
from gatespan.emulator.services.vpc.rules import free_ip
from gatespan.emulator.sites import SiteError, check_processes
from gatespan.emulator.world import Thing


def plant(world_file: WorldFile, services: Iterable[Service], clock: Clock) -> tuple[Thing, ...]:
    """The objects of the world. Raises SeedError when the cloud refuses one of them."""
    return _Planter(world_file, services, clock).run()


class _Planter(Ground):
    def run(self) -> tuple[Thing, ...]:
        plans: tuple[tuple[str, Iterable[Any], Callable[[Any], None]], ...] = (
            ("regions", self.file.regions, self._region),
            ("accounts", self.file.accounts, self._account),
            ("vpcs", self.file.vpcs, self._vpc),
            ("gateways", self.file.gateways, self._gateway),
            ("functions", self.file.functions, self._function),
            ("sites", self.file.sites, self._site),
            ("circuits", self.file.circuits, self._circuit),
            ("vbrs", self.file.vbrs, self._vbr),
            ("cens", self.file.cens, self._cen),
            ("machines", self.file.machines, self._machine),
            ("sites", self.file.sites, self._furnish),
        )
        for section, entries, make in plans:
            for i, entry in enumerate(entries):
                where = f"{self.file.file}: {section}[{i}] ({getattr(entry, 'name', '') or entry.id})"
                try:
                    with self.world.transaction():
                        make(entry)
                except CloudError as refusal:
                    raise SeedError(f"{where}: {refusal.code}: {refusal.message}") from None
                except (SeedError, SiteError) as error:
                    raise SeedError(f"{where}: {error}") from None
                if self.ids.given:
                    raise SeedError(f"{where}: {self.ids.given!r} is not an id of this kind of object")
        return tuple(thing for thing in self.world if not thing.KIND.startswith("_"))

    def _region(self, entry: RegionEntry) -> None:
        self.world.put(Region(id=entry.id, zones=entry.zones))

    def _account(self, entry: AccountEntry) -> None:
        if not (entry.id.isdigit() and len(entry.id) == 16):
            raise SeedError("an account id has 16 digits")
        now = self.kernel.clock.now()
        self.world.put(Account(id=entry.id, account=entry.id, name=entry.name, created=now))
        for key in entry.keys:
            if self.world.get(AccessKey, key.id):
                raise SeedError(f"the key id {key.id!r} is taken")
            self.world.put(AccessKey(id=key.id, account=entry.id, secret=key.secret, active=key.active, created=now))
        if entry.transit_router_service:
            self.ask("cbn", "OpenTransitRouterService", entry.id, "cn-hangzhou", {})

    def _vpc(self, entry: VpcEntry) -> None:
        self.check_region(entry.region)
        account = self.owner(entry.account)
        asked = {"RegionId": entry.region, "VpcName": entry.name, "CidrBlock": entry.cidr}
        vpc = self.ask("vpc", "CreateVpc", account, entry.region, asked, entry.id)["VpcId"]
        for vswitch in entry.vswitches:
            asked = {"RegionId": entry.region, "VpcId": vpc, "VSwitchName": vswitch.name}
            asked |= {"ZoneId": vswitch.zone, "CidrBlock": vswitch.cidr}
            self.ask("vpc", "CreateVSwitch", account, entry.region, asked, vswitch.id)

    def _gateway(self, entry: GatewayEntry) -> None:
        self.check_region(entry.region)
        account = self.owner(entry.account)
        asked = {"InstanceName": entry.name, "InstanceSpec": entry.spec, "ChargeType": "PostPaid"}
        offered = self.ask("cloudapi", "DescribeZones", account, entry.region, {})["Zones"]["Zone"]
        asked |= {"Token": entry.name, "ZoneId": entry.zone or offered[-1]["ZoneId"]}
        id = self.ask("cloudapi", "CreateInstance", account, entry.region, asked, entry.id)["InstanceId"]
        if entry.vpc:
            vpc = self.named(Vpc, entry.vpc, account)
            bound = {"InstanceId": id, "VpcId": vpc.id, "Token": f"{entry.name}/bind"}
            if entry.vswitch:
                bound["VswitchId"] = self.named(VSwitch, entry.vswitch, account, vpc_id=vpc.id).id
            self.ask("cloudapi", "ModifyInstanceVpcAttributeForConsole", account, entry.region, bound)
        assert self.world.get(GatewayInstance, id) is not None

    def _function(self, entry: FunctionEntry) -> None:
        self.check_region(entry.region)
        body = {
            "functionName": entry.name,
            "runtime": "custom.debian10",
            "handler": "index.handler",
            "code": {"zipFile": base64.b64encode(_archive(self.source(entry.source))).decode()},
            "customRuntimeConfig": {"command": list(entry.command), "port": entry.port},
        }
        self.ask("fc", "CreateFunction", self.owner(entry.account), entry.region, {}, body=body)

    def _site(self, entry: SiteEntry) -> None:
        express.put_site(self, entry)

    def _furnish(self, entry: SiteEntry) -> None:
        express.furnish_site(self, entry)

    def _circuit(self, entry: CircuitEntry) -> None:
        self.check_region(entry.region)
        express.build_circuit(self, entry)

    def _vbr(self, entry: VbrEntry) -> None:
        express.make_vbr(self, entry)

    def _cen(self, entry: CenEntry) -> None:
        account = self.owner(entry.account)
        if entry.edition not in EDITIONS or (entry.attached and entry.edition != "basic"):
            raise SeedError(f"edition: one of {', '.join(EDITIONS)}; `attached` is for basic")
        cen = self.ask("cbn", "CreateCen", account, "cn-hangzhou", {"Name": entry.name}, entry.id)["CenId"]
        for name in entry.attached:
            vpc = self.named(Vpc, name, account)
            child = {"ChildInstanceId": vpc.id, "ChildInstanceType": "VPC", "ChildInstanceRegionId": vpc.region}
            self.ask("cbn", "AttachCenChildInstance", account, vpc.region, {"CenId": cen, **child})

    def _machine(self, entry: MachineEntry) -> None:
        account = self.owner(entry.account)
        vpc = self.named(Vpc, entry.vpc, account)
        vswitch = self.named(VSwitch, entry.vswitch, account, vpc_id=vpc.id)
        if self.world.first(Machine, name=entry.name):
            raise SeedError("another machine has this name; a seat's name is unique in the world")
        folder = str(self.source(entry.source)) if entry.source else ""
        check_processes(entry.processes, folder, "")
        self.world.put(
            Machine(
                id=entry.id or self.ids.regional("i", vpc.region),
                account=account,
                region=vpc.region,
                created=self.kernel.clock.now(),
                status="Running",
                name=entry.name,
                vpc_id=vpc.id,
                vswitch_id=vswitch.id,
                ip=entry.ip or free_ip(self.world, vswitch),
                hosts=dict(entry.hosts),
                resolves=entry.resolves,
                processes=dict(entry.processes),
                folder=folder,
            )
        )


def _archive(folder: Path) -> bytes:
    """The folder as a zip archive; the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                info = zipfile.ZipInfo(file.relative_to(folder).as_posix())
                info.external_attr = file.stat().st_mode << 16
                archive.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
