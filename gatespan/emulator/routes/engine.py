"""The route engine: what the tables of one snapshot hold, the way of a packet through them, and who lost a conflict."""

from __future__ import annotations

from gatespan.emulator.routes.model import Conflict, Origin, TrRoute, VpcRoute, Walk
from gatespan.emulator.routes.snapshot import Border, Network, Snapshot
from gatespan.emulator.routes.tables import Tables
from gatespan.emulator.routes.walking import Packet


class Engine:
    """Answers about one snapshot; tables are worked out when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._tables = Tables(snapshot)

    @property
    def tr_tables(self) -> dict[str, tuple[TrRoute, ...]]:
        """The routes of every transit-router table by table id."""
        return self._tables.of_routers

    def vpc_table(self, network: Network, table_id: str) -> tuple[VpcRoute, ...]:
        """The routes of one table of the VPC: System, Custom, then CEN."""
        return self._tables.of_network(network, table_id)

    def border_table(self, border: Border) -> tuple[VpcRoute, ...]:
        """The routes of the border router's table: Custom, BGP, then CEN."""
        return self._tables.of_border(border)

    def walk(
        self,
        origin: Origin,
        source_ip: str,
        destination_ip: str,
        port: int = 0,
        answers: tuple[str, str] | None = None,
    ) -> Walk:
        """The way of a packet in this direction only.

        ``answers``: network (or site) and address of who sent the packet that this one answers.
        """
        return Packet(self._tables, source_ip, destination_ip, port, answers).go(origin)

    def trip(self, origin: Origin, source_ip: str, destination_ip: str, port: int = 0) -> tuple[Walk, Walk]:
        """There, and from where that arrived back; the way back is not tried when the way there fails."""
        there = self.walk(origin, source_ip, destination_ip, port)
        if not there.arrived:
            return there, Walk(False, "not_tried", ())
        back = Origin(there.site_id or there.vpc_id, there.vswitch_id)
        return there, self.walk(back, destination_ip, source_ip, 0, (origin.network, source_ip))

    def conflicts(self, cen_id: str) -> tuple[Conflict, ...]:
        """Every route that lost against another of the same CIDR in a table of the CEN's routers."""
        found = []
        for table, routes in self.tr_tables.items():
            winners = {r.destination: r.next_hop_id for r in routes if r.status == "Active"}
            found += [
                Conflict(
                    table_id=table,
                    destination=r.destination,
                    winner_id=winners.get(r.destination, ""),
                    loser_id=r.next_hop_id,
                    instance_id=r.resource_id,
                    instance_type=r.resource_type,
                    origin_id=r.origin_id,
                )
                for r in routes
                if r.status == "Rejected" and self.snapshot.links[r.next_hop_id].cen_id == cen_id
            ]
        return tuple(found)
