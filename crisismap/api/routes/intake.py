"""POST /intake/{channel}: deliveries from message providers, each handed to the channel named in the path."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http import problems
from crisismap.api.http.declared import media_types, refusals
from crisismap.api.http.identity import address_of
from crisismap.api.routes.reports import MAX_BODY, read_body
from crisismap.channels import CHANNELS
from crisismap.core.channel import Channel, Inbound, OwnChannel
from crisismap.core.errors import NotFound
from crisismap.services.intake.handle import handle

LATER = frozenset({"sms", "telegram", "whatsapp", "mail"})

router = APIRouter(tags=["intake"])


@router.post(
    "/intake/{channel}",
    responses=media_types("text/plain") | refusals(413, 501),
    openapi_extra={"requestBody": {"content": {"*/*": {}}}},
)
async def post_delivery(channel: str, request: Request) -> Response:
    """Take in a provider's delivery and answer as the provider expects. Each channel authenticates its provider."""
    return await _deliver(channel, "", request)


@router.post("/intake/{channel}/{rest:path}", include_in_schema=False)
async def post_delivery_below(channel: str, rest: str, request: Request) -> Response:
    """Take in a delivery to a channel with several providers, each at a path of its own."""
    return await _deliver(channel, rest, request)


@router.get("/intake/{channel}", include_in_schema=False)
@router.get("/intake/{channel}/{rest:path}", include_in_schema=False)
def get_nothing(channel: str) -> Response:
    """Answer that a channel cannot be read."""
    _channel(channel)
    return problems.method_not_allowed("POST")


async def _deliver(name: str, rest: str, request: Request) -> Response:
    channel, context = _channel(name), bootstrap.current()
    inbound = Inbound(
        await read_body(request, MAX_BODY),
        context.clock(),
        rest,
        dict(request.headers),
        dict(request.query_params),
        address_of(request),
    )
    outcome = await handle(context.intake, context.settings, channel, inbound)
    return Response(outcome.body, outcome.status, media_type=outcome.media_type)


def _channel(name: str) -> Channel:
    """Return the channel. Raises NotFound for the program's own, HTTPException for one not built yet."""
    channel = CHANNELS.get(name)
    if channel is None and name in LATER:
        raise HTTPException(501, f"/intake/{name} is not built yet.")
    if channel is None or isinstance(channel, OwnChannel):
        raise NotFound("no_channel")
    return channel
