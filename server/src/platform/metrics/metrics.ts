// The product's metrics, for Prometheus: the process's own, the event loop's, and figures that are read when asked.

import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** A registry with the default metrics of the process. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

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
