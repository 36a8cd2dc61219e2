// One request and its answer. The promise settles exactly once: with the whole answer, at the time limit, at the size
// limit or with the transport's failure; and when it settles early the socket is destroyed, never reused.

import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { AppError } from "../../kernel/errors.ts";
import { outboundErrors, toOutboundError } from "./errors.ts";
import { toResponseHeaders } from "./headers.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export interface ExchangeOptions {
  /** `host:port`, for the log. */
  readonly where: string;
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly signal: AbortSignal | undefined;
  readonly dispatch: Dispatcher.DispatchOptions;
  /** Called once when the promise settles. */
  onSettled(exchange: Exchange): void;
  /** Called once when the transport is done with the request, which may be later. */
  onReleased(): void;
}

export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  readonly #options: ExchangeOptions;
  readonly #settle: PromiseWithResolvers<Answer>;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #failure: AppError | undefined;
  #isSettled = false;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #receivedBytes = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#settle = Promise.withResolvers<Answer>();
    this.answer = this.#settle.promise;
    this.#timer = setTimeout(this.#onTimeout, options.timeoutMs);
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal?.aborted === true) this.#onAbort();
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Hands the request to the transport, which reports back through the `on...` methods. */
  startOn(dispatcher: Dispatcher): void {
    dispatcher.dispatch(this.#options.dispatch, this);
  }

  /** Ends the exchange with `error` and destroys its socket, or keeps it from being used once it connects. */
  fail(error: AppError): void {
    if (this.#isSettled) return;
    this.#failure = error;
    this.#finish();
    this.#settle.reject(error);
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Interim answers (1xx) come this way too; the last one called is the final one.
    this.#status = status;
    this.#headers = headers;
    if (Number(headers["content-length"]) > this.#options.responseBytesMax) this.#failTooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    // SECURITY: bytes are counted as they arrive; a peer cannot fill the memory whatever it announced.
    if (this.#receivedBytes > this.#options.responseBytesMax) return this.#failTooLarge();
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#options.onReleased();
    if (this.#isSettled) return;
    this.#finish();
    // Copied, because a chunk keeps the whole read buffer of the socket alive.
    const body = Buffer.concat(this.#chunks, this.#receivedBytes);
    this.#settle.resolve({ status: this.#status, headers: toResponseHeaders(this.#headers), body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#options.onReleased();
    this.fail(toOutboundError(error, this.#options.where));
  }

  readonly #onTimeout = (): void => {
    const note = `${this.#options.where}: ${this.#options.timeoutMs} ms passed`;
    this.fail(new AppError(outboundErrors.timeout, { note }));
  };

  readonly #onAbort = (): void => {
    this.fail(new AppError(outboundErrors.failed, { note: `${this.#options.where}: cancelled by the caller` }));
  };

  #failTooLarge(): void {
    const note = `${this.#options.where}: more than ${this.#options.responseBytesMax} bytes`;
    this.#chunks = [];
    this.fail(new AppError(outboundErrors.responseTooLarge, { note }));
  }

  #finish(): void {
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#options.onSettled(this);
  }
}
