// What slides over the conversation and must be answered or left first: a list, a form, a picture. A native dialog: Escape
// closes it and the focus goes back to where it was, without a line of ours.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useUi } from "../ui.ts";
import { Icon, type IconName } from "./icon.tsx";

interface SheetProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly kind?: "picture";
  readonly children: ComponentChildren;
}

/** Opens as it is mounted; `onClose` takes it away. */
export function Sheet({ label, onClose, kind, children }: SheetProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => ref.current?.showModal(), []);
  const close = () => ref.current?.close();
  return (
    <dialog
      class="sheet"
      data-kind={kind}
      ref={ref}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <div class="sheet-body">
        <h2>{label}</h2>
        {children}
        <IconButton icon="close" onClick={close} label={useUi().phrases.close} />
      </div>
    </dialog>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
}

/** A round button with an icon and an unseen name. */
export function IconButton({ icon, label, onClick }: IconButtonProps) {
  return (
    <button type="button" class="round" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
