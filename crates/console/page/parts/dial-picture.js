// The picture beside the sign-in: some days with their windows, and now.

import { html } from "../view.js";
import { svg } from "../vendor/lit-html/lit-html.js";
import { t } from "../language.js";
import { timeText, DAY } from "../week.js";

/** Names of the lines, each with its windows. */
const LINES = [
  ["example.work", [[540, 720], [810, 1200]]],
  ["example.notice", [[540, 690], [840, 1080]]],
  ["example.school", [[600, 720], [1080, 1230]]],
  ["example.night", [[0, 360], [1320, 1440]]],
  ["example.bill", [[480, 1260]]],
];

const [LEFT, WIDTH, TOP, PITCH] = [120, 580, 34, 34];

function place(minutes) {
  return LEFT + (minutes / DAY) * WIDTH;
}

/** At half past two. */
export function dialPicture() {
  const now = 14 * 60 + 32;
  return html`
    <svg class="dial" viewBox="0 0 728 210">
      ${[0, 6, 12, 18, 24].map((hour) => svg`<text x=${place(hour * 60)} y="16" text-anchor="middle">${timeText(hour * 60)}</text>`)}
      ${LINES.map(([name, windows], index) => line(TOP + index * PITCH, t(name), windows))}
      <path class="now-line" d=${`M${place(now)} 20v182`}></path>
      <rect class="now-tag" x=${place(now) - 21} y="2" width="42" height="19" rx="4"></rect>
      <text class="now-text" x=${place(now)} y="16" text-anchor="middle">${timeText(now)}</text>
    </svg>
  `;
}

function line(top, name, windows) {
  const bar = ([from, to]) => svg`<rect class="open" x=${place(from) + 0.5} y=${top + 0.5} width=${place(to) - place(from)} height="21" rx="3" />`;
  return svg`<text x="0" y=${top + 15}>${name}</text><rect class="rail" x=${LEFT} y=${top} width=${WIDTH} height="22" rx="3" />${windows.map(bar)}`;
}
