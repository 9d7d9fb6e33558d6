"""World files: what is there before anybody calls.

A world file (YAML or JSON) names accounts, VPCs, gateway instances, functions, CENs and machines. They are made by the
services' own actions on a cloud of their own, so a world can hold nothing that the cloud itself would refuse, and its
ids repeat with the file's ``seed``. The dataclasses below are the format; unknown keys are errors.
"""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from gatespan.emulator import codec
from gatespan.emulator.clock import Clock
from gatespan.emulator.errors import CloudError
from gatespan.emulator.ids import Ids
from gatespan.emulator.kernel import Incoming, Kernel
from gatespan.emulator.lifecycle import LifeCycle
from gatespan.emulator.models import AccessKey, Account, Machine
from gatespan.emulator.regions import Region, regions
from gatespan.emulator.service import Service
from gatespan.emulator.services.cloudapi.models import GatewayInstance
from gatespan.emulator.services.vpc.models import Vpc, VSwitch
from gatespan.emulator.services.vpc.rules import free_ip
from gatespan.emulator.world import Thing, World

DEFAULT_WORLD = "cross-region"


class SeedError(Exception):
    """A world file cannot become a world: file, path in it, what is wrong."""


# --- the format -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RegionEntry:
    """A region beyond the built-in ones, or other zones for one of them."""

    id: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class KeyEntry:
    id: str
    secret: str
    active: bool = True


@dataclass(frozen=True)
class AccountEntry:
    """``transit_router_service``: opened already."""

    id: str
    name: str = ""
    keys: tuple[KeyEntry, ...] = ()
    transit_router_service: bool = False


@dataclass(frozen=True)
class VSwitchEntry:
    name: str
    zone: str
    cidr: str
    id: str = ""


@dataclass(frozen=True)
class VpcEntry:
    """``account`` is an account id; the first account when empty (as everywhere below)."""

    name: str
    region: str
    cidr: str
    vswitches: tuple[VSwitchEntry, ...] = ()
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class GatewayEntry:
    """A dedicated gateway instance; ``vpc`` (and ``vswitch``): names of what it is bound to, if it is."""

    name: str
    region: str
    spec: str = "api.s1.small"
    zone: str = ""
    vpc: str = ""
    vswitch: str = ""
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class MachineEntry:
    """A seat; ``vpc`` and ``vswitch`` are names; without ``ip`` it takes the vSwitch's first free address."""

    name: str
    vpc: str
    vswitch: str
    ip: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    resolves: bool = True
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class FunctionEntry:
    """A function in a custom runtime; ``source`` is a folder relative to the world file, ``command`` starts it."""

    name: str
    region: str
    source: str
    command: tuple[str, ...]
    port: int = 9000
    account: str = ""


@dataclass(frozen=True)
class CenEntry:
    name: str
    id: str = ""
    account: str = ""


@dataclass(frozen=True)
class WorldFile:
    """``seed`` is the number that ids are minted from. ``folder`` and ``file`` are where the file was read."""

    name: str = "unnamed"
    seed: int = 1
    regions: tuple[RegionEntry, ...] = ()
    accounts: tuple[AccountEntry, ...] = ()
    vpcs: tuple[VpcEntry, ...] = ()
    gateways: tuple[GatewayEntry, ...] = ()
    functions: tuple[FunctionEntry, ...] = ()
    cens: tuple[CenEntry, ...] = ()
    machines: tuple[MachineEntry, ...] = ()
    file: str = "the world"


def read_world(text: str, file: str) -> WorldFile:
    """A world from YAML or JSON text. Raises SeedError that names the file and the path in it."""
    from ruamel.yaml import YAML  # imported here: a start from a data file needs no YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise SeedError(f"{file} is not valid YAML: {error}") from None
    if not isinstance(data, Mapping):
        raise SeedError(f"{file} must hold keys and values (accounts, vpcs, ...), found {type(data).__name__}")
    if "file" in data:
        raise SeedError(f"{file}: file: unknown key")
    try:
        return codec.read(WorldFile, {**data, "file": file})
    except codec.ShapeError as error:
        raise SeedError(f"{file}: {error}") from None


def load_world(source: str | Path) -> WorldFile:
    """A world by path, or one of the packaged worlds by name (``cross-region``, ``empty``)."""
    packaged = files("gatespan.emulator") / "worlds" / f"{source}.yaml"
    try:
        if isinstance(source, str) and "/" not in source and packaged.is_file():
            return read_world(packaged.read_text("utf-8"), f"{source} (packaged world)")
        return read_world(Path(source).read_text("utf-8"), str(source))
    except UnicodeDecodeError:
        raise SeedError(f"{source} is not UTF-8 text") from None
    except OSError as error:
        known = ", ".join(packaged_worlds())
        raise SeedError(f"{source} cannot be read: {error.strerror}. Packaged worlds: {known}") from None


def packaged_worlds() -> list[str]:
    folder = files("gatespan.emulator") / "worlds"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


# --- from the file to objects -----------------------------------------------------------------------------


def plant(world_file: WorldFile, services: Iterable[Service], clock: Clock) -> tuple[Thing, ...]:
    """The objects of the world. Raises SeedError when the cloud refuses one of them."""
    return _Planter(world_file, services, clock).run()


class _GivenIds(Ids):
    """Mints as ever, except that an id which the file gives is handed out to the one who asks for its prefix."""

    given = ""

    def regional(self, prefix: str, region: str) -> str:
        return self._take(prefix) or super().regional(prefix, region)

    def plain(self, prefix: str, length: int = 18) -> str:
        return self._take(prefix) or super().plain(prefix, length)

    def _take(self, prefix: str) -> str:
        if not self.given.startswith(prefix + "-"):
            return ""
        taken, self.given = self.given, ""
        return taken


class _Planter:
    def __init__(self, world_file: WorldFile, services: Iterable[Service], clock: Clock) -> None:
        self.file = world_file
        self.world = World()
        self.ids = _GivenIds(random.Random(f"{world_file.seed}"))
        self.kernel = Kernel(self.world, clock, LifeCycle(self.world, clock), self.ids, services)
        self.kernel.keep_rates = False
        self.products = {s.product.lower(): s for s in self.kernel.services.values()}

    def run(self) -> tuple[Thing, ...]:
        plans: tuple[tuple[str, Iterable[Any], Callable[[Any], None]], ...] = (
            ("regions", self.file.regions, self._region),
            ("accounts", self.file.accounts, self._account),
            ("vpcs", self.file.vpcs, self._vpc),
            ("gateways", self.file.gateways, self._gateway),
            ("functions", self.file.functions, self._function),
            ("cens", self.file.cens, self._cen),
            ("machines", self.file.machines, self._machine),
        )
        for section, entries, make in plans:
            for i, entry in enumerate(entries):
                where = f"{self.file.file}: {section}[{i}] ({getattr(entry, 'name', '') or entry.id})"
                try:
                    with self.world.transaction():
                        make(entry)
                except CloudError as refusal:
                    raise SeedError(f"{where}: {refusal.code}: {refusal.message}") from None
                except SeedError as error:
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
            self._ask("cbn", "OpenTransitRouterService", entry.id, "cn-hangzhou", {})

    def _vpc(self, entry: VpcEntry) -> None:
        self._check_region(entry.region)
        account = self._owner(entry.account)
        asked = {"RegionId": entry.region, "VpcName": entry.name, "CidrBlock": entry.cidr}
        vpc = self._ask("vpc", "CreateVpc", account, entry.region, asked, entry.id)["VpcId"]
        for vswitch in entry.vswitches:
            asked = {"RegionId": entry.region, "VpcId": vpc, "VSwitchName": vswitch.name}
            asked |= {"ZoneId": vswitch.zone, "CidrBlock": vswitch.cidr}
            self._ask("vpc", "CreateVSwitch", account, entry.region, asked, vswitch.id)

    def _gateway(self, entry: GatewayEntry) -> None:
        self._check_region(entry.region)
        account = self._owner(entry.account)
        asked = {"InstanceName": entry.name, "InstanceSpec": entry.spec, "ChargeType": "PostPaid"}
        offered = self._ask("cloudapi", "DescribeZones", account, entry.region, {})["Zones"]["Zone"]
        asked |= {"Token": entry.name, "ZoneId": entry.zone or offered[-1]["ZoneId"]}
        id = self._ask("cloudapi", "CreateInstance", account, entry.region, asked, entry.id)["InstanceId"]
        if entry.vpc:
            vpc = self._named(Vpc, entry.vpc, account)
            bound = {"InstanceId": id, "VpcId": vpc.id, "Token": f"{entry.name}/bind"}
            if entry.vswitch:
                bound["VswitchId"] = self._named(VSwitch, entry.vswitch, account, vpc_id=vpc.id).id
            self._ask("cloudapi", "ModifyInstanceVpcAttributeForConsole", account, entry.region, bound)
        assert self.world.get(GatewayInstance, id) is not None

    def _function(self, entry: FunctionEntry) -> None:
        self._check_region(entry.region)
        folder = Path(self.file.file).parent / entry.source
        if not folder.is_dir():
            raise SeedError(f"source: {folder} is not a folder")
        body = {
            "functionName": entry.name,
            "runtime": "custom.debian10",
            "handler": "index.handler",
            "code": {"zipFile": base64.b64encode(_archive(folder)).decode()},
            "customRuntimeConfig": {"command": list(entry.command), "port": entry.port},
        }
        self._ask("fc", "CreateFunction", self._owner(entry.account), entry.region, {}, body=body)

    def _cen(self, entry: CenEntry) -> None:
        self._ask("cbn", "CreateCen", self._owner(entry.account), "cn-hangzhou", {"Name": entry.name}, entry.id)

    def _machine(self, entry: MachineEntry) -> None:
        account = self._owner(entry.account)
        vpc = self._named(Vpc, entry.vpc, account)
        vswitch = self._named(VSwitch, entry.vswitch, account, vpc_id=vpc.id)
        if self.world.first(Machine, name=entry.name):
            raise SeedError("another machine has this name; a seat's name is unique in the world")
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
            )
        )

    def _ask(
        self,
        product: str,
        action: str,
        account: str,
        region: str,
        flat: Mapping[str, str],
        id: str = "",
        *,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Call an action of the cloud; what it makes gets the id, if one is given."""
        self.ids.given = id
        incoming = Incoming(action=action, flat=flat, account=account, region=region, body=body)
        answer = self.kernel.invoke(self.products[product], incoming, "seed").body
        assert isinstance(answer, dict)
        return answer

    def _owner(self, account: str) -> str:
        if account and self.world.get(Account, account) is None:
            raise SeedError(f"account: there is no account {account}")
        if not self.file.accounts:
            raise SeedError("a world with objects needs an account: add one under accounts")
        return account or self.file.accounts[0].id

    def _check_region(self, region: str) -> None:
        known = regions(self.world)
        if region not in known:
            raise SeedError(f"region: {region!r} is unknown; known: {', '.join(known)} (add others under regions)")

    def _named(self, cls: type[Any], name: str, account: str, **equal: str) -> Any:
        found = self.world.find(cls, name=name, account=account, **equal)
        if len(found) != 1:
            raise SeedError(f"{cls.KIND}: {len(found) or 'no'} objects are named {name!r}, one is needed")
        return found[0]


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
