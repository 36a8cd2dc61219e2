// How much a visitor, a network, a channel and an app may do. Above a soft figure more work is asked for; above a hard one
// the answer is no. A network's hard figure is high, because a school or a telephone company is one network: its people are
// slowed down before anybody is refused.

/** What is counted apart. `call` is every request of a visitor with a token, those of the other classes too. */
export type VisitorAct = "start" | "message" | "upload" | "contact" | "identify" | "transcript" | "call";

export type CountedBy = "visitor" | "network" | "channel" | "app";

export interface LimitRule {
  readonly by: CountedBy;
  readonly seconds: number;
  /** Refused above this. */
  readonly hard: number;
  /** Asked for a proof of work above this. */
  readonly soft?: number;
}

export type VisitorLimitTable = Readonly<Record<VisitorAct, readonly LimitRule[]>> & {
  readonly streams: { readonly perVisitor: number; readonly perNetwork: number };
};

/** The one table of figures. Rules stand from the narrowest to the widest. */
export const visitorLimitTable: VisitorLimitTable = {
  start: [
    { by: "network", seconds: 60, soft: 30, hard: 600 },
    { by: "channel", seconds: 60, soft: 1_000, hard: 3_000 },
    { by: "app", seconds: 60, hard: 6_000 },
  ],
  message: [
    { by: "visitor", seconds: 60, hard: 20 },
    { by: "visitor", seconds: 3_600, hard: 300 },
    { by: "network", seconds: 60, soft: 120, hard: 1_200 },
    { by: "channel", seconds: 60, hard: 3_000 },
    { by: "app", seconds: 60, hard: 6_000 },
  ],
  upload: [
    { by: "visitor", seconds: 600, hard: 10 },
    { by: "network", seconds: 600, hard: 600 },
    { by: "channel", seconds: 600, hard: 2_000 },
  ],
  contact: [
    { by: "visitor", seconds: 600, hard: 5 },
    { by: "network", seconds: 600, soft: 20, hard: 200 },
    { by: "channel", seconds: 600, hard: 2_000 },
  ],
  identify: [
    { by: "visitor", seconds: 600, hard: 20 },
    { by: "network", seconds: 60, hard: 300 },
    { by: "channel", seconds: 60, hard: 3_000 },
  ],
  transcript: [
    { by: "visitor", seconds: 3_600, hard: 3 },
    { by: "network", seconds: 3_600, hard: 60 },
    { by: "channel", seconds: 3_600, hard: 1_000 },
  ],
  call: [
    { by: "visitor", seconds: 60, hard: 240 },
    { by: "network", seconds: 60, hard: 6_000 },
    { by: "app", seconds: 60, hard: 30_000 },
  ],
  streams: { perVisitor: 5, perNetwork: 500 },
};
