// The metrics of the process: memory, CPU, garbage collection, handles, and how late the event loop runs.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

const nanosecondsPerSecond = 1e9;
const percentiles = [50, 90, 99, 99.9] as const;

/** Makes a registry of its own, so that nothing is counted twice when two servers run in one process. */
export function createMetricsRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const gauge = new Gauge({
    name: "parley_event_loop_delay_seconds",
    help: "How late timers ran since the last reading, by percentile.",
    labelNames: ["percentile"],
    registers: [registry],
    collect() {
      for (const percentile of percentiles) {
        gauge.set({ percentile: String(percentile) }, delay.percentile(percentile) / nanosecondsPerSecond);
      }
      delay.reset();
    },
  });
  return registry;
}
