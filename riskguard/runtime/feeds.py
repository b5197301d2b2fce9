"""One task per venue carries what its streams deliver to the guard, and begins again when they end."""

import asyncio
import logging

from riskguard.core.messages import StreamLost, StreamMoved
from riskguard.core.types import Path
from riskguard.ports import Emit, VenueGateway
from riskguard.runtime.venue_calls import describe

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0

log = logging.getLogger(__name__)


async def feed(gateway: VenueGateway, emit: Emit) -> None:
    """Drain a gateway's streams for ever; ends only when cancelled.

    Streams reconnect by themselves, so an end or an error here is a defect of the gateway. The paths that had
    delivered are then reported lost, because nobody listens to them until the next begin.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        lively: dict[Path, None] = {}
        cause = "the stream ended"
        try:
            async for observation in gateway.streams():
                if isinstance(observation, StreamMoved):
                    lively[observation.path] = None
                pause_s = FIRST_PAUSE_S
                emit(observation)
                await asyncio.sleep(0)  # a flood must not keep the guard from reading it
        except Exception as error:  # noqa: BLE001 - an adapter's defect costs one venue's streams for a moment
            cause = f"internal error {type(error).__name__}"
            log.error("streams of %s: %s", gateway.venue, describe(error))  # noqa: TRY400 - no trace, no secrets
        for path in lively:
            emit(StreamLost(gateway.venue, path, cause))
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
