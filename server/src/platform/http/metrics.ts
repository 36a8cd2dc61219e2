// Duration of requests by route. The route is the template, never the path, so the number of series is bounded and no
// id gets into the metrics.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Histogram, type Registry } from "prom-client";

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Observe = (seconds: number) => void;

export class RequestMetrics {
  readonly #histogram: Histogram<"method" | "route" | "status">;

  constructor(registry: Registry) {
    this.#histogram = new Histogram({
      name: "parley_http_request_duration_seconds",
      help: "Time from the arrival of a request to the end of its answer.",
      labelNames: ["method", "route", "status"],
      buckets,
      registers: [registry],
    });
  }

  /** Measures every route that is bound on the scope from here on. */
  observeRoutes(scope: FastifyInstance): void {
    scope.addHook("onRoute", (route) => {
      const own = route.onResponse === undefined ? [] : [route.onResponse].flat();
      route.onResponse = [...own, this.#createHook(route.url)];
    });
  }

  /** Counts a request for an address that does not exist. */
  observeUnknown(seconds: number): void {
    this.#histogram.labels({ method: "any", route: "unknown", status: "404" }).observe(seconds);
  }

  /** One lookup by number a request: prom-client's own label look-up costs ten times as much. */
  #createHook(route: string) {
    const observers = new Map<string, Observe>();
    return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      const key = `${request.method}${reply.statusCode}`;
      let observe = observers.get(key);
      if (observe === undefined) {
        const series = this.#histogram.labels({ method: request.method, route, status: String(reply.statusCode) });
        observe = (seconds) => series.observe(seconds);
        observers.set(key, observe);
      }
      observe(reply.elapsedTime / 1000);
      done();
    };
  }
}
