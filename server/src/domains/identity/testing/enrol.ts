// Gives people of a scene their factors, through the flows themselves.

import { generateSync, ScureBase32Plugin } from "otplib";
import type { PasskeyId } from "../../../kernel/ids.ts";
import type { Secret } from "../../../kernel/secret.ts";
import { addPasskey, beginPasskey } from "../account/passkeys.ts";
import { makeRecoveryCodes } from "../account/recovery-codes.ts";
import { beginTotp, confirmTotp } from "../account/totp.ts";
import type { SoftwareAuthenticator } from "../factors/testing/software-authenticator.ts";
import { toUserHandle } from "../proofs/check-factor.ts";
import { createDevice, type Person, type Scene } from "./scene.ts";

/** An authenticator app: says the code of the scene's moment. */
export interface App {
  readCode(): string;
}

/** The app that scanned a secret shown as base32. */
export function scan(scene: Scene, typed: string): App {
  const secret = new ScureBase32Plugin().decode(typed.replaceAll(" ", ""));
  return {
    readCode: () =>
      generateSync({ secret, epoch: Math.floor(scene.clock.nowMs() / 1000), period: 30, digits: 6, algorithm: "sha1" }),
  };
}

/** Adds an authenticator app, and moves on to its next code. */
export async function enrolTotp(
  scene: Scene,
  person: Person,
  methods: readonly ["password"] | readonly ["password", "passkey"] = ["password"],
): Promise<App> {
  const { caller } = await scene.enter(person, methods);
  const app = scan(scene, (await beginTotp(scene.deps, caller)).typed);
  await confirmTotp(scene.deps, caller, { code: app.readCode() });
  scene.clock.advance(30_000);
  return app;
}

export interface Enrolled {
  readonly device: SoftwareAuthenticator;
  readonly passkeyId: PasskeyId;
  readonly token: Secret<string>;
  /** As authenticators tell it. */
  readonly userHandle: string;
}

/** Adds a passkey. */
export async function enrolPasskey(scene: Scene, person: Person, name = "Blue key"): Promise<Enrolled> {
  const { caller } = await scene.enter(person, ["password", "passkey"]);
  const device = createDevice();
  const options = await beginPasskey(scene.deps, caller);
  const { passkey, token } = await addPasskey(scene.deps, caller, { name, passkey: device.register(options) });
  return { device, passkeyId: passkey.passkeyId, token, userHandle: toUserHandle(person.userId).toString("base64url") };
}

/** Makes recovery codes. */
export async function enrolCodes(scene: Scene, person: Person): Promise<readonly string[]> {
  const { caller } = await scene.enter(person, ["password", "totp"]);
  return (await makeRecoveryCodes(scene.deps, caller)).reveal();
}
