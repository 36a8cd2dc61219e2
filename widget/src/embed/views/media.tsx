// Image, audio, video and file. Each keeps its place from the first drawing, so that nothing jumps when it has loaded; sound
// and film are loaded when they are asked for, since a visitor may pay for every megabyte.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Media, MediaKind } from "../../client/types.ts";
import { formatBytes } from "../format.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { Sheet } from "./sheet.tsx";
import { useMedia } from "./use-media.ts";

interface MediaProps {
  readonly media: Media;
  readonly messageId: string | undefined;
  readonly label: string;
}

const ratioOf = ({ width, height }: Media): number =>
  width && height ? Math.min(Math.max(width / height, 0.5), 3) : 4 / 3;

/** A picture in a frame of its final size. */
export function Picture({ media, messageId, label }: MediaProps) {
  const { texts } = useUi();
  const { url, isFailed } = useMedia(media, messageId);
  return (
    <span class="picture" data-loading={url === undefined && !isFailed} style={{ "--ratio": ratioOf(media) }}>
      {url !== undefined && <img src={url} alt={label} />}
      {isFailed && (
        <span class="picture-failed">
          <Icon name="image" />
          {texts.noMedia}
        </span>
      )}
    </span>
  );
}

function ImageView(props: MediaProps) {
  const { texts } = useUi();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        <span class="unseen">{texts.view}: </span>
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

function PlayerView({ media, messageId, label, kind }: MediaProps & { readonly kind: "audio" | "video" }) {
  const { texts } = useUi();
  const [isWanted, setWanted] = useState(false);
  const { url, isFailed } = useMedia(media, messageId, isWanted);
  const Player = kind;
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
          <span class="play-mark">{isWanted && !isFailed ? <span class="spinner" /> : <Icon name="play" />}</span>
          <span>{isFailed ? texts.noMedia : isWanted ? texts.loading : `${texts.play}: ${label}`}</span>
        </button>
      ) : (
        <Player src={url} controls autoplay aria-label={label} />
      )}
    </span>
  );
}

function FileView({ media, messageId, label }: MediaProps) {
  const { texts, locale } = useUi();
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
          <small>{isFailed ? texts.noMedia : [texts.download, size].filter(Boolean).join(" · ")}</small>
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
  return kind === "file" ? <FileView {...props} /> : <PlayerView kind={kind} {...props} />;
}
