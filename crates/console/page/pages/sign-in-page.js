// Signing in: a token, and whether this device may keep it.

import { Api } from "../api.js";
import { refusalText } from "../parts/notice.js";
import { signIn } from "../session.js";
import { t } from "../language.js";
import { View, define, html, nothing } from "../view.js";

class SignInPage extends View {
  #refused = null;
  #busy = false;

  draw() {
    const why = this.#refused ?? this.why;
    return html`
      <main class="sign-in" id="main" tabindex="-1">
        <h1>${t("signIn")}</h1>
        <p>${t("signInMeans")}</p>
        <form @submit=${this.#submit}>
          <label class="field">
            <span>${t("token")}</span>
            <input
              type="password"
              name="token"
              required
              autocomplete="off"
              spellcheck="false"
              aria-describedby=${why ? "sign-in-refused" : nothing}
              aria-invalid=${why ? "true" : nothing}
            />
          </label>
          ${why ? html`<p class="fault" id="sign-in-refused" role="alert">${why}</p>` : nothing}
          <label class="check"><input type="checkbox" name="remember" /> ${t("remember")}</label>
          <p class="quiet">${t("rememberMeans")}</p>
          <button type="submit" class="primary" ?disabled=${this.#busy}>${t("signIn")}</button>
        </form>
      </main>
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
      await new Api(token).tokenValidity(this);
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
