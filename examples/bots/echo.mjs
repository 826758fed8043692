// A bot that says back what it hears, and hangs up when # is pressed. One package: ws.
//
//     npm ci && node echo.mjs        # listens at ws://127.0.0.1:8765/media

import { WebSocketServer } from "ws";

const port = Number(process.env.BOT_PORT ?? 8765);

/** Ends a call in the words of Twilio's REST interface. */
async function hangUp({ accountSid, callSid, customParameters }) {
  const url = `${customParameters.base_url}/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`;
  const credentials = Buffer.from(`${accountSid}:${customParameters.auth_token}`).toString("base64");
  await fetch(url, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ Status: "completed" }),
  });
}

new WebSocketServer({ host: "127.0.0.1", port, path: "/media" }).on("connection", (socket) => {
  let start;
  socket.on("message", async (text) => {
    const message = JSON.parse(text);
    if (message.event === "start") start = message.start;
    if (message.event === "media") {
      socket.send(JSON.stringify({ event: "media", streamSid: message.streamSid, media: { payload: message.media.payload } }));
    }
    if (message.event === "dtmf" && message.dtmf.digit === "#") await hangUp(start);
  });
});
