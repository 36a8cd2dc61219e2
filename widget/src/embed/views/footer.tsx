// The lower edge of the panel: consent before anything is said, the composer, or why there is none; below it who answers
// and whether the visitor is known.

import type { RefObject } from "preact";
import type { ChatState } from "../../client/types.ts";
import { RichText } from "../../text/rich-text.tsx";
import { fill } from "../texts/index.ts";
import { useUi } from "../ui.ts";
import { Composer } from "./composer.tsx";
import { Icon } from "./icon.tsx";
import { onDemand } from "./on-demand.tsx";

interface FooterProps {
  readonly state: ChatState;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly addFiles: (files: Iterable<File>) => void;
  readonly accept: () => void;
}

function Consent({ accept }: { readonly accept: () => void }) {
  const { phrases, own } = useUi();
  return (
    <div class="consent">
      <div class="fine">
        <RichText text={own.consent ?? phrases.consent} />
      </div>
      <button type="button" class="primary" data-focus onClick={accept}>
        {phrases.agree}
      </button>
    </div>
  );
}

function Ended({ state }: { readonly state: ChatState }) {
  const { chat, phrases } = useUi();
  const reason = state.endReason ?? "ended";
  return (
    <div class="consent ended">
      <p role="status">{phrases[reason]}</p>
      {(reason === "ended" || reason === "reused") && (
        <button type="button" class="primary" data-focus onClick={() => chat.restart()}>
          {phrases.restart}
        </button>
      )}
    </div>
  );
}

const OffHours = onDemand(() => import("./off-hours.tsx").then((part) => part.OffHours));

const Uploads = onDemand(() => import("./upload-list.tsx").then((part) => part.Uploads));

function Footnote({ state }: { readonly state: ChatState }) {
  const { config, phrases, own } = useUi();
  const isAi = config.features.aiDisclosure && state.mode !== "agent";
  if (!isAi && !state.isVerified) return null;
  return (
    <p class="footnote">
      {isAi && <span>{own.aiNotice ?? phrases.aiNotice}</span>}
      {state.isVerified && (
        <span class="verified">
          <Icon name="shield" />
          {fill(phrases.verified, { name: state.name ?? phrases.you })}
        </span>
      )}
    </p>
  );
}

/** What the visitor can do next. */
export function Footer({ state, field, addFiles, accept }: FooterProps) {
  const { config } = useUi();
  const isEnded = state.phase === "ended";
  return (
    <div class="footer">
      {config.features.isOffHours && state.mode !== "agent" && !isEnded && (
        <OffHours needsConsent={state.needsConsent} />
      )}
      {!isEnded && state.uploads.length > 0 && <Uploads uploads={state.uploads} />}
      {isEnded ? (
        <Ended state={state} />
      ) : state.needsConsent ? (
        <Consent accept={accept} />
      ) : (
        <Composer field={field} addFiles={addFiles} />
      )}
      <Footnote state={state} />
    </div>
  );
}
