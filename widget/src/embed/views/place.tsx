// A place in words and numbers. No map: its tiles would tell a third party who looks at what.

import { useRef, useState } from "preact/hooks";
import type { Content } from "../../client/types.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { addStyle } from "./on-demand.tsx";
import style from "./place.css?inline";

addStyle(style);

type Location = Extract<Content, { type: "location" }>;

/** Name, address, and coordinates to copy. Where the clipboard is refused, they are selected. */
export function Place({ place }: { readonly place: Location }) {
  const { phrases } = useUi();
  const [isCopied, setCopied] = useState(false);
  const numbers = useRef<HTMLElement>(null);
  const coordinates = `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}`;
  const copy = () =>
    void Promise.resolve(navigator.clipboard?.writeText(coordinates) ?? Promise.reject()).then(
      () => setCopied(true),
      () => numbers.current && getSelection()?.selectAllChildren(numbers.current),
    );
  return (
    <span class="location">
      <span class="file-mark">
        <Icon path="M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21Zm0-9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z" />
      </span>
      <span class="file-words">
        <strong>{place.name ?? phrases.location}</strong>
        {place.address !== undefined && <span>{place.address}</span>}
        <bdi class="numbers" ref={numbers} dir="ltr">
          {coordinates}
        </bdi>
      </span>
      <button type="button" class="choice" onClick={copy}>
        <span role="status">{isCopied ? phrases.copied : phrases.copy}</span>
      </button>
    </span>
  );
}
