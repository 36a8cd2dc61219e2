// Checks the signatures of every five-hundredth webhook: all of them would cost more than the rest of the mock together.

import { hmacSha256, isEncodingOf } from "../../server/src/platform/crypto/hmac.ts";
import { findHeader, type WireMessage } from "./http-wire.ts";
import type { Bearer } from "./traffic.ts";

const every = 500;

export interface SignatureFigures {
  readonly checked: number;
  /** Signed with no app's channel secret. */
  readonly wrong: number;
}

export class SignatureSample {
  #apps: readonly Bearer[] = [];
  #seen = 0;
  #checked = 0;
  #wrong = 0;

  /** Starts anew with the apps whose webhooks come next. */
  begin(apps: readonly Bearer[]): void {
    this.#apps = apps;
    this.#seen = 0;
    this.#checked = 0;
    this.#wrong = 0;
  }

  /** Takes note of a webhook, and checks it when its turn has come. The first one is always checked. */
  see({ head, body }: WireMessage): void {
    this.#seen += 1;
    if (this.#seen % every !== 1) return;
    const signature = findHeader(head, "x-woztell-signature") ?? "";
    this.#checked += 1;
    const isSigned = this.#apps.some((app) => isEncodingOf(signature, hmacSha256(app.channelSecret, body), "base64"));
    if (!isSigned) this.#wrong += 1;
  }

  get figures(): SignatureFigures {
    return { checked: this.#checked, wrong: this.#wrong };
  }
}
