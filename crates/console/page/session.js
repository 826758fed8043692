// Who is signed in. The token is kept in memory, and on this device only if the person asks.

import { Api } from "./api.js";

const KEPT_AS = "dialtime.token";

let token = localStorage.getItem(KEPT_AS);

export function signedIn() {
  return token !== null;
}

/** The API with the token of who is signed in. */
export function api() {
  return new Api(token);
}

export function signIn(secret, remember) {
  token = secret;
  if (remember) localStorage.setItem(KEPT_AS, secret);
}

export function signOut() {
  token = null;
  localStorage.removeItem(KEPT_AS);
}
