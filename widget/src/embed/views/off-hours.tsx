// Says that nobody answers at this hour, and offers the form.

import { useState } from "preact/hooks";
import { useUi } from "../ui.ts";
import { Contact } from "./contact.tsx";
import { Icon } from "./icon.tsx";
import style from "./off-hours.css?inline";
import { addStyle } from "./on-demand.tsx";

addStyle(style);

/** The sentence and the button. */
export function OffHours({ needsConsent }: { readonly needsConsent: boolean }) {
  const { phrases, own } = useUi();
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="off-hours">
      <Icon name="clock" />
      <span>{own.offHours ?? phrases.offHours}</span>
      <button type="button" class="choice" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {phrases.leave}
      </button>
      {isOpen && <Contact needsConsent={needsConsent} onClose={() => setOpen(false)} />}
    </div>
  );
}
