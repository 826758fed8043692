// Who made a change, in words.

import { t, word } from "../language.js";

/** @param {Actor} actor */
export function actorText(actor) {
  if (!actor) return "–";
  return actor.kind === "token" ? (actor.token_name ?? t("tokenOf", { id: actor.token_id.slice(0, 8) })) : word("actor", actor.kind);
}
