// Files that the page gives to the person.

/** How long the browser may take to read one, in milliseconds. */
const READ = 10_000;

/** Saves a file under a name. @param {Blob} file @param {string} name */
export function saveFile(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), READ);
}
