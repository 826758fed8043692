// A bot that asks for a mark from 1 to 5, writes it into the call's record, and hangs up. One package: ws.
//
//     npm ci && DIALTIME_TOKEN=dt_... DIALTIME_USER_ID=... node survey.mjs        # listens at ws://127.0.0.1:8765/media
//
// QUESTION names what is asked: raw mu-law at 8 kHz, such as `sox question.wav -r 8000 -c 1 -t ul question.ul` makes. Without it two tones ask.

import { readFileSync } from "node:fs";
import { WebSocketServer } from "ws";

const { BOT_PORT = "8765", DIALTIME_TOKEN, DIALTIME_USER_ID, QUESTION } = process.env;
const question = QUESTION ? readFileSync(QUESTION) : tones([440, 660]);

/** Half a second of each tone, by the mu-law. */
function tones(frequencies) {
  const samples = frequencies.flatMap((frequency) =>
    Array.from({ length: 4000 }, (_, place) => 8000 * Math.sin((2 * Math.PI * frequency * place) / 8000)),
  );
  return Buffer.from(samples.map(muLaw));
}

/** ITU-T G.711. */
function muLaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(Math.abs(Math.round(sample)), 32635) + 132;
  const exponent = Math.floor(Math.log2(size)) - 7;
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 15)) & 0xff;
}

/** Writes what came of the call into its record. */
function write({ customParameters: { base_url: url, call_id: call } }, mark) {
  return fetch(`${url}/agent-api/user/${DIALTIME_USER_ID}/record/${call}/result`, {
    method: "PUT",
    headers: { authorization: `Bearer ${DIALTIME_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ tags: ["survey"], fields: { mark }, intention: mark >= "4" ? "A" : "C" }),
  });
}

/** Ends the call in the words of Twilio's REST interface. */
function hangUp({ accountSid, callSid, customParameters }) {
  const credentials = Buffer.from(`${accountSid}:${customParameters.auth_token}`).toString("base64");
  return fetch(`${customParameters.base_url}/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ Status: "completed" }),
  });
}

new WebSocketServer({ host: "127.0.0.1", port: Number(BOT_PORT), path: "/media" }).on("connection", (socket) => {
  let start;
  const say = (message) => socket.send(JSON.stringify({ streamSid: start.streamSid, ...message }));
  const ask = () => say({ event: "media", media: { payload: question.toString("base64") } });
  socket.on("message", async (text) => {
    const message = JSON.parse(text);
    if (message.event === "start") {
      start = message.start;
      ask();
    }
    if (message.event !== "dtmf") return;
    // Whoever presses a key wants to hear no more of the question.
    say({ event: "clear" });
    if (!/[1-5]/.test(message.dtmf.digit)) return ask();
    const answer = await write(start, message.dtmf.digit);
    console.log(`${start.callSid}: ${message.dtmf.digit}, written: ${answer.status}`);
    await hangUp(start);
  });
});
