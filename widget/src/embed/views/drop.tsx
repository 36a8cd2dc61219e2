// Says that files can be let go here, while they are held over the panel.

import { useUi } from "../ui.ts";
import style from "./drop.css?inline";
import { Icon } from "./icon.tsx";
import { addStyle } from "./on-demand.tsx";

addStyle(style);

/** Covers the panel; the pointer goes through it. */
export function Drop() {
  return (
    <div class="drop">
      <Icon name="attach" />
      {useUi().phrases.drop}
    </div>
  );
}
