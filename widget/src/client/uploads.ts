// Files on their way up. A file that is up becomes a message of the outbox; one that is refused stays in the list with the
// reason. Files are not kept over a reload: the browser gives a page no lasting hold of them.

import { waitMs } from "./backoff.ts";
import type { Environment } from "./environment.ts";
import { pick, readFields, readFile, readText } from "./parse.ts";
import { wait } from "./pause.ts";
import { drawId, type Lost, type Visit } from "./session.ts";
import { type Answer, readJson, toProblem } from "./transport.ts";
import type { Content, MediaKind, Problem, Upload } from "./types.ts";

export interface UploadsOptions {
  readonly environment: Environment;
  readonly visit: Visit;
  readonly needsConsent: boolean;
  readonly onChange: (uploads: readonly Upload[]) => void;
  readonly onDone: (body: Readonly<Record<string, unknown>>, content: Content) => void;
  readonly onLost: (lost: Lost) => void;
}

export interface Uploads {
  add(file: File, text: string | undefined): void;
  /** Answers whether there is one of this key. */
  retry(key: string): boolean;
  dismiss(key: string): void;
  stop(): void;
}

interface Entry {
  readonly file: File;
  readonly text: string | undefined;
  readonly abort: AbortController;
  readonly problem?: Problem;
}

const uploadMs = 120_000;
const triesMax = 4;
const kinds: readonly string[] = ["image", "audio", "video", "file"] satisfies MediaKind[];

function toKind(value: unknown): MediaKind {
  return kinds.includes(value as string) ? (value as MediaKind) : "file";
}

function toContent(view: Readonly<Record<string, unknown>>, fileId: string, caption: string | undefined): Content {
  const media = { source: { fileId }, ...readFile(view) };
  return { type: toKind(view.kind), media, ...pick({ caption }) };
}

/** The uploads of one tab. */
export function createUploads(options: UploadsOptions): Uploads {
  const { environment, visit, onChange, onDone } = options;
  const { clock } = environment;
  const entries = new Map<string, Entry>();
  const tell = () => {
    onChange(
      [...entries].map(([key, { file, problem }]) => ({
        ...{ key, name: file.name, bytes: file.size, kind: toKind(file.type.split("/")[0]) },
        ...pick({ problem }),
      })),
    );
  };
  const fail = (key: string, entry: Entry, problem: Problem) => {
    entries.set(key, { ...entry, problem });
    tell();
  };
  const finish = async (key: string, { text }: Entry, answer: Answer & { kind: "done" }) => {
    const view = readFields(await readJson(answer.response));
    const fileId = readText(view.fileId);
    if (fileId === undefined) return false;
    entries.delete(key);
    tell();
    onDone({ type: "file", fileId, ...pick({ text }) }, toContent(view, fileId, text));
    return true;
  };
  const run = async (key: string, entry: Entry) => {
    const { file, abort } = entry;
    // Nothing is added before the visitor consented, so that it can be said here.
    const path = `/files?name=${encodeURIComponent(file.name)}${options.needsConsent ? "&consent=true" : ""}`;
    for (let tries = 1; ; tries += 1) {
      const answer = await visit.call({
        ...{ method: "POST", path, bytes: file, timeoutMs: uploadMs, signal: abort.signal },
      });
      if (abort.signal.aborted) return;
      if (answer.kind === "lost") return options.onLost(answer);
      if (answer.kind === "done" && (await finish(key, entry, answer))) return;
      if (answer.kind === "refused") return fail(key, entry, toProblem(answer, clock.now()));
      if (tries === triesMax) return fail(key, entry, { code: "client.unreachable" });
      await wait(clock, waitMs(tries + 1, environment.randomBytes));
    }
  };
  const add = (key: string, file: File, text: string | undefined) => {
    const entry = { file, text, abort: new AbortController() };
    entries.set(key, entry);
    tell();
    void run(key, entry);
  };
  return {
    add: (file, text) => add(drawId(environment), file, text),
    retry(key) {
      const entry = entries.get(key);
      if (entry?.problem === undefined) return false;
      add(key, entry.file, entry.text);
      return true;
    },
    dismiss(key) {
      entries.get(key)?.abort.abort();
      entries.delete(key);
      tell();
    },
    stop() {
      for (const { abort } of entries.values()) abort.abort();
      entries.clear();
      tell();
    },
  };
}
