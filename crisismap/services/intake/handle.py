"""Handling a delivery to a channel: parse it, receive its messages, and answer the senders and the provider."""

from __future__ import annotations

import asyncio

from crisismap import i18n
from crisismap.core.channel import Channel, Inbound, Message, Outbound, Outcome, Receipt
from crisismap.core.errors import CrisismapError, KeyReused, Unavailable
from crisismap.core.report.report import NothingSaid
from crisismap.problems import sentence
from crisismap.services.intake.receive import Intake, MessageResult
from crisismap.settings import Settings


async def handle(intake: Intake, settings: Settings, channel: Channel, inbound: Inbound) -> Outcome:
    """Take in a delivery and return the answer to the provider: the first message's outcome.

    Raises what `parse` raises, and errors after which the provider should deliver again: TooManyTries, Unavailable,
    faults of ours.
    """
    try:
        messages = await asyncio.to_thread(channel.parse, inbound)
    except Exception as error:
        refused = isinstance(error, CrisismapError)
        intake.counts.add(channel.name, MessageResult.REFUSED if refused else MessageResult.FAILED)
        raise
    if not messages:
        intake.counts.add(channel.name, MessageResult.NOT_FOR_US)
        return await asyncio.to_thread(channel.send, Outbound())
    outcomes = []
    for message, answer in zip(messages, await intake.receive_all_async(messages), strict=True):
        if isinstance(answer, Unavailable):
            raise answer
        outbound = outbound_of(message, answer, settings.public_url)
        outcomes.append(await asyncio.to_thread(channel.send, outbound))
    return outcomes[0]


def outbound_of(message: Message, answer: Receipt | CrisismapError, public_url: str) -> Outbound:
    """Return the answer to a message's sender, in the language of the message, or else in English."""
    language = i18n.languages()[i18n.known_language(message.lang) or i18n.DEFAULT]
    if isinstance(answer, KeyReused):  # the provider redelivered a changed message: the first receipt was sent
        return Outbound(message.reply_to, lang=language.code, refusal=answer)
    if isinstance(answer, Receipt):
        link = f" {public_url}/t/{answer.tracking_code}" if public_url else ""
        text = f"{language('thanks.title')} {language('thanks.code')}: {answer.tracking_code}{link}"
        return Outbound(message.reply_to, text, language.code, receipt=answer)
    text = (
        language("error.empty")
        if isinstance(answer, NothingSaid)
        else language("error.refused", why=sentence(answer, language))
    )
    return Outbound(message.reply_to, text, language.code, refusal=answer)
