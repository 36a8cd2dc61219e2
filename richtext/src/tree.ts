// The tree of a text. It has no node for HTML, images or styles, so no renderer can be asked for them.

import type { SafeUrl } from "./safe-url.ts";

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "break" }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis"; readonly children: readonly Inline[] }
  /** The label is never empty, holds no link, and names the target's host where it could be taken for another one. */
  | { readonly kind: "link"; readonly url: SafeUrl; readonly children: readonly Inline[] };

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | {
      readonly kind: "list";
      readonly isOrdered: boolean;
      /** The number of the first item; 1 for bullets. */
      readonly start: number;
      readonly items: readonly (readonly Block[])[];
    };
