"""POST /intake/{channel}: deliveries from message providers, each handed to the channel named in the path."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http import problems
from crisismap.api.http.body import read_body
from crisismap.api.http.declared import media_types, refusals
from crisismap.api.http.dependencies import Address
from crisismap.api.routes.reports import MAX_BODY
from crisismap.channels import CHANNELS
from crisismap.core.channel import Channel, Inbound, OwnChannel
from crisismap.core.errors import NotBuilt, NotFound
from crisismap.services.intake.handle import handle

LATER = frozenset({"sms", "telegram", "whatsapp", "mail"})

router = APIRouter(tags=["intake"])


async def _channel(channel: str) -> Channel:
    found = CHANNELS.get(channel)
    if found is None and channel in LATER:
        raise NotBuilt("not_built", what=f"/intake/{channel}")
    if found is None or isinstance(found, OwnChannel):
        raise NotFound("no_channel")
    return found


Provided = Annotated[Channel, Depends(_channel)]


@router.post("/intake/{channel}/{rest:path}", include_in_schema=False)  # a channel with several providers
@router.post(
    "/intake/{channel}",
    response_class=Response,
    responses=media_types("text/plain") | refusals(413, 501),
    openapi_extra={"requestBody": {"content": {"*/*": {}}}},
)
async def post_delivery(channel: Provided, request: Request, address: Address) -> Response:
    """Take in a provider's delivery and answer as the provider expects. Each channel authenticates its provider."""
    context = bootstrap.current()
    inbound = Inbound(
        await read_body(request, MAX_BODY),
        context.clock(),
        request.path_params.get("rest", ""),
        dict(request.headers),
        dict(request.query_params),
        address,
    )
    outcome = await handle(context.intake, context.settings, channel, inbound)
    return Response(outcome.body, outcome.status, media_type=outcome.media_type)


@router.get("/intake/{channel}", include_in_schema=False)
@router.get("/intake/{channel}/{rest:path}", include_in_schema=False)
async def get_nothing(channel: Provided) -> Response:
    """Answer that a channel cannot be read."""
    return problems.method_not_allowed("POST")
