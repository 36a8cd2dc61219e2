// What every page is given, whatever it shows. Views are pure: all they know stands in these objects, times included.

import type { FieldMistake } from "../kernel/errors.ts";

/** What just happened: `error` and `care` ask for something, `done` and `info` do not. */
export interface Notice {
  readonly tone: "error" | "care" | "done" | "info";
  readonly text: string;
}

export interface PageView {
  /** The nonce of this answer's Content-Security-Policy, as `listPageHeaders` was given it. */
  readonly nonce: string;
  readonly notice?: Notice;
}

/** A page with forms. */
export interface FormPageView extends PageView {
  /** The signed token that every form sends in its field `csrf`. */
  readonly csrf: string;
  /** What is wrong with the last answer; `path` is the name of the field. */
  readonly mistakes?: readonly FieldMistake[];
}

/** A page of someone who is signed in. */
export interface AccountPageView extends FormPageView {
  readonly user: { readonly name: string; readonly email: string };
  /** Milliseconds since the Unix epoch; every time on the page is told from here. */
  readonly nowMs: number;
  /** True while the organisation's policy lets the person do nothing but add a factor: no other place is offered. */
  readonly isRestricted?: boolean;
}

/** What the browser needs for a passkey prompt. */
export interface PasskeyPrompt {
  /** The options of WebAuthn level 3 as JSON: `PublicKeyCredentialCreationOptionsJSON` or `...RequestOptionsJSON`. */
  readonly optionsJson: string;
}
