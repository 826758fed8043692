// The address of what is shown, in the part after `#`, so that it can be kept, sent to a colleague, and gone back from. It names
// accounts and things, never the token.

/** `#/user/{id}/sub-user/{id}/{page}/{id}/{part}?{query}` as `{user, subUser, page, id, part, query}`. */
export function parse(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const route = { user: null, subUser: null, page: null, id: null, part: null, query: new URLSearchParams(query) };
  const parts = path.split("/").filter(Boolean).map(decoded);
  if (parts[0] === "user") [, route.user] = parts.splice(0, 2);
  if (parts[0] === "sub-user") [, route.subUser] = parts.splice(0, 2);
  [route.page = null, route.id = null, route.part = null] = parts;
  return route;
}

/** An address that is no address is one of nothing. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

/** The address of a page of an account. */
export function address(account, ...rest) {
  const subUser = account.subUser ? ["sub-user", account.subUser] : [];
  return `#/${["user", account.user, ...subUser, ...rest].map(encodeURIComponent).join("/")}`;
}

export function go(hash) {
  location.hash = hash;
}

/** Goes there without a way back: what is here is no more. */
export function goInstead(hash) {
  location.replace(hash);
}
