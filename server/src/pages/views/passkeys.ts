// The passkeys of an account: each with its name, its last use and where it lives; one more; rename and remove.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { callout } from "../components/callout.ts";
import { disclosure } from "../components/disclosure.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { passkeyForm } from "../components/passkey-form.ts";
import { row, rows } from "../components/rows.ts";
import { day, past, person, strongName, toName } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView, PasskeyPrompt } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs?: number;
  /** From the flags BE and BS (WebAuthn level 3, 6.1.3): kept by a provider, able to be, or bound to its device. */
  readonly backup: "backed-up" | "possible" | "never";
}

export interface PasskeysView extends AccountPageView {
  readonly passkeys: readonly PasskeyView[];
  readonly prompt: PasskeyPrompt;
  /** Set while one cannot be removed, with the reason: `Your organisation asks for a passkey, and this is your last.` */
  readonly keptBecause?: string;
}

const backups = {
  "backed-up": "Backed up, works on your devices",
  possible: "On this device, not backed up yet",
  never: "On one device only, cannot be backed up",
};

function writeRename(view: PasskeysView, { id, name }: PasskeyView): Html {
  const content = html`${field(view, { id: `${id}-name`, name: "name", label: "Name", autocomplete: "off", value: name })}${button("Save the name", { kind: "plain", isSmall: true })}`;
  return disclosure({
    words: "Rename",
    of: toName(name),
    content: form(view, { action: pagePaths.passkeysRename, hidden: { passkeyId: id }, content }),
    isOpen: view.mistakes?.some((mistake) => mistake.path === `${id}-name`) ?? false,
  });
}

function writeRemove(view: PasskeysView, { id, name }: PasskeyView): Html {
  if (view.keptBecause !== undefined) {
    return disclosure({ words: "Remove", of: toName(name), content: html`<p>${view.keptBecause}</p>` });
  }
  const words = html`<p>You will not be able to sign in with ${strongName(name)} any more. It stays on your device until you delete it there too.</p>`;
  const content = html`${words}${button("Remove this passkey", { kind: "bad", isSmall: true, of: toName(name) })}`;
  return disclosure({
    words: "Remove",
    of: toName(name),
    content: form(view, { action: pagePaths.passkeysRemove, hidden: { passkeyId: id }, content }),
  });
}

function writePasskey(view: PasskeysView, passkey: PasskeyView): Html {
  const used = passkey.lastUsedAtMs === undefined ? "Not used yet" : past(passkey.lastUsedAtMs, view.nowMs);
  return row({
    title: person(passkey.name),
    facts: [
      ["Last used", used],
      ["Added", day(passkey.createdAtMs)],
      ["Kept", backups[passkey.backup]],
    ],
    more: html`<div class="acts">${writeRename(view, passkey)}${writeRemove(view, passkey)}</div>`,
  });
}

/** The passkeys. Adds with `name`, `credential`; renames with `passkeyId`, `name`; removes with `passkeyId`. */
export function passkeysPage(view: PasskeysView): Html {
  const name = field(view, {
    name: "name",
    label: "Name for the passkey",
    hint: "So that you know it again: Phone, Blue key.",
    autocomplete: "off",
  });
  const add = passkeyForm(view, {
    action: pagePaths.passkeys,
    act: "create",
    prompt: view.prompt,
    words: "Add a passkey",
    fields: name,
    otherwise: "Until then, an authenticator app protects your account too.",
  });
  const alone =
    view.passkeys.length === 1 &&
    callout({
      tone: "info",
      title: "Add a second one",
      text: "With a passkey on another device or on a security key, losing one does not lock you out.",
    });
  return accountPage(view, {
    title: "Passkeys",
    lead: "A passkey is kept by your device and opened with your fingerprint, your face or the lock of your screen.",
    path: pagePaths.passkeys,
    content: [
      alone,
      view.passkeys.length > 0 && rows(view.passkeys.map((passkey) => writePasskey(view, passkey))),
      html`<section class="block" aria-labelledby="add"><h2 id="add">Add a passkey</h2>${add}</section>`,
    ],
  });
}
