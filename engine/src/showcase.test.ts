import { describe, expect, it } from "vitest";
import orderStatus from "../examples/order-status.json" with { type: "json" };
import showcase from "../examples/showcase.json" with { type: "json" };
import { compileTree, initialState, type OutgoingMessage, type Program, parseTree, step, warningsOf } from "./index.ts";
import { payloadEvent, textEvent, textsOf } from "./testing/sample.ts";

function load(): Program {
  const parsed = parseTree(showcase);
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.mistakes));
  expect(warningsOf(parsed.tree)).toEqual([]);
  const tree = compileTree(parsed.tree, { treeId: "showcase", versionId: "v1" });
  return { trees: new Map([["showcase", tree]]), defaultTreeIds: ["showcase"], channelGlobals: [] };
}

const program = load();
const saidTo = (text: string): OutgoingMessage[] =>
  step(program, initialState, textEvent(text)).effects.flatMap((effect) =>
    effect.kind === "send" ? effect.message : [],
  );

describe("the showcase example", () => {
  it("has the nodes of the order-status example, under the same ids", () => {
    const ids = showcase.nodes.map(({ compositeId }) => compositeId);
    expect(ids).toEqual(expect.arrayContaining(orderStatus.nodes.map(({ compositeId }) => compositeId)));
    expect(showcase.headNode).toBe(orderStatus.headNode);
  });

  it("takes orders and hands over to a person as the order-status example does", () => {
    expect(textsOf(step(program, initialState, textEvent("order 42")))).toEqual(["Order 42 received"]);
    const handedOver = step(program, initialState, textEvent("An agent, please"));
    expect(handedOver.effects.map(({ kind }) => kind)).toEqual(["liveChat", "send"]);
  });

  it.each([
    ["menu", "buttons"],
    ["anything else", "buttons"],
    ["list", "list"],
    ["Carousel", "carousel"],
    ["image", "image"],
    ["video", "video"],
    ["audio", "audio"],
    ["file", "file"],
    ["location", "location"],
    ["quick", "quickReplies"],
    ["format", "text"],
  ])("answers %j with %s", (text, type) => {
    expect(saidTo(text).map((message) => message.type)).toEqual([type]);
  });

  it("answers every payload that it offers, from another node than the menu", () => {
    const offered = JSON.stringify(showcase.nodes.map(({ responses }) => responses)).matchAll(/"payload":"([^"]+)"/g);
    const payloads = [...new Set([...offered].flatMap(([, payload]) => payload ?? []))];
    expect(payloads.length).toBeGreaterThan(12);
    for (const payload of payloads) {
      const { state } = step(program, initialState, payloadEvent(payload));
      expect(state.node?.compositeId === "menu", payload).toBe(payload === "menu");
    }
  });

  it("shows nothing but what lies under the address whose files are put in its place", () => {
    const shown = JSON.stringify(showcase).matchAll(
      /"type":"(?:image|video|audio|file)","url":"([^"]*)"|"imageUrl":"([^"]*)"/g,
    );
    const addresses = [...shown].map(([, url, imageUrl]) => url ?? imageUrl);
    expect(addresses.length).toBeGreaterThan(5);
    for (const address of addresses) expect(address).toMatch(/^https:\/\/parley\.example\/demo\/[a-z]+\.[a-z0-9]+$/);
  });
});
