// The places of the security suites' world, with what is in them and what has happened there: messages have come in, visitors
// have written.

import type { Product } from "../../server/src/compose.ts";
import type { PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { systemClock } from "../../server/src/kernel/clock.ts";
import { type ChannelId, type Tenant, toUuid, type VisitorId } from "../../server/src/kernel/ids.ts";
import { newId } from "../../server/src/platform/crypto/random.ts";
import { createOutboundClient } from "../../server/src/platform/outbound/index.ts";
import { beginVisitor, makeWebChannel, type VisitorCaller, type VisitorObjects } from "./chat-world.ts";
import {
  findTraffic,
  makeAppObjects,
  makeOrganisationObjects,
  type Objects,
  type PlantedSecrets,
} from "./world-objects.ts";

/** An app of the world with what is in it. */
export interface Place {
  readonly tenant: Tenant;
  readonly objects: Objects;
  readonly secrets: PlantedSecrets;
}

export type Places = Readonly<Record<"a1" | "a2" | "b1", Place>>;

async function waitForTraffic(stage: PeopleStage, tenant: Tenant): Promise<Traffic> {
  for (let tries = 0; tries < 400; tries += 1) {
    const traffic = await findTraffic(stage, tenant);
    if (traffic !== undefined) return traffic;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the world's message left no trace");
}

interface PlaceMakers {
  readonly stage: PeopleStage;
  /** The product with all that works in the background. */
  composeWorker(): Promise<Product>;
}

export interface Filled {
  readonly places: Places;
  readonly visitors: readonly VisitorCaller[];
  /** What another visitor of the first one's channel has. */
  readonly neighbour: VisitorObjects;
}

type Traffic = NonNullable<Awaited<ReturnType<typeof findTraffic>>>;
type Begun = Awaited<ReturnType<typeof beginVisitor>>;

interface MadeApp {
  readonly tenant: Tenant;
  readonly channelId: string;
  readonly webChannelId: ChannelId;
}

interface Happened {
  readonly traffic: readonly Traffic[];
  readonly begun: readonly Begun[];
  /** Of the first app's channel: one more, one the website vouches for, and one whose session was ended. */
  readonly others: readonly [Begun, Begun, Begun];
}

/** Has a message come in at every app, and visitors write, and waits until they left their traces. */
async function makeTraffic({ stage, composeWorker }: PlaceMakers, made: readonly MadeApp[]): Promise<Happened> {
  const product = await composeWorker();
  await product.start();
  for (const { tenant, channelId } of made) {
    const message = { kind: "message", externalId: "visitor", sentAtMs: 1, type: "text", text: "order 1" } as const;
    await product.pipeline.accept({
      tenant,
      channelId: channelId as ChannelId,
      events: [{ ...message, platformMessageId: `m-${tenant.appId}` }],
      correlationId: "world",
    });
  }
  const traffic = [];
  for (const { tenant } of made) traffic.push(await waitForTraffic(stage, tenant));
  const begun = [];
  for (const { webChannelId } of made) begun.push(await beginVisitor(product, webChannelId));
  const first = made[0]?.webChannelId as ChannelId;
  const begin = (subject?: string): Promise<Begun> => beginVisitor(product, first, subject);
  const others = [await begin(), await begin("customer-9"), await begin()] as const;
  await stage.db.asAdmin("update visitors set end_reason = 'ended', ended_at = now() where visitor_id = $1", [
    toUuid(others[2].visitorId),
  ]);
  await product.stop();
  return { traffic, begun, others };
}

function listVisitors({ begun, others }: Happened, made: readonly MadeApp[]): VisitorCaller[] {
  const [a1, a2, b1] = made.map(({ webChannelId }) => webChannelId) as [ChannelId, ChannelId, ChannelId];
  const [ofA1, ofA2, ofB1] = begun.map(({ visitorId }) => visitorId) as [VisitorId, VisitorId, VisitorId];
  const [neighbour, verified, ended] = others;
  return [
    { name: "visitor", place: "a1", channelId: a1, visitorId: ofA1 },
    { name: "neighbour", place: "a1", channelId: a1, visitorId: neighbour.visitorId },
    { name: "verified visitor", place: "a1", channelId: a1, visitorId: verified.visitorId },
    { name: "ended visitor", place: "a1", channelId: a1, visitorId: ended.visitorId, hasEnded: true },
    { name: "visitor who wrote nothing", place: "a1", channelId: a1, visitorId: newId("visitor") },
    { name: "visitor of another app", place: "a2", channelId: a2, visitorId: ofA2 },
    { name: "visitor of another organisation", place: "b1", channelId: b1, visitorId: ofB1 },
  ];
}

/** Fills three apps of two organisations. */
export async function makePlaces(makers: PlaceMakers): Promise<Filled> {
  const { stage } = makers;
  const [a, b] = [await stage.addOrganisation("A"), await stage.addOrganisation("B")];
  const tenants = [await stage.addApp(a, "A1"), await stage.addApp(a, "A2"), await stage.addApp(b, "B1")];
  const outbound = createOutboundClient({ allow: [], clock: systemClock });
  const made = [];
  for (const tenant of tenants) {
    const ofWeb = await makeWebChannel(stage, tenant, outbound);
    made.push({ tenant, ...(await makeAppObjects(stage, tenant)), ...ofWeb });
  }
  await outbound.close();
  const happened = await makeTraffic(makers, made);
  const filled: Place[] = [];
  for (const [index, { tenant, otherChannelId, channelSecret, webhookSecret, ...rest }] of made.entries()) {
    const { platformCredential, appTokens, ...ids } = rest;
    const secrets = { otherChannelId, channelSecret, webhookSecret, platformCredential, appTokens };
    const own = { ...tenant, ...ids, ...(await makeOrganisationObjects(stage, tenant)) };
    const left = { ...happened.traffic[index], ...happened.begun[index]?.objects } as Traffic & VisitorObjects;
    filled.push({ tenant, objects: { ...own, ...left }, secrets });
  }
  const [a1, a2, b1] = filled as [Place, Place, Place];
  const visitors = listVisitors(happened, made);
  return { places: { a1, a2, b1 }, visitors, neighbour: happened.others[0].objects };
}
