// What there is of a call's recording.

import { serverNow } from "./clock.js";

/** Whether a recording can still be heard. @param {CallRecord["recording"]} recording */
export function isAudible(recording) {
  return recording !== null && recording.state !== "deleted" && recording.duration_ms > 0 && Date.parse(recording.delete_at) > serverNow();
}
