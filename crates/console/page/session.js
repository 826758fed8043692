// Who is signed in. The token is kept in memory, and on this device, with the account of last time, only if the person asks.

import { Api } from "./api.js";

const KEPT_AS = "dialtime.token";
const ACCOUNT_KEPT_AS = "dialtime.account";

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
  localStorage.removeItem(ACCOUNT_KEPT_AS);
}

/** Calls when another page of this device, which kept the same token, has signed out. */
export function whenSignedOutElsewhere(call, { signal }) {
  const hear = ({ key, oldValue, newValue }) => key === KEPT_AS && newValue === null && oldValue === token && call();
  addEventListener("storage", hear, { signal });
}

/** The account of last time; null where nobody asked to be remembered. */
export function lastAccount() {
  return JSON.parse(localStorage.getItem(ACCOUNT_KEPT_AS));
}

export function keepAccount(account) {
  if (localStorage.getItem(KEPT_AS) !== null) localStorage.setItem(ACCOUNT_KEPT_AS, JSON.stringify(account));
}
