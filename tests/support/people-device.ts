// A device with passkeys, as Chromium's virtual authenticator: it can be put into the machine and taken out, and keeps its
// passkeys meanwhile. In the machine it answers by itself only while it is touched.

import type { CDPSession, Page } from "playwright-core";

export interface DeviceOptions {
  readonly isBackedUp?: boolean;
  readonly isUserVerified?: boolean;
}

interface VirtualCredential {
  readonly credentialId: string;
  readonly signCount: number;
}

export interface Device {
  /** Puts it in; `isTouched` answers every prompt at once. */
  plugIn(options?: { isTouched?: boolean }): Promise<void>;
  touch(): Promise<void>;
  /** Takes it out. */
  unplug(): Promise<void>;
  /** From the next time it is put in: what a copy of it would do. */
  turnCounterBack(): void;
  setVerified(isUserVerified: boolean): Promise<void>;
}

/** A device of one browser tab. */
export async function createDevice(page: Page, options: DeviceOptions = {}): Promise<Device> {
  const { isBackedUp = false, isUserVerified = true } = options;
  const tools: CDPSession = await page.context().newCDPSession(page);
  await tools.send("WebAuthn.enable");
  let authenticatorId = "";
  let kept: VirtualCredential[] = [];
  return {
    async plugIn({ isTouched = true } = {}) {
      const made = await tools.send("WebAuthn.addVirtualAuthenticator", {
        options: {
          ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
          ...{ isUserVerified, automaticPresenceSimulation: isTouched },
          ...{ defaultBackupEligibility: isBackedUp, defaultBackupState: isBackedUp },
        },
      });
      authenticatorId = made.authenticatorId;
      for (const credential of kept) {
        await tools.send("WebAuthn.addCredential", { authenticatorId, credential: credential as never });
      }
    },
    touch: async () => {
      await tools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: true });
    },
    async unplug() {
      const { credentials } = await tools.send("WebAuthn.getCredentials", { authenticatorId });
      kept = credentials;
      await tools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    },
    turnCounterBack: () => {
      kept = kept.map((credential) => ({ ...credential, signCount: 0 }));
    },
    setVerified: async (isVerified) => {
      await tools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: isVerified });
    },
  };
}

interface SignedAnswer {
  readonly credentialId: string;
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
  readonly userHandle: string;
}

/** What the device answers to a page that asks it not to verify the person; the server asks for it always. */
export function getUnverified(page: Page, challenge: string): Promise<SignedAnswer> {
  const json = JSON.stringify({ challenge, rpId: "localhost", userVerification: "discouraged" });
  return page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(${json});
    const { id, response } = (await navigator.credentials.get({ publicKey })).toJSON();
    const { authenticatorData, clientDataJSON, signature, userHandle } = response;
    return { credentialId: id, authenticatorData, clientDataJSON, signature, userHandle };
  })()`);
}
