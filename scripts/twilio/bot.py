"""The bot of scripts/check-twilio: it has two calls, and asks of them with Twilio's own library what that can ask. Ends once all was as it should be.

    python bot.py PORT SECRET
"""

import asyncio
import json
import sys
import time

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


class Bot:
    """What is known of the calls: a stream has the first words of each, its end is told to who waits for it."""

    def __init__(self, port: int, secret: str):
        self.url, self.validator = f"ws://127.0.0.1:{port}/media", RequestValidator(secret)
        self.starts: asyncio.Queue[tuple[dict, asyncio.Event]] = asyncio.Queue()

    async def stream(self, socket: ServerConnection) -> None:
        signature = socket.request.headers["X-Twilio-Signature"]
        assert self.validator.validate(self.url, {}, signature), "it is not signed as by Twilio"
        stopped = asyncio.Event()
        try:
            async for text in socket:
                message = json.loads(text)
                if message["event"] == "start":
                    await self.starts.put((message["start"], stopped))
                elif message["event"] == "stop":
                    stopped.set()
        except ConnectionClosed:
            pass  # Dialtime asks over a connection without a call whether the bot is there.

    async def next_start(self) -> tuple[dict, asyncio.Event]:
        return await asyncio.wait_for(self.starts.get(), 30)


def client_of(start: dict, token: str | None = None) -> Client:
    parameters = start["customParameters"]
    client = Client(start["accountSid"], token or parameters["auth_token"])
    client.api.base_url = parameters["base_url"]
    return client


async def refused(expected: tuple[int, int], ask, *arguments, **fields) -> None:
    """Asks what is refused with this status and code."""
    try:
        answer = await asyncio.to_thread(ask, *arguments, **fields)
    except TwilioRestException as error:
        assert (error.status, error.code) == expected, f"{error.status} {error.code}, not {expected}: {error.msg}"
        return
    raise AssertionError(f"{fields} was not refused with {expected}: {answer}")


async def ended(stopped: asyncio.Event, ask, **fields) -> float:
    """Asks for the end of a stream; gives how long that took, in milliseconds."""
    asked = time.monotonic()
    await asyncio.to_thread(ask, **fields)
    await asyncio.wait_for(stopped.wait(), 10)
    return (time.monotonic() - asked) * 1000


async def check_refusals(start: dict) -> None:
    client, sid = client_of(start), start["callSid"]
    call = client.calls(sid)
    create = {"to": "+8613800000009", "from_": "+862161234567", "url": "https://bot.example.com/first"}
    await refused((403, 20403), client.calls.create, **create)
    await refused((400, 21205), call.update, url="https://bot.example.com/nowhere")
    await refused((400, 21218), call.update, twiml="<Response><Hangup/></Response>")
    await refused((400, 21219), call.update, status="busy")
    await refused((404, 20404), client.calls("CA" + "0" * 32).fetch)
    await refused((401, 20003), client_of(start, "another").calls(sid).fetch)


async def check(bot: Bot) -> None:
    (start, stopped), (other, other_stopped) = await bot.next_start(), await bot.next_start()
    client, sid = client_of(start), start["callSid"]
    found = await asyncio.to_thread(client.calls(sid).fetch)
    seen = (found.sid, found.account_sid, found.status, found.direction, found.to)
    to = start["customParameters"]["to_number"]
    assert seen == (sid, start["accountSid"], "in-progress", "outbound-api", to), seen
    assert found.date_created is not None and found.start_time is not None, "its dates cannot be read"
    await check_refusals(start)
    await refused((401, 20003), client_of(other).calls(sid).fetch)

    moved = await ended(stopped, client.calls(sid).update, url="https://bot.example.com/second", method="POST")
    second, second_stopped = await bot.next_start()
    assert second["callSid"] == sid and second["streamSid"] != start["streamSid"], second
    completed = await ended(second_stopped, client.calls(sid).update, status="completed")
    cancelled = await ended(other_stopped, client_of(other).calls(other["callSid"]).update, status="canceled")
    assert max(completed, cancelled) < 500, f"it took {completed:.0f} and {cancelled:.0f} ms to hang up"
    print(f"moved after {moved:.0f} ms, hung up after {completed:.0f} and {cancelled:.0f} ms", flush=True)
    for _ in range(100):
        try:
            await refused((404, 20404), client.calls(sid).fetch)
            break
        except AssertionError:
            await asyncio.sleep(0.1)  # The end is not written down yet.
    await refused((404, 20404), client.calls(sid).fetch)
    await refused((404, 20404), client.calls(sid).update, status="completed")


async def main() -> None:
    port = int(sys.argv[1])
    bot = Bot(port, sys.argv[2])
    async with serve(bot.stream, "127.0.0.1", port):
        await check(bot)


if __name__ == "__main__":
    asyncio.run(main())
