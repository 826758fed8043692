"""A bot that asks for a mark from 1 to 5, writes it into the call's record, and hangs up. Built with Pipecat.

    pip install -r requirements.txt && DIALTIME_TOKEN=dt_... DIALTIME_USER_ID=... python survey.py        # listens at ws://127.0.0.1:8765/media

QUESTION names what is asked: a WAV file of 16 bits, one channel, 8 kHz. Without it two tones ask.
"""

import math
import os
import struct
import wave

import aiohttp
import uvicorn
from fastapi import FastAPI, WebSocket
from pipecat.frames.frames import EndWorkerFrame, Frame, InputDTMFFrame, InterruptionFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

RATE = 8_000
app = FastAPI()


def question() -> bytes:
    """What is asked, as samples of 16 bits."""
    if name := os.environ.get("QUESTION"):
        with wave.open(name) as file:
            return file.readframes(file.getnframes())
    places = [(tone, place) for tone in (440, 660) for place in range(RATE // 2)]
    return b"".join(struct.pack("<h", int(8_000 * math.sin(math.tau * tone * place / RATE))) for tone, place in places)


async def write(told: dict, mark: str) -> int:
    """Writes what came of the call into its record; gives the status of the answer."""
    path = f"/agent-api/user/{os.environ['DIALTIME_USER_ID']}/record/{told['call_id']}/result"
    headers = {"Authorization": f"Bearer {os.environ['DIALTIME_TOKEN']}"}
    result = {"tags": ["survey"], "fields": {"mark": mark}, "intention": "A" if mark >= "4" else "C"}
    async with aiohttp.ClientSession() as session:
        async with session.put(told["base_url"] + path, headers=headers, json=result) as answer:
            return answer.status


class Survey(FrameProcessor):
    """Asks until a key from 1 to 5 is pressed."""

    def __init__(self, told: dict) -> None:
        super().__init__()
        self.told = told

    async def ask(self) -> None:
        await self.push_frame(OutputAudioRawFrame(audio=question(), sample_rate=RATE, num_channels=1))

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputDTMFFrame):
            await self.push_frame(frame, direction)
        elif frame.button.value in "12345":
            # Whoever presses a key wants to hear no more of the question.
            await self.push_frame(InterruptionFrame())
            print(self.told["call_id"], frame.button.value, "written:", await write(self.told, frame.button.value))
            await self.push_frame(EndWorkerFrame(), FrameDirection.UPSTREAM)
        else:
            await self.push_frame(InterruptionFrame())
            await self.ask()


@app.websocket("/media")
async def media(socket: WebSocket) -> None:
    await socket.accept()
    try:
        _, call = await parse_telephony_websocket(socket)
    except ValueError:
        return  # Dialtime asked only whether the bot is there.
    told = call["body"]
    serializer = TwilioFrameSerializer(
        stream_sid=call["stream_id"],
        call_sid=call["call_id"],
        account_sid=told["account_sid"],
        auth_token=told["auth_token"],
        base_url=told["base_url"],
    )
    params = FastAPIWebsocketParams(
        audio_in_enabled=True, audio_out_enabled=True, add_wav_header=False, serializer=serializer
    )
    transport = FastAPIWebsocketTransport(websocket=socket, params=params)
    survey = Survey(told)
    pipeline = Pipeline([transport.input(), survey, transport.output()])
    worker = PipelineWorker(pipeline, params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE))

    @transport.event_handler("on_client_connected")
    async def begin(*_) -> None:
        await survey.ask()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("BOT_PORT", "8765")), log_level="warning")
