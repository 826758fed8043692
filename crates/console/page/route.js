// The address of what is shown, in the part after `#`, so that it can be kept, sent to a colleague, and gone back from. It names
// accounts and things, never the token.

/** `#/user/{id}/sub-user/{id}/{page}/{id}/{part}?{query}` as `{user, subUser, page, id, part, query}`, with the `path` before the query. */
export function parse(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const route = { path, user: null, subUser: null, page: null, id: null, part: null, query: new URLSearchParams(query) };
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

/** Keeps in the address how a list was narrowed and turned, so that coming back or reloading shows it again. */
export function keepQuery(route, query) {
  // The person may be on the way elsewhere.
  if (parse(location.hash).path !== route.path) return;
  const said = Object.entries(query).filter(([, value]) => value !== "" && value !== null);
  history.replaceState(history.state, "", `#/${route.path}${said.length > 0 ? `?${new URLSearchParams(said)}` : ""}`);
}

/** The page of an account where one begins. */
export const FIRST_PAGE = "today";

/** The page of a list that a route asks for. */
export function pageNumber(route) {
  return Math.max(1, Math.floor(Number(route.query.get("page"))) || 1);
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
