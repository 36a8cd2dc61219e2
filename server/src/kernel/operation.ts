// An operation: one use case, declared once. The REST route, the OpenAPI entry, the permission check, the audit record,
// the rate limit and the refusal sweep all follow from the declaration, so none of them can be forgotten: leaving one out
// does not compile. A domain exports a factory that takes its dependencies, narrowed, and returns `operation({...})`.
//
// What must stay true: an operation never opens its transaction and never chooses its tenant; the registry does.

import type { ServerResponse } from "node:http";
import type { z } from "zod";
import type { Caller, Permission } from "./actor.ts";
import type { Secret } from "./secret.ts";
import type { OrganisationTx, TenantTx, UserTx } from "./tenant-tx.ts";

/** Which figures of the rate-limit table count: reading, changing, or sending to a messaging platform. */
export type RateClass = "read" | "write" | "send";

/** A guard left out on purpose, with the reason a reviewer reads. */
export interface Waived {
  readonly none: string;
}

export type OperationMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Where an operation stands. `app`: in one app, a token's own or the one a person names in the header `Parley-App`.
 * `organisation`: in one organisation, named in `Parley-Organisation`; people only. `user`: a person's own account.
 * `visitor`: in the app of the channel its path names, for a visitor of a website; bound to the public chat and to no
 * other surface. `public`: nowhere and by anybody; it opens what it needs itself.
 */
export type OperationScope = "app" | "organisation" | "user" | "visitor" | "public";

/** The transaction an operation of a scope is given. */
export type TxOf<S extends OperationScope> = S extends "app" | "visitor"
  ? TenantTx
  : S extends "organisation"
    ? OrganisationTx
    : S extends "user"
      ? UserTx
      : undefined;

/** Where a request came from, as far as an operation may know. */
export interface Origin {
  /** The caller's network address, behind trusted proxies the one they name. */
  readonly address: string;
  readonly userAgent: string;
  /** The value of the cookie that names a device which signed in before. */
  readonly deviceToken: string | undefined;
}

/** What a run is given. `input` holds the fields of path, query and body together. */
export interface OperationContext<Input, S extends OperationScope = "app"> {
  readonly tx: TxOf<S>;
  readonly actor: Caller;
  readonly input: Input;
  /** Names this request in logs, answers and audit entries. */
  readonly requestId: string;
  readonly origin: Origin;
  /** The body of an operation that takes bytes; empty for every other. */
  readonly bytes: Buffer;
}

/** A status and a body other than the declared success: only what runs after the commit answers with one. */
export interface Reply<View> {
  readonly status: number;
  readonly body: View;
}

/** Work that waits for the commit; see `afterCommit`. */
export class AfterCommit<View> {
  readonly work: () => Promise<Reply<View | SessionAnswer<View>> | FileAnswer | StreamAnswer>;

  constructor(work: () => Promise<Reply<View | SessionAnswer<View>> | FileAnswer | StreamAnswer>) {
    this.work = work;
  }
}

/**
 * Lets a run answer only once its transaction has committed: to wait for a platform's answer without holding a database
 * connection. The work must not need the transaction. With an `Idempotency-Key`, a reply of 500 or more frees the key;
 * work that throws does not, because what was committed must not be repeated.
 */
export function afterCommit<View>(
  work: () => Promise<Reply<View | SessionAnswer<View>> | FileAnswer | StreamAnswer>,
): AfterCommit<View> {
  return new AfterCommit(work);
}

/** An answer that begins, renews or ends a session: the cookie is set by the registry and nowhere else. */
export class SessionAnswer<View> {
  readonly view: View;
  /** Undefined ends the session. */
  readonly session: Secret<string> | undefined;
  /** A fresh name for the device, when it has none. */
  readonly deviceToken: Secret<string> | undefined;

  constructor(view: View, tokens: { session?: Secret<string> | undefined; device?: Secret<string> | undefined }) {
    this.view = view;
    this.session = tokens.session;
    this.deviceToken = tokens.device;
  }
}

/** An answer that goes on: a stream of server-sent events. The registry writes the head, the rest is `attach`'s. */
export class StreamAnswer {
  readonly attach: (response: ServerResponse) => void;

  constructor(attach: (response: ServerResponse) => void) {
    this.attach = attach;
  }
}

/** A file's bytes, a piece at a time. */
export interface FileBody {
  /** Decided here by what the bytes are, never taken from whoever sent them. */
  readonly contentType: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly chunks: AsyncIterable<Buffer>;
  /** Strong: another one when the bytes are others. */
  readonly etag: string;
}

/** An answer that is a file: always something to save, under a policy in which nothing of it runs. */
export class FileAnswer {
  readonly file: FileBody;

  constructor(file: FileBody) {
    this.file = file;
  }
}

/** What a run may come back with. */
export type RunResult<View> = View | AfterCommit<View> | SessionAnswer<View> | StreamAnswer | FileAnswer;

/** An operation as the registry sees it. `Input` and `View` matter to those who call `run` directly. */
export interface Operation<Input extends object = object, View = unknown, S extends OperationScope = OperationScope> {
  /** `resource.verb`, unique; the OpenAPI `operationId`. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly method: OperationMethod;
  /** Path template with `{field}` for each field of `params`. */
  readonly path: `/${string}`;
  readonly params?: z.ZodObject | undefined;
  readonly query?: z.ZodObject | undefined;
  readonly body?: z.ZodType<object> | undefined;
  readonly output: z.ZodType<View>;
  /** The media type of an answer that is not JSON. */
  readonly answers?: "text/event-stream" | "application/octet-stream" | undefined;
  /** 200 unless said; 204 sends no body. */
  readonly successStatus?: 200 | 201 | 202 | 204 | undefined;
  readonly scope: S;
  readonly permission: Permission | Waived;
  /**
   * The field of the input that names the channel acted on. Whoever is limited to some channels may call an operation
   * without it only when it filters by `actor.channelIds` itself and says so with `filters`.
   */
  readonly channel?: { readonly field: string } | "filters" | undefined;
  /** Open to a person who has yet to enrol the factor their organisation asks for. */
  readonly isOpenWhileEnrolling?: boolean | undefined;
  readonly audit: string | Waived;
  readonly rate: RateClass;
  /** Dangerous acts: refused to whoever has not shown a second factor within ten minutes, so to every token. */
  readonly stepUp: boolean;
  /** 1 MiB unless said. */
  readonly bodyBytesMax?: number | undefined;
  /** The body is the bytes of a file (`application/octet-stream`), given to `run` as `bytes` of its context. */
  readonly takesBytes?: boolean | undefined;
  /** Of the scope `visitor`: open to whoever has no token yet. The caller is a visitor nobody has seen. */
  readonly begins?: boolean | undefined;
  /** Of the scope `visitor`: takes a token that has run out, to give another one. */
  readonly rotatesToken?: boolean | undefined;
  /** Further members of this operation's problem bodies, such as `{ ok: 0 }`. */
  readonly problemFields?: Readonly<Record<string, string | number | boolean>> | undefined;
  run(context: OperationContext<Input, S>): Promise<RunResult<View>>;
}

type Fields<Schema> = Schema extends z.ZodType ? z.output<Schema> : unknown;
type InputOf<P, Q, B> = Fields<P> & Fields<Q> & Fields<B> & object;

/** A declaration: every guard is required, the schemas decide the type of `input`. */
export interface OperationDefinition<P, Q, B, View, S extends OperationScope>
  extends Omit<Operation, "params" | "query" | "body" | "output" | "run" | "scope"> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly output: z.ZodType<View>;
  readonly scope: S;
  run(context: OperationContext<InputOf<P, Q, B>, S>): Promise<RunResult<View>>;
}

/**
 * Declares an operation. `params`, `query` and `body` are `z.strictObject`s of distinct field names (the body may be a
 * union of them) with every string and list bounded; `buildApi` refuses anything else with `api.misdeclared`.
 */
export function operation<
  View,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType<object> | undefined = undefined,
  const S extends OperationScope = "app",
>(definition: OperationDefinition<P, Q, B, View, S>): Operation<InputOf<P, Q, B>, View, S> {
  return definition;
}
