// Many visitors of one website, each with a conversation and an open stream, from many networks.

import type { ChatStream, Visitor } from "../support/chat.ts";
import type { ChatHouse } from "../support/chat-house.ts";
import { forEachOf } from "../support/for-each-of.ts";

/** From one address come this many: a school, not an attack. */
const perAddress = 25;
const atOnce = 16;

export interface CrowdMember {
  readonly visitor: Visitor;
  /** The member's id on the channel. */
  readonly recipientId: string;
}

/** Visitors who have said something, so that they can be written to. */
export function gather(house: ChatHouse, channelId: string, count: number): Promise<CrowdMember[]> {
  const join = async (_none: unknown, index: number): Promise<CrowdMember> => {
    const network = Math.floor(index / perAddress);
    const visitor = house.visitor(channelId, { address: `127.88.${network >> 8}.${(network & 255) + 1}` });
    await visitor.start();
    const said = await visitor.say("order 1");
    if (said.status !== 202) throw new Error(`a visitor was not heard: ${said.status} ${said.body.code}`);
    return { visitor, recipientId: `anonymous:${visitor.visitorId.slice("vis_".length)}` };
  };
  return forEachOf(Array.from({ length: count }), join, atOnce);
}

/** Opens the stream of each, and waits until it shows the bot's answer. */
export function openStreams(crowd: readonly CrowdMember[]): Promise<ChatStream[]> {
  const open = async ({ visitor }: CrowdMember): Promise<ChatStream> => {
    const stream = await visitor.openStream();
    await stream.findMessage("Order 1 received", 60_000);
    return stream;
  };
  return forEachOf(crowd, open, atOnce);
}
