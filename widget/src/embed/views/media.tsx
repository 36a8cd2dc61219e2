// Image, audio, video and file. Each keeps its place from the first drawing, so that nothing jumps when it has loaded.

import { useEffect, useRef, useState } from "preact/hooks";
import type { MediaKind } from "../../client/types.ts";
import { formatBytes } from "../format.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { onDemand } from "./on-demand.tsx";
import { Sheet } from "./sheet.tsx";
import { type MediaProps, ratioOf, useMedia } from "./use-media.ts";

/** A picture in a frame of its final size. */
export function Picture({ media, messageId, label }: MediaProps) {
  const { phrases } = useUi();
  const { url, isFailed } = useMedia(media, messageId);
  return (
    <span class="picture" data-loading={url === undefined && !isFailed} style={{ "--ratio": ratioOf(media) }}>
      {url !== undefined && <img src={url} alt={label} />}
      {isFailed && (
        <span class="picture-failed">
          <Icon name="image" />
          {phrases.noMedia}
        </span>
      )}
    </span>
  );
}

function ImageView(props: MediaProps) {
  const { phrases } = useUi();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        <span class="unseen">{phrases.view}: </span>
        <Picture {...props} />
      </button>
      {isOpen && (
        <Sheet label={props.label} kind="picture" onClose={() => setOpen(false)}>
          <Picture {...props} />
        </Sheet>
      )}
    </>
  );
}

const Player = onDemand(() => import("./player.tsx").then((part) => part.Player));

function FileView({ media, messageId, label }: MediaProps) {
  const { phrases, locale } = useUi();
  const [isWanted, setWanted] = useState(false);
  const { url, isFailed } = useMedia(media, messageId, isWanted);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (url !== undefined) link.current?.click();
  }, [url]);
  const size = media.bytes === undefined ? "" : formatBytes(locale, media.bytes);
  return (
    <>
      <button type="button" class="file" onClick={() => (url === undefined ? setWanted(true) : link.current?.click())}>
        <span class="file-mark">
          <Icon name="file" />
        </span>
        <span class="file-words">
          <bdi>{label}</bdi>
          <small>{isFailed ? phrases.noMedia : [phrases.download, size].filter(Boolean).join(" · ")}</small>
        </span>
        {isWanted && url === undefined && !isFailed ? <span class="spinner" /> : <Icon name="download" />}
      </button>
      {/* A page's script may save a blob only by such a link. */}
      {url !== undefined && <a ref={link} href={url} download={label} hidden />}
    </>
  );
}

/** The media of a message by its kind. */
export function MediaView({ kind, ...props }: MediaProps & { readonly kind: MediaKind }) {
  if (kind === "image") return <ImageView {...props} />;
  return kind === "file" ? <FileView {...props} /> : <Player kind={kind} {...props} />;
}
