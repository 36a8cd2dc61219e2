// A file of the conversation as a `blob:` address. The file needs the visitor's token, so the browser cannot load it by
// itself; what is loaded is let go when its view is.

import { useEffect, useState } from "preact/hooks";
import type { Media } from "../../client/types.ts";
import { useUi } from "../ui.ts";

/** What every view of a file is told. */
export interface MediaProps {
  readonly media: Media;
  readonly messageId: string | undefined;
  readonly label: string;
}

/** Width by height, within what can be shown. */
export const ratioOf = ({ width, height }: Media): number =>
  width && height ? Math.min(Math.max(width / height, 0.5), 3) : 4 / 3;

export interface LoadedMedia {
  readonly url?: string;
  readonly isFailed: boolean;
}

/** Loads once it is wanted. */
export function useMedia(media: Media, messageId: string | undefined, isWanted = true): LoadedMedia {
  const { chat } = useUi();
  const [loaded, setLoaded] = useState<LoadedMedia>({ isFailed: false });
  const key = JSON.stringify(media.source);
  useEffect(() => {
    if (!isWanted) return;
    let url: string | undefined;
    let isGone = false;
    void chat.fetchMedia(media, messageId).then((blob) => {
      if (isGone) return;
      url = blob && URL.createObjectURL(blob);
      setLoaded(url === undefined ? { isFailed: true } : { url, isFailed: false });
    });
    return () => {
      isGone = true;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [chat, key, messageId, isWanted]);
  return loaded;
}
