// Sound and film. They are loaded when they are asked for, since a visitor may pay for every megabyte.

import { useState } from "preact/hooks";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { addStyle } from "./on-demand.tsx";
import style from "./player.css?inline";
import { type MediaProps, ratioOf, useMedia } from "./use-media.ts";

addStyle(style);

/** A button in the place of the player, until it is pressed. */
export function Player({ media, messageId, label, kind }: MediaProps & { readonly kind: "audio" | "video" }) {
  const { phrases } = useUi();
  const [isWanted, setWanted] = useState(false);
  const { url, isFailed } = useMedia(media, messageId, isWanted);
  const Tag = kind;
  return (
    <span class={`player ${kind}`} style={{ "--ratio": ratioOf(media) }}>
      {url === undefined ? (
        <button
          type="button"
          class="play"
          disabled={isFailed}
          aria-busy={isWanted && !isFailed}
          onClick={() => setWanted(true)}
        >
          <span class="play-mark">
            {isWanted && !isFailed ? <span class="spinner" /> : <Icon path="M8 5.5v13l11-6.5-11-6.5Z" />}
          </span>
          <span>{isFailed ? phrases.noMedia : isWanted ? phrases.loading : `${phrases.play}: ${label}`}</span>
        </button>
      ) : (
        <Tag src={url} controls autoplay aria-label={label} />
      )}
    </span>
  );
}
