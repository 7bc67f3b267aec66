"""Channels for receiving and answering reports, by name; see "Add a channel" in CONTRIBUTING.md."""

from __future__ import annotations

from crisismap.core.channel import Channel, OwnChannel
from crisismap.core.own_channels import API, CALL, DESK, FILE, WEB

CHANNELS: dict[str, Channel | OwnChannel] = {
    channel.name: channel
    for channel in (
        OwnChannel(WEB, "web form"),
        OwnChannel(DESK, "this desk"),
        OwnChannel(CALL, "phone call"),
        OwnChannel(API, "another system"),
        OwnChannel(FILE, "a file"),
    )
}


def label_of(name: str) -> str:
    """Return a channel's label; its name for a removed channel, as reports outlive channels."""
    return CHANNELS[name].label if name in CHANNELS else name
