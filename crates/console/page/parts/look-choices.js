// The choice of the language and of light or dark, at the sign-in and in the menu.

import { chooseLanguage, language, t } from "../language.js";
import { chooseTheme, theme, THEMES } from "../theme.js";
import { View, define, html } from "../view.js";

const LANGUAGES = { "zh-CN": "中文", en: "English" };

class LookChoices extends View {
  draw() {
    return html`
      <p class="title" id="language-title">${t("language")}</p>
      <div class="segments" role="group" aria-labelledby="language-title">
        ${Object.entries(LANGUAGES).map(([tag, name]) => this.#choice(tag, name, tag === language(), chooseLanguage, tag))}
      </div>
      <p class="title" id="theme-title">${t("theme")}</p>
      <div class="segments" role="group" aria-labelledby="theme-title">
        ${THEMES.map((name) => this.#choice(name, t(`theme.${name}`), name === theme(), chooseTheme))}
      </div>
    `;
  }

  #choice(value, text, chosen, choose, lang = language()) {
    const press = () => {
      choose(value);
      this.update();
    };
    return html`<button type="button" value=${value} lang=${lang} aria-pressed=${String(chosen)} @click=${press}>${text}</button>`;
  }
}

define("look-choices", LookChoices);
