// A bridge to a realtime speech model: whoever answers talks with the model. One package: ws.
//
//     npm ci && REALTIME_KEY=... node realtime.mjs        # listens at ws://127.0.0.1:8765/media
//
// The model is one that speaks the messages of OpenAI's Realtime API over a WebSocket and takes G.711 mu-law, so that the sound passes through as it is.
//
//   REALTIME_URL      where it is; left out, wss://api.openai.com/v1/realtime?model=gpt-realtime
//   REALTIME_KEY      sent as a Bearer token
//   INSTRUCTIONS      whom it is to be; variables of the number stand in braces: "You call {customer} for ..."
//   GREETING          how it is to begin; left out, it waits until something is said
//   VOICE             one of its voices
//   DIALTIME_TOKEN and DIALTIME_USER_ID: with these, what was said is written into the call's record.

import WebSocket, { WebSocketServer } from "ws";

const {
  BOT_PORT = "8765",
  REALTIME_URL = "wss://api.openai.com/v1/realtime?model=gpt-realtime",
  REALTIME_KEY,
  INSTRUCTIONS = "You are a friendly caller. Say who you are, be brief, and hang up when the conversation is over.",
  GREETING = "Greet whoever has answered, and say why you call.",
  VOICE = "marin",
  DIALTIME_TOKEN,
  DIALTIME_USER_ID,
} = process.env;

/** Bytes of G.711 in a millisecond. */
const A_MILLISECOND = 8;

/** How much of the caller's sound waits while the model is being reached: 30 s. */
const MOST_WAITING = 1_500;

/** How much base64 goes in one message; a multiple of four. Dialtime takes messages of up to 64 kB. */
const MOST_SAID = 32_000;

/** What the model may do beside talking. */
const tools = [
  {
    type: "function",
    name: "hang_up",
    description: "Ends the call. Say goodbye first.",
    parameters: { type: "object", properties: {} },
  },
];

function session(parameters) {
  const instructions = INSTRUCTIONS.replace(/\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole);
  const format = { type: "audio/pcmu" };
  const input = { format, turn_detection: { type: "server_vad" }, transcription: { model: "gpt-4o-mini-transcribe" } };
  return { type: "realtime", output_modalities: ["audio"], instructions, tools, audio: { input, output: { format, voice: VOICE } } };
}

/** Dialtime's interface in the words of Twilio's: ends the call. */
function hangUp({ accountSid, callSid, customParameters: { base_url: url, auth_token: secret } }) {
  const credentials = Buffer.from(`${accountSid}:${secret}`).toString("base64");
  return fetch(`${url}/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ Status: "completed" }),
  });
}

/** Writes what was said into the call's record. */
async function writeTranscript({ customParameters: { base_url: url, call_id: call } }, turns) {
  if (!DIALTIME_TOKEN || !DIALTIME_USER_ID || turns.length === 0) return;
  const answer = await fetch(`${url}/agent-api/user/${DIALTIME_USER_ID}/record/${call}/transcript`, {
    method: "POST",
    headers: { authorization: `Bearer ${DIALTIME_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ turns }),
  });
  console.log(`${call}: ${turns.length} turns written: ${answer.status}`);
}

/** One call: `phone` is Dialtime's stream. */
class Conversation {
  constructor(phone, start) {
    this.phone = phone;
    this.start = start;
    this.begun = Date.now();
    this.turns = [];
    this.waiting = [];
    /** What the model says now: its item, how much of it came, and how much of it was heard. */
    this.saying = null;
    this.model = new WebSocket(REALTIME_URL, { headers: { authorization: `Bearer ${REALTIME_KEY}` }, handshakeTimeout: 5_000 });
    this.model.on("open", () => this.tell({ type: "session.update", session: session(start.customParameters) }));
    this.model.on("message", (text) => this.heardOfModel(JSON.parse(text)));
    this.model.on("error", (error) => console.error(`${start.callSid}: the model: ${error.message}`));
    // Whoever is on the line is not left with silence: Dialtime ends the call when its bot says that it failed.
    this.model.on("close", () => phone.close(1011));
  }

  /** Tells the model something. */
  tell(message) {
    if (this.model.readyState === WebSocket.OPEN) this.model.send(JSON.stringify(message));
  }

  /** Tells Dialtime something. */
  say(message) {
    this.phone.send(JSON.stringify({ streamSid: this.start.streamSid, ...message }));
  }

  heardOfPhone(message) {
    switch (message.event) {
      case "media": {
        const append = { type: "input_audio_buffer.append", audio: message.media.payload };
        if (!this.waiting) this.tell(append);
        else if (this.waiting.length < MOST_WAITING) this.waiting.push(append);
        break;
      }
      case "mark": {
        const [item, bytes] = message.mark.name.split(" ");
        if (this.saying?.item === item) this.saying.heard = Number(bytes);
        break;
      }
      case "dtmf": {
        const text = `I pressed the key ${message.dtmf.digit}.`;
        this.tell({ type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } });
        this.tell({ type: "response.create" });
        break;
      }
    }
  }

  async heardOfModel(message) {
    switch (message.type) {
      case "session.updated":
        this.waiting?.forEach((append) => this.tell(append));
        this.waiting = null;
        if (GREETING) this.tell({ type: "response.create", response: { instructions: GREETING } });
        break;
      case "response.output_audio.delta":
        this.play(message);
        break;
      case "input_audio_buffer.speech_started":
        this.interrupt();
        break;
      case "response.output_audio_transcript.done":
        this.note("bot", message.transcript);
        break;
      case "conversation.item.input_audio_transcription.completed":
        this.note("callee", message.transcript);
        break;
      case "response.done":
        if (message.response?.output?.some((item) => item.type === "function_call" && item.name === "hang_up")) this.hangUpAfterWords();
        break;
      case "error":
        console.error(`${this.start.callSid}: the model: ${message.error?.message}`);
        break;
    }
  }

  play({ item_id: item, delta }) {
    if (this.saying?.item !== item) this.saying = { item, came: 0, heard: 0 };
    this.saying.came += Buffer.byteLength(delta, "base64");
    for (let at = 0; at < delta.length; at += MOST_SAID) {
      this.say({ event: "media", media: { payload: delta.slice(at, at + MOST_SAID) } });
    }
    // Comes back when all before it was heard: so the model learns where it was interrupted.
    this.say({ event: "mark", mark: { name: `${item} ${this.saying.came}` } });
  }

  /** The callee talks: what was not heard yet is dropped, and the model forgets that it said it. */
  interrupt() {
    if (!this.saying || this.saying.heard >= this.saying.came) return;
    const { item, heard } = this.saying;
    this.saying = null;
    this.say({ event: "clear" });
    this.tell({ type: "conversation.item.truncate", item_id: item, content_index: 0, audio_end_ms: Math.floor(heard / A_MILLISECOND) });
  }

  note(speaker, text) {
    const said = text?.trim();
    if (said) this.turns.push({ number: this.turns.length + 1, offset: Date.now() - this.begun, speaker, text: said.slice(0, 4_000) });
  }

  /** Hangs up when the last words were heard, and not before: but within ten seconds. */
  async hangUpAfterWords() {
    for (let left = 100; left > 0 && this.saying && this.saying.heard < this.saying.came; left -= 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await hangUp(this.start);
  }

  async end() {
    this.model.close();
    await writeTranscript(this.start, this.turns);
  }
}

new WebSocketServer({ host: "127.0.0.1", port: Number(BOT_PORT), path: "/media" }).on("connection", (phone) => {
  let conversation;
  const failed = (error) => console.error(error.message);
  phone.on("message", (text) => {
    const message = JSON.parse(text);
    if (message.event === "start") conversation = new Conversation(phone, message.start);
    else conversation?.heardOfPhone(message);
  });
  phone.on("error", failed);
  phone.on("close", () => conversation?.end().catch(failed));
});
