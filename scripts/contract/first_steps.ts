// The README's first steps with the types that openapi-typescript makes of openapi.json.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: { env: Record<string, string | undefined> };

const environment = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};
const expect = (good: boolean, what: unknown): void => {
  if (!good) throw new Error(JSON.stringify(what));
};

// Some answers come as text, too, for whoever asks for it: here they are read as JSON, which they are unless asked otherwise.
const client = createClient<paths, "application/json">({
  baseUrl: environment("DIALTIME_URL"),
  headers: { Authorization: `Bearer ${environment("TOKEN")}` },
});
const user_id = environment("USER_ID");

const saved = await client.POST("/agent-api/user/{user_id}/dial-time-group", {
  params: { path: { user_id } },
  body: {
    name: "weekdays",
    content: [{ week: 1, times: [{ begin_time: "08:00", end_time: "20:00" }] }],
    is_default: true,
    skip_holiday: true,
  },
});
if (saved.data === undefined) throw new Error(JSON.stringify(saved.error.data));
const group = saved.data.data;

const listed = await client.GET("/agent-api/user/{user_id}/dial-time-group", {
  params: { path: { user_id }, query: { page: 1 } },
});
expect(listed.data?.data.some(({ id }) => id === group.id) === true, listed);

const decided = await client.GET("/agent-api/user/{user_id}/dial-time-group/{group_id}/decision", {
  params: { path: { user_id, group_id: group.id }, query: { at: "2026-11-23T10:00:00+08:00" } },
});
expect(decided.data?.data.allowed === true && decided.data.data.reason.rule === "weekly", decided);

const created = await client.POST("/agent-api/user/{user_id}/task", {
  params: { path: { user_id } },
  body: { name: "calls", dial_time_id: group.id, destination_extension: 297, maximumcall: 1, caller_line_id: user_id },
});
expect(created.data?.data.status === 1, created);

const refused = await client.DELETE("/agent-api/user/{user_id}/dial-time-group/{group_id}", {
  params: { path: { user_id, group_id: group.id } },
});
expect(refused.response.status === 409 && refused.error?.code === 8101, refused);
console.log("the TypeScript client: created, listed, decided, and was refused with", refused.error?.code);
