// Holds realtime.mjs against a stand-in of the model, of Dialtime's stream and of its interface: node --test

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import WebSocket, { WebSocketServer } from "ws";

/** Messages as they come, one after the other, each waited for no longer than ten seconds. */
class Inbox {
  constructor(socket) {
    this.socket = socket;
    this.came = [];
    this.wake = () => {};
    socket.on("message", (text) => {
      this.came.push(JSON.parse(text));
      this.wake();
    });
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message that fits; those before it are passed over. */
  async next(fits) {
    const until = Date.now() + 10_000;
    for (;;) {
      while (this.came.length > 0) {
        const message = this.came.shift();
        if (fits(message)) return message;
      }
      assert.ok(Date.now() < until, `nothing came that fits ${fits}`);
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 1_000);
      });
    }
  }
}

async function listening(server) {
  await once(server, "listening");
  return server.address().port;
}

/** Dialtime's interface: what was asked of it. */
async function startInterface(asked) {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      asked.push({ method: request.method, url: request.url, authorization: request.headers.authorization, body });
      response.end("{}");
    });
  }).listen(0, "127.0.0.1");
  return { server, port: await listening(server) };
}

async function startBridge(environment) {
  const bridge = spawn(process.execPath, [new URL("realtime.mjs", import.meta.url).pathname], {
    env: { ...process.env, ...environment },
    stdio: "inherit",
  });
  for (let left = 100; left > 0; left -= 1) {
    const phone = new WebSocket(`ws://127.0.0.1:${environment.BOT_PORT}/media`);
    const opened = await new Promise((resolve) => phone.on("open", () => resolve(true)).on("error", () => resolve(false)));
    if (opened) return { bridge, phone };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the bridge does not listen");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  const port = await listening(server);
  server.close();
  await once(server, "close");
  return port;
}

const bytes = (value, length) => Buffer.alloc(length, value).toString("base64");

test("whoever answers talks with the model", { timeout: 60_000 }, async () => {
  const models = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const modelPort = await listening(models);
  const asked = [];
  const { server, port } = await startInterface(asked);
  const { bridge, phone: socket } = await startBridge({
    BOT_PORT: String(await freePort()),
    REALTIME_URL: `ws://127.0.0.1:${modelPort}/v1/realtime?model=stand-in`,
    REALTIME_KEY: "key",
    INSTRUCTIONS: "You call {customer} about {nothing}.",
    GREETING: "Greet.",
    DIALTIME_TOKEN: "dt_token",
    DIALTIME_USER_ID: "user",
  });
  try {
    const phone = new Inbox(socket);
    const connection = once(models, "connection");
    const customParameters = { base_url: `http://127.0.0.1:${port}`, call_id: "record", auth_token: "secret", customer: "Ann" };
    phone.send({ event: "connected", protocol: "Call", version: "1.0.0" });
    phone.send({ event: "start", start: { streamSid: "MZ1", callSid: "CA1", accountSid: "AC1", customParameters } });
    // What is said while the model is being reached is not lost.
    phone.send({ event: "media", media: { payload: bytes(1, 160) } });
    const [modelSocket, request] = await connection;
    const model = new Inbox(modelSocket);
    assert.equal(request.url, "/v1/realtime?model=stand-in");
    assert.equal(request.headers.authorization, "Bearer key");
    model.send({ type: "session.created", session: {} });
    const { session } = await model.next((message) => message.type === "session.update");
    assert.equal(session.instructions, "You call Ann about {nothing}.");
    assert.deepEqual([session.audio.input.format, session.audio.output.format], [{ type: "audio/pcmu" }, { type: "audio/pcmu" }]);
    model.send({ type: "session.updated", session });
    const first = await model.next((message) => message.type === "input_audio_buffer.append");
    assert.equal(first.audio, bytes(1, 160));
    assert.equal((await model.next((message) => message.type === "response.create")).response.instructions, "Greet.");

    // It says a second, of which the callee hears the first half, and talks.
    model.send({ type: "response.output_audio.delta", item_id: "item", content_index: 0, delta: bytes(2, 4_000) });
    model.send({ type: "response.output_audio.delta", item_id: "item", content_index: 0, delta: bytes(3, 4_000) });
    const said = [];
    while (said.length < 2) said.push(await phone.next((message) => message.event === "media"));
    assert.deepEqual(said.map(({ streamSid, media }) => [streamSid, media.payload]), [["MZ1", bytes(2, 4_000)], ["MZ1", bytes(3, 4_000)]]);
    phone.send({ event: "mark", streamSid: "MZ1", mark: { name: "item 4000" } });
    phone.send({ event: "dtmf", streamSid: "MZ1", dtmf: { digit: "1" } });
    await model.next((message) => message.type === "conversation.item.create" && message.item.content[0].text.includes("key 1"));
    model.send({ type: "response.output_audio_transcript.done", item_id: "item", transcript: "Hello Ann" });
    model.send({ type: "input_audio_buffer.speech_started", audio_start_ms: 500, item_id: "theirs" });
    await phone.next((message) => message.event === "clear");
    const truncated = await model.next((message) => message.type === "conversation.item.truncate");
    assert.deepEqual([truncated.item_id, truncated.audio_end_ms], ["item", 500]);

    // A long delta goes in messages that are short enough; it hangs up once its last words were heard.
    model.send({ type: "conversation.item.input_audio_transcription.completed", item_id: "theirs", transcript: "Goodbye" });
    model.send({ type: "response.output_audio.delta", item_id: "last", content_index: 0, delta: bytes(4, 60_000) });
    model.send({ type: "response.done", response: { output: [{ type: "function_call", name: "hang_up" }] } });
    const parts = [await phone.next((message) => message.event === "media")];
    const mark = await phone.next((message) => {
      if (message.event === "media") parts.push(message);
      return message.event === "mark" && message.mark.name.startsWith("last");
    });
    assert.ok(parts.length === 3 && parts.every((part) => JSON.stringify(part).length < 64_000), `${parts.length} parts`);
    assert.equal(parts.map((part) => part.media.payload).join(""), bytes(4, 60_000));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(asked.length, 0, "it hung up before its words were heard");
    phone.send({ event: "mark", streamSid: "MZ1", mark: mark.mark });
    while (asked.length < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([asked[0].url, asked[0].body], ["/2010-04-01/Accounts/AC1/Calls/CA1.json", "Status=completed"]);
    assert.equal(asked[0].authorization, `Basic ${Buffer.from("AC1:secret").toString("base64")}`);

    // The stream ends: the model is let go, and the transcript is written.
    const gone = once(modelSocket, "close");
    socket.close();
    await gone;
    while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(asked[1].url, "/agent-api/user/user/record/record/transcript");
    const { turns } = JSON.parse(asked[1].body);
    assert.deepEqual(turns.map(({ number, speaker, text }) => [number, speaker, text]), [[1, "bot", "Hello Ann"], [2, "callee", "Goodbye"]]);
    assert.ok(turns.every(({ offset }) => Number.isInteger(offset) && offset >= 0));
  } finally {
    bridge.kill();
    models.clients.forEach((client) => client.terminate());
    models.close();
    server.close();
  }
});

test("nobody is left in silence when the model is not there", { timeout: 30_000 }, async () => {
  const { bridge, phone } = await startBridge({
    BOT_PORT: String(await freePort()),
    REALTIME_URL: `ws://127.0.0.1:${await freePort()}/`,
    REALTIME_KEY: "key",
  });
  try {
    const gone = once(phone, "close");
    phone.send(JSON.stringify({ event: "start", start: { streamSid: "MZ1", callSid: "CA1", accountSid: "AC1", customParameters: {} } }));
    const [code] = await gone;
    assert.equal(code, 1011, "a bot that failed says so");
  } finally {
    bridge.kill();
  }
});
