import type { Dispatcher } from "undici";
import { MockAgent } from "undici";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOrigins, type OriginJob, type Origins } from "./origins.ts";

describe("origins", () => {
  let started: string[];
  let destroyed: string[];
  let origins: Origins;

  beforeEach(() => {
    vi.useFakeTimers();
    started = [];
    destroyed = [];
    origins = createOrigins({ runningMax: 2, waitingMax: 2, originsMax: 2, sweepMs: 1000, createPool });
  });

  afterEach(async () => {
    await origins.destroy();
    vi.useRealTimers();
  });

  function createPool(origin: string): Dispatcher {
    const pool = new MockAgent();
    vi.spyOn(pool, "destroy").mockImplementation(async () => {
      destroyed.push(origin);
    });
    return pool;
  }

  function job(name: string): OriginJob {
    return { startOn: () => void started.push(name) };
  }

  it("runs no more than its share at once and starts the rest in order", () => {
    for (const name of ["1", "2", "3", "4"]) expect(origins.enter("a", job(name))).toBe(true);
    expect(started).toEqual(["1", "2"]);
    origins.leave("a");
    origins.leave("a");
    expect(started).toEqual(["1", "2", "3", "4"]);
  });

  it("refuses a request when too many wait, and only for that origin", () => {
    for (const name of ["1", "2", "3", "4"]) origins.enter("a", job(name));
    expect(origins.enter("a", job("5"))).toBe(false);
    expect(origins.enter("b", job("6"))).toBe(true);
  });

  it("a waiting request that gave up is never started and frees its place", () => {
    const third = job("3");
    for (const entry of [job("1"), job("2"), third, job("4")]) origins.enter("a", entry);
    origins.abandon("a", third);
    expect(origins.enter("a", job("5"))).toBe(true);
    for (let count = 0; count < 4; count += 1) origins.leave("a");
    expect(started).toEqual(["1", "2", "4", "5"]);
  });

  it("the number of origins is bounded: an idle one makes room, a busy one does not", () => {
    origins.enter("a", job("1"));
    origins.enter("b", job("2"));
    expect(origins.enter("c", job("3"))).toBe(false);
    origins.leave("a");
    expect(origins.enter("c", job("4"))).toBe(true);
    expect(destroyed).toEqual(["a"]);
  });

  it("an origin that was used since the last sweep survives the next one", () => {
    vi.advanceTimersByTime(999);
    origins.enter("a", job("1"));
    origins.leave("a");
    vi.advanceTimersByTime(1);
    expect(destroyed).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(destroyed).toEqual(["a"]);
  });

  it("an origin with nothing to do is forgotten, one that is used is kept", () => {
    origins.enter("a", job("1"));
    origins.enter("b", job("2"));
    origins.leave("a");
    vi.advanceTimersByTime(2000);
    expect(destroyed).toEqual(["a"]);
    origins.leave("b");
    vi.advanceTimersByTime(2000);
    expect(destroyed).toEqual(["a", "b"]);
  });
});
