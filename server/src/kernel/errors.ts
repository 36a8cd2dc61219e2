// The one error type. Every failure a caller can meet is an `AppError` made from a registered definition, so its
// status, code and public sentence are known before it happens and appear in the generated error reference.
// The public sentence says what to do; the internal note never leaves the log.

export interface ErrorDefinition {
  /** `domain.reason`, unique in the product. */
  readonly code: string;
  readonly status: number;
  /** What the caller reads. Says what to do; holds no secret, no internal name. */
  readonly sentence: string;
}

/** One mistake in a request: where it is and what is wrong with it. */
export interface FieldMistake {
  /** JSON pointer-like dotted path, for example `nodes[2].triggers[0].regex`. */
  readonly path: string;
  readonly message: string;
}

export interface AppErrorOptions {
  /** For the log only. */
  readonly note?: string;
  readonly cause?: unknown;
  readonly mistakes?: readonly FieldMistake[];
  /** Replaces the definition's sentence where a concrete one helps more. Public. */
  readonly detail?: string;
  /** Seconds until a retry makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Further members of the problem body, for the caller's program. Public. */
  readonly members?: Readonly<Record<string, object | string | number | boolean>>;
}

const definitions = new Map<string, ErrorDefinition>();

/**
 * Registers the errors of one domain. Call once per domain, at module load.
 * Throws when a code is registered twice.
 */
export function defineErrors<const T extends Record<string, ErrorDefinition>>(errors: T): T {
  for (const definition of Object.values(errors)) {
    if (definitions.has(definition.code)) {
      throw new AppError(kernelErrors.duplicate, { note: definition.code });
    }
    definitions.set(definition.code, definition);
  }
  return errors;
}

/** Every registered error, by code: the source of the generated reference. */
export function listErrors(): readonly ErrorDefinition[] {
  return [...definitions.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly mistakes: readonly FieldMistake[];
  readonly retryAfterSeconds: number | undefined;
  readonly members: NonNullable<AppErrorOptions["members"]>;

  constructor(definition: ErrorDefinition, options: AppErrorOptions = {}) {
    const text = options.note === undefined ? definition.sentence : `${definition.sentence} (${options.note})`;
    super(text, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = definition.code;
    this.status = definition.status;
    this.detail = options.detail ?? definition.sentence;
    this.mistakes = options.mistakes ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.members = options.members ?? {};
  }
}

/** Answers whether `error` is an `AppError` with this definition's code. */
export function isError(error: unknown, definition: ErrorDefinition): error is AppError {
  return error instanceof AppError && error.code === definition.code;
}

export const kernelErrors = {
  duplicate: { code: "kernel.duplicate", status: 500, sentence: "Two things were registered under one name." },
  bug: { code: "kernel.bug", status: 500, sentence: "Something went wrong on our side. Nothing was changed." },
} satisfies Record<string, ErrorDefinition>;
for (const definition of Object.values(kernelErrors)) definitions.set(definition.code, definition);
