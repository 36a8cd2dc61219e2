// Figures of the product for Prometheus, read when asked.

import { Gauge, type Registry } from "prom-client";

/** Adds figures that only ever grow or stand for now, read at each scrape. */
export function addFigures(
  registry: Registry,
  figures: Readonly<Record<string, { readonly help: string; readonly read: () => number }>>,
): void {
  for (const [name, { help, read }] of Object.entries(figures)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}
