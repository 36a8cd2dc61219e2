// What is seldom wanted: the language, the transcript, the end.

import { useState } from "preact/hooks";
import type { ChatState, Outcome } from "../../client/types.ts";
import { toProblemText } from "../problem-text.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import style from "./menu-rows.css?inline";
import { addStyle } from "./on-demand.tsx";
import { Sheet } from "./sheet.tsx";

addStyle(style);

interface MenuProps {
  readonly state: ChatState;
  readonly askToEnd: () => void;
}

function nameLanguage(locale: string): string {
  return new Intl.DisplayNames(locale, { type: "language" }).of(locale) ?? locale;
}

function Languages() {
  const { chat, config, locale, phrases } = useUi();
  const locales = Object.keys(config.texts);
  if (locales.length < 2) return null;
  return (
    <label class="menu-row">
      {phrases.language}
      <select onChange={(event) => chat.setLocale(event.currentTarget.value)}>
        {locales.map((name) => (
          <option key={name} value={name} lang={name} selected={name === locale}>
            {nameLanguage(name)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Asks before the chat is ended. */
export function EndSheet({ onClose }: { readonly onClose: () => void }) {
  const { chat, phrases } = useUi();
  return (
    <Sheet label={phrases.end} onClose={onClose}>
      <div class="form">
        <p>{phrases.endAsk}</p>
        <button
          type="button"
          class="primary"
          onClick={() => {
            onClose();
            void chat.end();
          }}
        >
          {phrases.end}
        </button>
      </div>
    </Sheet>
  );
}

/** The rows of the menu. */
export function MenuRows({ state, askToEnd }: MenuProps) {
  const { chat, config, phrases } = useUi();
  const [outcome, setOutcome] = useState<Outcome>();
  const isBegun = state.phase === "ready" && state.messages.length > 0;
  return (
    <>
      <Languages />
      {isBegun && config.features.transcript && state.isVerified && (
        <button type="button" class="menu-row" onClick={() => void chat.requestTranscript().then(setOutcome)}>
          <Icon path="M4 6h16v12H4zm0 1 8 6 8-6" />
          {phrases.transcript}
        </button>
      )}
      <p class="menu-note" role="status">
        {outcome && (outcome.isDone ? phrases.transcriptSent : toProblemText(outcome.problem, phrases))}
      </p>
      {isBegun && (
        <button type="button" class="menu-row" onClick={askToEnd}>
          <Icon name="close" />
          {phrases.end}
        </button>
      )}
    </>
  );
}
