// The one error the engine throws inside itself. `step` turns it into `result.error`, `parseTree` into a
// mistake; it never leaves the package.

/** An engine failure with a stable code (`engine.reason`) and, when known, the path in the tree. */
export class EngineFault extends Error {
  readonly code: string;
  readonly path: string | undefined;

  constructor(code: string, message: string, path?: string) {
    super(message);
    this.name = "EngineFault";
    this.code = code;
    this.path = path;
  }

  /** The same fault with a path, unless a more exact one is already known. */
  at(path: string): EngineFault {
    return this.path === undefined ? new EngineFault(this.code, this.message, path) : this;
  }
}

/** Any thrown value as a fault; what is not one of ours keeps only its message, bounded. */
export function toFault(thrown: unknown, code: string): EngineFault {
  if (thrown instanceof EngineFault) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EngineFault(code, message.slice(0, 300));
}
