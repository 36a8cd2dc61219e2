// A place in words and numbers. No map: its tiles would tell a third party who looks at what.

import { useRef, useState } from "preact/hooks";
import type { Content } from "../../client/types.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";

type Location = Extract<Content, { type: "location" }>;

/** Name, address, and coordinates to copy. Where the clipboard is refused, they are selected. */
export function Place({ place }: { readonly place: Location }) {
  const { texts } = useUi();
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
        <Icon name="pin" />
      </span>
      <span class="file-words">
        <strong>{place.name ?? texts.location}</strong>
        {place.address !== undefined && <span>{place.address}</span>}
        <bdi class="numbers" ref={numbers} dir="ltr">
          {coordinates}
        </bdi>
      </span>
      <button type="button" class="choice" onClick={copy}>
        <span role="status">{isCopied ? texts.copied : texts.copy}</span>
      </button>
    </span>
  );
}
