// The channels this product speaks.

import type { ChannelAdapter } from "../adapter.ts";
import { customAdapter } from "./custom/adapter.ts";
import { webAdapter } from "./web/adapter.ts";
import { whatsappAdapter } from "./whatsapp/adapter.ts";

export { timeNotGiven } from "./bounds.ts";

/** Every adapter by its kind. */
export const adapters: ReadonlyMap<string, ChannelAdapter> = new Map(
  [customAdapter, webAdapter, whatsappAdapter].map((adapter) => [adapter.kind, adapter]),
);

/** The adapter of a kind; undefined for a kind this product does not speak. */
export function findAdapter(kind: string): ChannelAdapter | undefined {
  return adapters.get(kind);
}
