// How much of large bodies may be in memory at once. A body is held whole until it is answered, and whoever sends one slowly,
// or stops before its end, makes us hold it: so its declared length is taken from a bounded room before its first byte is
// read, and given back with the end of its request.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../../kernel/errors.ts";
import { toNetwork } from "../../kernel/network.ts";
import { toAddress } from "./address.ts";
import { httpErrors } from "./errors.ts";

const MiB = 1024 * 1024;

interface BodyRoomLimits {
  readonly bytesMax: number;
  /** Of one network, so that nobody alone takes all of it. */
  readonly networkBytesMax: number;
}

const bodyRoomLimits: BodyRoomLimits = { bytesMax: 256 * MiB, networkBytesMax: 64 * MiB };

const retryAfterSeconds = 5;

export class BodyRoom {
  readonly #limits: BodyRoomLimits;
  readonly #byNetwork = new Map<string, number>();
  #bytes = 0;

  constructor(limits: BodyRoomLimits = bodyRoomLimits) {
    this.#limits = limits;
  }

  /** How many bytes are taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes room. Undefined when there is none; otherwise what gives it back, which may be called more than once. */
  take(network: string, bytes: number): (() => void) | undefined {
    const own = this.#byNetwork.get(network) ?? 0;
    const { bytesMax, networkBytesMax } = this.#limits;
    if (this.#bytes + bytes > bytesMax || own + bytes > networkBytesMax) return undefined;
    this.#change(network, bytes);
    let isTaken = true;
    return () => {
      if (isTaken) this.#change(network, -bytes);
      isTaken = false;
    };
  }

  #change(network: string, bytes: number): void {
    const own = (this.#byNetwork.get(network) ?? 0) + bytes;
    this.#bytes += bytes;
    if (own > 0) this.#byNetwork.set(network, own);
    else this.#byNetwork.delete(network);
  }
}

/** What a body may come to: what is declared, or the most that is taken. */
function toBytes({ headers, routeOptions }: FastifyRequest): number {
  const declared = Number(headers["content-length"] ?? Number.NaN);
  const { bodyLimit } = routeOptions;
  return Number.isSafeInteger(declared) && declared <= bodyLimit ? declared : bodyLimit;
}

/**
 * Takes room until the request is over, however it ends. Throws `http.busy` when there is none.
 * SECURITY: who has left already, and says so no more, takes none.
 */
export function holdRoom(
  room: BodyRoom,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  bytes: number,
): void {
  const giveBack = room.take(toNetwork(toAddress(request)), bytes);
  if (giveBack === undefined) throw new AppError(httpErrors.busy, { retryAfterSeconds });
  reply.raw.once("close", giveBack);
  if (reply.raw.destroyed) giveBack();
}

/** Makes the bodies of a scope take room in memory before they are read. Without room they are answered 429. */
export function boundBodies(scope: FastifyInstance, room = new BodyRoom()): void {
  scope.addHook("preParsing", async (request, reply) => holdRoom(room, { request, reply }, toBytes(request)));
}
