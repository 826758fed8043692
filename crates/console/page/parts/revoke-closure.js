// Revokes a planned closure, after it was asked about; and which of them one may revoke. It shows a `closure` of an `account`, and tells `closed`.

import { closeDialog, modal, once } from "./dialog.js";
import { complain, say } from "./notice.js";
import { icon } from "./icon.js";
import { instantText } from "../clock.js";
import { t } from "../language.js";
import { View, define, html } from "../view.js";
import "../words/closure-words.js";

/** Whether it is the account's own. @param {{ level: string, account_id: string | null }} held @param {Account} account */
export function isOwn({ level, account_id: of }, { user, subUser }) {
  return level === "account" && of === (subUser ?? user);
}

/** Whether somebody with this token may take it away: those of others are theirs. @param {{ level: string, account_id: string | null }} held @param {Account} account @param {Token} token */
export function mayRevoke(held, account, token) {
  return token?.scope === "all" && (isOwn(held, account) || (held.level === "partner" && token.user_id === null));
}

/** What it covers. @param {{ level: string, account_id: string | null }} held @param {Account} account */
export function levelText(held, account) {
  return t(`closureLevel.${held.level === "account" && !isOwn(held, account) ? "user" : held.level}`);
}

class RevokeClosure extends View {
  draw() {
    const { closure } = this;
    return html`
      <dialog ${modal()} aria-labelledby="revoke-title" @close=${() => this.tell("closed")}>
        <h2 id="revoke-title">${t("revokeTitle", closure)}</h2>
        <p>${instantText(closure.begin)} – ${instantText(closure.end)}${t("pause")}${levelText(closure, this.account)}</p>
        <p>${t("revokeMeans")}</p>
        <p class="actions">
          <button type="button" class="button" autofocus @click=${closeDialog}>${t("cancel")}</button>
          <button type="button" class="button primary" @click=${this.#revoke}>${icon("undo")}${t("revoke")}</button>
        </p>
      </dialog>
    `;
  }

  #revoke = once(async (event) => {
    try {
      await this.api.revokeClosure(this.closure.id, this.closure.level === "partner");
      say(t("revoked", this.closure));
    } catch (error) {
      complain(error);
    }
    closeDialog(event);
  });
}

define("revoke-closure", RevokeClosure, ["api", "account", "closure"]);
