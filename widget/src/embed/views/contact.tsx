// The form for hours in which nobody answers: an address and a message.

import { useRef, useState } from "preact/hooks";
import type { Problem } from "../../client/types.ts";
import { RichText } from "../../text/rich-text.tsx";
import { toProblemText } from "../problem-text.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { Sheet } from "./sheet.tsx";

interface ContactProps {
  readonly needsConsent: boolean;
  readonly onClose: () => void;
}

type Fate = "writing" | "sending" | "sent" | Problem;
type Mistakes = { readonly email?: string | false; readonly text?: string | false };

const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(text) && text.length <= 254;

function useContact(needsConsent: boolean) {
  const { chat, phrases } = useUi();
  const [fate, setFate] = useState<Fate>("writing");
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const form = useRef<HTMLDivElement>(null);
  const send = async () => {
    const [email = "", text = ""] = [...(form.current?.querySelectorAll<HTMLInputElement>(".input") ?? [])].map(
      (field) => field.value.trim(),
    );
    const found = { email: !isEmail(email) && phrases.emailWrong, text: text === "" && phrases.messageMissing };
    setMistakes(found);
    if (found.email || found.text) {
      form.current?.querySelectorAll<HTMLElement>(".input")[found.email ? 0 : 1]?.focus();
      return;
    }
    setFate("sending");
    if (needsConsent) chat.acceptConsent();
    const outcome = await chat.sendContact({ email, text });
    setFate(outcome.isDone ? "sent" : outcome.problem);
  };
  return { fate, mistakes, form, send };
}

function Mistake({ id, text }: { readonly id: string; readonly text: string | false | undefined }) {
  return text ? (
    <small id={id} class="mistake">
      {text}
    </small>
  ) : null;
}

function Fields({ mistakes, send }: { readonly mistakes: Mistakes; readonly send: () => Promise<void> }) {
  const { phrases } = useUi();
  return (
    <>
      <label>
        {phrases.email}
        <input
          class="input"
          type="email"
          autocomplete="email"
          dir="ltr"
          maxLength={254}
          aria-invalid={Boolean(mistakes.email)}
          aria-describedby="email-mistake"
          onKeyDown={(event) => event.key === "Enter" && !event.isComposing && void send()}
        />
        <Mistake id="email-mistake" text={mistakes.email} />
      </label>
      <label>
        {phrases.message}
        <textarea
          class="input"
          rows={4}
          maxLength={4000}
          dir="auto"
          aria-invalid={Boolean(mistakes.text)}
          aria-describedby="text-mistake"
        />
        <Mistake id="text-mistake" text={mistakes.text} />
      </label>
    </>
  );
}

/** Sends nothing before the button is pressed; keeps what was written when it fails. */
export function Contact({ needsConsent, onClose }: ContactProps) {
  const { phrases, own } = useUi();
  const { fate, mistakes, form, send } = useContact(needsConsent);
  const done = (
    <p class="done" role="status">
      <Icon name="check" />
      {phrases.contactSent}
    </p>
  );
  return (
    <Sheet label={phrases.leave} onClose={onClose}>
      {fate === "sent" ? (
        done
      ) : (
        <div class="form" ref={form}>
          <Fields mistakes={mistakes} send={send} />
          {needsConsent && (
            <div class="fine">
              <RichText text={own.consent ?? phrases.consent} />
            </div>
          )}
          {typeof fate === "object" && (
            <small class="mistake" role="alert">
              {toProblemText(fate, phrases)}
            </small>
          )}
          <button type="button" class="primary" disabled={fate === "sending"} onClick={() => void send()}>
            {needsConsent ? phrases.agree : phrases.send}
          </button>
        </div>
      )}
    </Sheet>
  );
}
