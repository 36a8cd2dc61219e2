// What the operations for visitors are made with.

import type { Pipeline } from "../../conversations/index.ts";
import type { FileDeps } from "../../files/index.ts";
import type { IdentityDeps } from "../identity/verify-identity.ts";
import type { VisitorLimits } from "../limits/visitor-limits.ts";
import type { VisitorStreams } from "../live/visitor-streams.ts";
import type { SessionDeps } from "../sessions/deps.ts";
import type { TranscriptDeps } from "../transcript/queue-transcript.ts";

export interface VisitorDeps extends SessionDeps {
  readonly pipeline: Pick<Pipeline, "accept">;
  readonly streams: VisitorStreams;
  readonly limits: VisitorLimits;
  readonly files: FileDeps;
  readonly identities: IdentityDeps;
  readonly transcripts: TranscriptDeps;
}
