// The page's words, in Chinese and English.

import { chinese } from "./words/chinese.js";
import { english } from "./words/english.js";

const LANGUAGES = { "zh-CN": { ...chinese }, en: { ...english } };

/** Kept because choosing it is asking for it. */
const KEPT_AS = "dialtime.language";

let current = localStorage.getItem(KEPT_AS) ?? preferred();

/** The first of the browser's languages that is spoken here; Chinese when none is. */
function preferred() {
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "zh" || tag === "en");
  return spoken === "en" ? "en" : "zh-CN";
}

/** The tag of the language, as the API takes it. */
export function language() {
  return current;
}

/** Whoever shows words hears of it by `language` on the document. */
export function chooseLanguage(tag) {
  current = tag;
  localStorage.setItem(KEPT_AS, tag);
  document.dispatchEvent(new Event("language"));
}

/** Takes in what a page says that comes when it is opened. */
export function learnWords(inChinese, inEnglish) {
  Object.assign(LANGUAGES["zh-CN"], inChinese);
  Object.assign(LANGUAGES.en, inEnglish);
}

/** For dates: English with the day before the month, as everywhere but in one country. */
export function locale() {
  return current === "en" ? "en-GB" : current;
}

/** A text, with `{name}` replaced by the value of that name, and `{name|one|many}` by the word for that many. */
export function t(key, values = {}) {
  const text = LANGUAGES[current][key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name, one, many) => {
    if (many === undefined) return values[name];
    return values[name] === 1 ? one : many;
  });
}

/** The word for a code of the server's; the code itself where a newer server has one that is not known here. */
export function word(kind, code) {
  return LANGUAGES[current][`${kind}.${code}`] ?? code;
}

/** A weekday's name: 0 = Sunday, 1 = Monday, ... 6 = Saturday. */
export function weekday(week) {
  return t(`weekday.${week}`);
}

/** Its short name, for where there is little room. */
export function shortWeekday(week) {
  // The first of January 2023 was a Sunday.
  return new Intl.DateTimeFormat(locale(), { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2023, 0, 1 + week));
}

/** Several things in a sentence. */
export function listText(texts) {
  return texts.join(t("comma"));
}
