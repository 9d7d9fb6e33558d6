"""IPv4 CIDR blocks as people write them, and the block that they probably meant."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError

from gatespan.topology.errors import refuse


def parse(text: object) -> IPv4Network | None:
    """The block, or None when the text is not exactly one."""
    if not isinstance(text, str) or "/" not in text:
        return None
    try:
        network = IPv4Network(text)
    except ValueError:
        return None
    return network if str(network) == text else None


def check_cidr(text: str) -> str:
    """Accepts only the canonical form (``10.1.0.0/16``)."""
    if parse(text) is not None:
        return text
    address, slash, mask = text.partition("/")
    if not slash:
        raise refuse(f"`{text}` has no prefix length", f"Write it with one, such as `{_host_block(address)}`")
    try:
        meant = IPv4Network(text, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        raise refuse(
            f"`{text}` is not an IPv4 CIDR block", "Write four numbers of 0-255 and a prefix length: `10.1.0.0/16`"
        ) from None
    if mask != str(meant.prefixlen):
        raise refuse(f"`{text}` is not in the short form of a CIDR block", f"Write `{meant}`")
    raise refuse(f"`{text}` has host bits set", f"The block is `{meant}`")


def check_address(text: str) -> str:
    """Accepts one IPv4 address (``10.200.1.10``)."""
    try:
        IPv4Address(text)
    except AddressValueError:
        hint = f"Write the address alone: `{text.partition('/')[0]}`" if "/" in text else "Write it like `10.200.1.10`"
        raise refuse(f"`{text}` is not an IPv4 address", hint) from None
    return text


def _host_block(address: str) -> str:
    try:
        IPv4Address(address)
    except AddressValueError:
        return "10.1.0.0/16"
    return f"{address}/16" if address.endswith(".0.0") else f"{address}/24" if address.endswith(".0") else "10.1.0.0/16"
