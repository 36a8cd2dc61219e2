import { describe, expect, it } from "vitest";
import orderStatus from "../examples/order-status.json" with { type: "json" };
import { compileTree, initialState, type Program, parseTree, type SessionState, step, warningsOf } from "./index.ts";
import { payloadEvent, textEvent, textsOf } from "./testing/sample.ts";

function load(): Program {
  const parsed = parseTree(orderStatus);
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.mistakes));
  expect(warningsOf(parsed.tree)).toEqual([]);
  const tree = compileTree(parsed.tree, { treeId: "orders", versionId: "v1" });
  return { trees: new Map([["orders", tree]]), defaultTreeIds: ["orders"], channelGlobals: [] };
}

const program = load();
const nodeIds = orderStatus.nodes.map(({ compositeId }) => compositeId);
const states: SessionState[] = [
  initialState,
  ...nodeIds.map((compositeId) => ({ ...initialState, node: { treeId: "orders", versionId: "v1", compositeId } })),
];

describe.each(states.map((state) => [state.node?.compositeId ?? "nowhere", state] as const))(
  "the order-status example, standing at %s",
  (_place, state) => {
    it("confirms an order by its number", () => {
      expect(textsOf(step(program, state, textEvent("order 42")))).toEqual(["Order 42 received"]);
      expect(textsOf(step(program, state, textEvent("Order #7")))).toEqual(["Order 7 received"]);
    });

    it.each([textEvent("agent"), textEvent("An AGENT, please!"), payloadEvent("agent")])(
      "hands over to a person",
      (event) => {
        const result = step(program, state, event);
        expect(result.effects.map(({ kind }) => kind)).toEqual(["liveChat", "send"]);
        expect(result.state.mode).toBe("queued");
      },
    );

    it.each(["hello", "order", "order x", "agents", "hours", "", "🙂"])("shows the menu for %j", (text) => {
      const result = step(program, state, textEvent(text));
      expect(textsOf(result)).toEqual(["buttons"]);
      expect(result.state.node?.compositeId).toBe("menu");
    });

    it("answers its own buttons", () => {
      expect(textsOf(step(program, state, payloadEvent("order_help")))).toEqual([
        'Write "order" and its number, for example: order 42',
      ]);
      expect(textsOf(step(program, state, payloadEvent("hours")))).toHaveLength(1);
    });
  },
);
