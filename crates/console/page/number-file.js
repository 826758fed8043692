// A file of numbers as far as its beginning tells: its columns, its first rows, and what each column is likely to hold. Pure.

/** How much of a file is looked at. */
export const HEAD_BYTES = 65_536;

/** A first line as `sep=;` tells Excel, and the API, what stands between cells. */
const DELIMITER_LINE = /^"?sep=([,;\t|])"?(?:\r*\n|$)/i;

/** How many rows are shown. */
const SAMPLES = 2;

/** What a column may hold beside a variable of its own name, with the names by which each is known. @type {Record<string, string[]>} */
export const FIELDS = {
  phone: ["phone", "number", "mobile", "tel", "telephone", "手机号", "手机号码", "手机", "电话", "电话号码", "号码", "联系电话", "手機號", "手機號碼", "手機", "電話", "電話號碼", "號碼", "聯絡電話", "行動電話", "電話番号", "携帯番号", "携帯電話"],
  name: ["name", "姓名", "名字", "客户姓名", "联系人", "客戶姓名", "聯絡人", "氏名", "名前"],
  email: ["email", "e-mail", "邮箱", "电子邮箱", "郵箱", "電子郵件", "電子信箱", "メールアドレス"],
  company: ["company", "公司", "公司名称", "单位", "公司名稱", "会社名"],
  sex: ["sex", "gender", "性别", "性別"],
  sort: ["sort", "排序"],
  extra: ["extra"],
  control_select_robot: ["control_select_robot"],
};

/** A column of a file; `field` is what it holds, empty for a variable. @typedef {{ name: string, samples: string[], field: string }} FileColumn */

/**
 * The columns of a file that begins with these bytes; null where that cannot be told here, as of a spreadsheet or of lines of JSON.
 * @param {Uint8Array} bytes
 * @returns {FileColumn[] | null}
 */
export function columnsOf(bytes) {
  const text = textOf(bytes);
  if (text === null || text.trimStart().startsWith("{")) return null;
  const [line, told] = DELIMITER_LINE.exec(text) ?? [""];
  const [header, ...rows] = csvRows(text.slice(line.length), told ?? delimiterOf(text), 1 + SAMPLES);
  if (!header || header.every((name) => name.trim() === "")) return null;
  const columns = header.map((name, place) => ({ name: name.trim(), samples: rows.map((row) => row[place] ?? "").filter(Boolean), field: "" }));
  return guessed(columns);
}

/** With the usual names taken for what they say, each once. @param {FileColumn[]} columns */
function guessed(columns) {
  const taken = new Set();
  return columns.map((column) => {
    const known = Object.keys(FIELDS).find((field) => FIELDS[field].includes(column.name.toLowerCase()));
    if (!known || taken.has(known)) return column;
    taken.add(known);
    return { ...column, field: known };
  });
}

/** Columns with one of them holding something else; whatever held that becomes a variable. @param {FileColumn[]} columns */
export function assigned(columns, place, field) {
  return columns.map((column, index) => {
    if (index === place) return { ...column, field };
    return field !== "" && column.field === field ? { ...column, field: "" } : column;
  });
}

/** What the API is asked with: which column holds what. @param {FileColumn[] | null} columns @returns {Record<string, string>} */
export function columnQuery(columns) {
  const named = (columns ?? []).filter(({ field }) => field !== "");
  return Object.fromEntries(named.map(({ field, name }) => [`${field}_column`, name]));
}

/** UTF-16 that says so, UTF-8 but for a few broken bytes, Windows-1252 or else GB 18030, as the API reads it; null for what is no text. */
function textOf(bytes) {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return null;
  const wide = { "255,254": "utf-16le", "254,255": "utf-16be" }[String(bytes.slice(0, 2))];
  if (wide) return new TextDecoder(wide).decode(bytes);
  // A character may be cut in two at the end.
  const text = new TextDecoder().decode(bytes, { stream: true });
  const broken = text.split("\uFFFD").length - 1;
  if (broken === 0 || (text.match(/[^\0-\x7F]/g)?.length ?? 0) > 2 * broken) return text;
  const western = new TextDecoder("windows-1252").decode(bytes);
  return isWestern(western) ? western : new TextDecoder("gb18030").decode(bytes);
}

/** Whether all words beyond ASCII have a letter of Latin here and there, and none beside another: in Chinese they would. @param {string} text */
function isWestern(text) {
  const words = (text.match(/[A-Za-z\u0080-\uFFFF]+/g) ?? []).filter((word) => /[^\0-\x7F]/.test(word));
  const isName = (word) => /^\p{Script=Latin}+$/u.test(word) && !/[^\0-\x7F]{2}/.test(word) && word.replaceAll(/[^A-Za-z]/g, "").length * 3 >= word.length * 2;
  return words.length > 0 && words.every(isName);
}

/** Whichever of the usual ones the first line has most of. */
function delimiterOf(text) {
  const line = text.slice(0, text.search(/[\r\n]|$/));
  return [",", ";", "\t"].toSorted((one, other) => line.split(other).length - line.split(one).length)[0];
}

/** The first rows of CSV (RFC 4180), each as its cells. @param {string} text @param {string} delimiter @param {number} most @returns {string[][]} */
export function csvRows(text, delimiter, most) {
  const rows = [];
  let [row, cell, quoted] = [[], "", false];
  for (let place = 0; place < text.length && rows.length < most; place++) {
    const character = text[place];
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[place + 1] === '"') cell += text[++place];
      else quoted = false;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === delimiter || character === "\n") {
      row.push(cell.replace(/\r$/, ""));
      cell = "";
      if (character === "\n") [row] = [[], rows.push(row)];
    } else cell += character;
  }
  if (rows.length < most && (cell !== "" || row.length > 0)) rows.push([...row, cell]);
  return rows;
}
