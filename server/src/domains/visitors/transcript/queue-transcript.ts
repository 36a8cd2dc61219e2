import { AppError } from "../../../kernel/errors.ts";
import type { InstallationKeys } from "../../keys/index.ts";
import { type LetterWriter, queueLetter } from "../../letters/index.ts";
import { transcriptErrors } from "./errors.ts";
import { type TranscriptMessage, toTranscriptLetter } from "./write-transcript.ts";

export interface TranscriptDeps {
  readonly installation: Pick<InstallationKeys, "sealer">;
  /** PARLEY_PUBLIC_URL. */
  readonly publicUrl: string;
}

export interface TranscriptRequest {
  /** As the website's server signed it. */
  readonly identity: { readonly email?: string | undefined; readonly isEmailVerified: boolean } | undefined;
  readonly title: string;
  /** Oldest first; the latest 500 are sent. */
  readonly messages: readonly TranscriptMessage[];
}

/**
 * Stores the letter in the caller's transaction. Throws `visitors.transcript_refused` for whoever is not verified or has no
 * verified address, `visitors.transcript_empty` when nothing was said.
 * SECURITY: an address that a visitor typed, or that a website did not verify, is never written to.
 */
export async function queueTranscript(
  { installation, publicUrl }: TranscriptDeps,
  writer: LetterWriter,
  { identity, title, messages }: TranscriptRequest,
): Promise<void> {
  if (identity?.email === undefined || !identity.isEmailVerified) throw new AppError(transcriptErrors.refused);
  if (messages.length === 0) throw new AppError(transcriptErrors.empty);
  const site = URL.parse(publicUrl)?.host ?? "";
  const letter = toTranscriptLetter({ title, site, messages });
  await queueLetter(writer, await installation.sealer(), { to: identity.email, ...letter });
}
