// Passkeys over the API, called by a script of the site's own page, with a device in software that can misbehave in one
// thing at a time.

import type { Page } from "playwright-core";
import type {
  Misbehaviour,
  SoftwareAuthenticator,
} from "../../server/src/domains/identity/factors/testing/software-authenticator.ts";
import { type ApiAnswer, callInPage, readCsrf } from "./people-browser.ts";

interface Options {
  readonly challenge: string;
  readonly user?: { readonly id: string };
}

/** What the server gives the browser at this address. */
export async function readOptions(page: Page, path: string, headers = {}): Promise<Options> {
  const { status, body } = await callInPage(page, { method: "POST", path, headers, body: {} });
  if (status !== 200) throw new Error(`${path} answered ${status}`);
  return body["options"] as Options;
}

export interface Registered extends ApiAnswer {
  /** Names the account to devices. */
  readonly userHandle: string;
  /** Sends the same answer once more. */
  again(): Promise<ApiAnswer>;
}

/** Registers the device for whoever is signed in. */
export async function register(page: Page, device: SoftwareAuthenticator, wrong?: Misbehaviour): Promise<Registered> {
  const headers = await readCsrf(page);
  const options = await readOptions(page, "/api/v1/account/passkeys/options", headers);
  const body = { name: "Software", passkey: device.register(options, wrong) };
  const send = () => callInPage(page, { method: "POST", path: "/api/v1/account/passkeys", headers, body });
  return { ...(await send()), userHandle: options.user?.id ?? "", again: send };
}

/** Sends an answer to a sign-in with a passkey alone. */
export function sendSignIn(page: Page, passkey: object): Promise<ApiAnswer> {
  return callInPage(page, { method: "POST", path: "/api/v1/sign-in/passkey", body: { passkey } });
}

/** Signs in with the device alone. */
export async function signIn(page: Page, device: SoftwareAuthenticator, wrong: Misbehaviour): Promise<ApiAnswer> {
  const options = await readOptions(page, "/api/v1/sign-in/passkey/options");
  return sendSignIn(page, device.signIn(options, wrong));
}

const foreign = Buffer.alloc(32, 7).toString("base64url");

/** What a device or a page in between may do wrong, without the signature telling. */
export const misbehaviours: readonly (readonly [what: string, wrong: Misbehaviour])[] = [
  ["an unverified person", { isVerified: false }],
  ["an absent person", { isPresent: false }],
  ["another port of the origin", { origin: "http://localhost:1" }],
  ["an origin that only begins alike", { origin: "http://localhost.attacker.example" }],
  ["another domain's key", { rpId: "attacker.example" }],
  ["a challenge of its own", { challenge: foreign }],
  ["a frame of another origin", { crossOrigin: true }],
];
