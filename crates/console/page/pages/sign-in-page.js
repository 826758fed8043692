// Signing in: a token, and whether this device may keep it.

import { Api, CODE, Refusal } from "../api.js";
import { dialPicture } from "../parts/dial-picture.js";
import { icon, mark } from "../parts/icon.js";
import { refusalText } from "../parts/notice.js";
import { signIn } from "../session.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";
import "../parts/look-choices.js";

class SignInPage extends View {
  #refused = null;
  #busy = false;

  draw() {
    const why = this.#refused ?? this.why;
    return html`
      <div class="gate">
        <main class="sign-in" id="main" tabindex="-1">
          <p class="brand">${mark()}<span>Dialtime</span></p>
          <form class="stack" @submit=${this.#submit}>
            <h1>${t("signIn")}</h1>
            <label class="over">
              ${t("token")}
              <input
                class="field"
                type="password"
                name="token"
                required
                autocomplete="off"
                spellcheck="false"
                aria-describedby=${why ? "sign-in-refused" : nothing}
                aria-invalid=${why ? "true" : nothing}
              />
            </label>
            ${why ? html`<p class="fault" role="alert">${icon("warn")}<span id="sign-in-refused">${why}</span></p>` : nothing}
            <label class="check"><input type="checkbox" class="tick" name="remember" /> ${t("remember")}<span class="quiet small">${t("rememberMeans")}</span></label>
            <button type="submit" class="button primary" ?disabled=${this.#busy}>${icon("key")}${t("signIn")}</button>
          </form>
          <p class="small quiet">${t("signInMeans")}</p>
          <look-choices class="stack tight"></look-choices>
        </main>
        <aside aria-hidden="true">
          <p class="big">${t("motto")}</p>
          ${dialPicture()}
          <p class="quiet">${t("mottoMeans")}</p>
        </aside>
      </div>
    `;
  }

  #submit = async (event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    const token = fields.get("token").trim().replace(/^Bearer\s+/i, "");
    // What a header cannot carry looks to a browser like a server that cannot be reached.
    if (!/^[!-~]+$/.test(token)) return this.#refuse(t("noToken"));
    this.#busy = true;
    this.update();
    try {
      const { data } = await new Api(token).tokenValidity(this);
      if (data.scope === "decide") throw new Refusal(CODE.forbidden, t("decideOnly"));
      signIn(token, fields.has("remember"));
      this.tell("signed-in");
    } catch (error) {
      this.#refuse(refusalText(error));
    }
    this.#busy = false;
    this.update();
  };

  #refuse(why) {
    this.#refused = why;
    this.update();
  }
}

define("sign-in-page", SignInPage, ["why"]);
