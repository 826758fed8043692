// The kill switch: what is to be stopped, and why. Tells `closed`. `name` is that of the account, `chosen` how many of its tasks run,
// `token` says whether everything of its partner may be stopped. With `whom`, of the partner's lines, nothing is to be chosen.

import { closeDialog, modal, once } from "./dialog.js";
import { CODE } from "../api.js";
import { complain, say } from "./notice.js";
import { faultLine, Faults, invalid } from "./faults.js";
import { icon } from "./icon.js";
import { stopsChanged } from "./stop-banner.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";

class StopDialog extends View {
  #faults = new Faults();

  draw() {
    const closed = () => this.tell("closed");
    return html`
      <dialog ${modal()} aria-labelledby="stop-title" @close=${closed}>
        <form @submit=${this.#stop}>
          <h2 id="stop-title">${this.whom?.level === "line" ? t("stopLineTitle", this.whom) : t("stopTitle")}</h2>
          <p>${this.whom ? t(`stopMeans.${this.whom.level}`) : t("stopMeans", { count: this.chosen })}</p>
          ${!this.whom && this.token.user_id === null
            ? html`
                <fieldset class="choices">
                  <legend>${t("stopWhat")}</legend>
                  <label class="row"><input type="radio" name="level" value="account" checked />${t("stopAccount", { name: this.name })}</label>
                  <label class="row"><input type="radio" name="level" value="partner" />${t("stopPartner")}</label>
                </fieldset>
              `
            : nothing}
          <label class="over">
            ${t("stopReason")}
            <input class="field" name="reason" maxlength="200" required autofocus autocomplete="off" ${invalid(this.#faults, null, "reason")} />
            ${faultLine(this.#faults, null, "reason")}
          </label>
          <p class="actions">
            <button type="button" class="button" @click=${closeDialog}>${t("cancel")}</button>
            <button type="submit" class="button danger">${icon("stop")}${t(this.whom?.level === "line" ? "stopLine" : "stopAll")}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #stop = once(async (event) => {
    const form = new FormData(event.target);
    const reason = String(form.get("reason"));
    const { user, subUser } = this.account;
    try {
      if (this.whom?.level === "line") await this.api.stopDialing({ level: "line", line_id: this.whom.line_id, reason });
      else if (this.whom || form.get("level") === "partner") await this.api.stopDialing({ level: "partner", reason });
      else await this.api.stopDialing({ level: "account", user_id: user, sub_user_id: subUser, reason });
      say(t("dialingStopped"));
      closeDialog(event);
      stopsChanged();
    } catch (error) {
      if (error.code !== CODE.invalid) {
        closeDialog(event);
        return complain(error);
      }
      this.#faults = new Faults(error.faults);
      this.update();
    }
  });
}

define("stop-dialog", StopDialog, ["api", "account", "name", "chosen", "token", "whom"]);
