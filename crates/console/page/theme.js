// Light, dark, or as the device is.

/** Kept because choosing it is asking for it. */
const KEPT_AS = "dialtime.theme";

export const THEMES = ["auto", "light", "dark"];

export function theme() {
  return localStorage.getItem(KEPT_AS) ?? "auto";
}

export function chooseTheme(name) {
  localStorage.setItem(KEPT_AS, name);
  applyTheme();
}

/** The style sheet looks at this. */
function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

applyTheme();
