// Web channels over the API: where they may be shown and how they look, the secret that vouches for visitors, and the
// switch that ends all visitors' sessions. The secret goes in and never comes out.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import type { Keychain } from "../../keys/index.ts";
import { bumpRevision } from "../../organisations/index.ts";
import type { ChannelCredentials } from "../adapter.ts";
import { openCredentials, sealCredentials } from "../channel.ts";
import { channelErrors } from "../errors.ts";
import { endVisitors, lockChannel, saveCredentials, saveWeb } from "../store.ts";
import { hasKeyMaterial, IdentitySecret, replaceIdentitySecret, type WebIdentity } from "../web/identity.ts";
import { WebSettings, WebSettingsInput } from "../web/settings.ts";
import { getWebChannel } from "./get-channel.ts";

const params = z.strictObject({ channelId: idOf("channel") });

/** SECURITY: whoever is told who a visitor is checks it: identity without anything to check it with is refused. */
function assertCheckable(identity: WebIdentity, credentials: ChannelCredentials): void {
  if (identity.mode === "off" || hasKeyMaterial(identity, credentials)) return;
  const message = "needs a jwksUrl, a public key, or an identity secret to check visitors' tokens with";
  throw new AppError(channelErrors.incomplete, { mistakes: [{ path: "identity.mode", message }] });
}

const getOperation = operation({
  name: "channels.getWeb",
  summary: "How a web channel looks, what it says and where it may be shown.",
  method: "GET",
  path: "/api/v1/channels/{channelId}/web",
  params,
  output: WebSettings,
  scope: "app",
  permission: "channel:read",
  channel: { field: "channelId" },
  audit: { none: "reading settings that hold no secret" },
  rate: "read",
  stepUp: false,
  run: async ({ tx, input }) => (await getWebChannel(tx, input.channelId)).web,
});

function createPut(deps: { readonly keychain: Keychain }): Operation {
  return operation({
    name: "channels.putWeb",
    summary: "Replaces the settings of a web channel. What is left out is as in a fresh one.",
    method: "PUT",
    path: "/api/v1/channels/{channelId}/web",
    params,
    body: WebSettingsInput,
    output: WebSettings,
    scope: "app",
    permission: "channel:write",
    channel: { field: "channelId" },
    audit: "channel.web_replaced",
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input }) {
      const { channelId, ...web } = input;
      await lockChannel(tx, channelId);
      const channel = await getWebChannel(tx, channelId);
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      assertCheckable(web.identity, openCredentials(channel, sealer));
      await saveWeb(tx, channelId, web);
      await bumpRevision(tx);
      return web;
    },
  });
}

function createPutSecret(deps: { readonly keychain: Keychain }): Operation {
  return operation({
    name: "channels.putIdentitySecret",
    summary: "Gives a web channel another secret for visitors' HS256 tokens. The one before stays good unless told.",
    method: "PUT",
    path: "/api/v1/channels/{channelId}/web/identity-secret",
    params,
    body: z.strictObject({ secret: IdentitySecret.nullable(), keepPrevious: z.boolean().default(true) }),
    output: z.object({}),
    successStatus: 204,
    scope: "app",
    permission: "channel:write",
    channel: { field: "channelId" },
    audit: "channel.identity_secret_replaced",
    rate: "write",
    stepUp: true,
    async run({ tx, actor, input }) {
      const { channelId, secret, keepPrevious } = input;
      await lockChannel(tx, channelId);
      const channel = await getWebChannel(tx, channelId);
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const before = openCredentials(channel, sealer);
      const after = replaceIdentitySecret(before, secret, { keepsPrevious: keepPrevious });
      assertCheckable(channel.web.identity, after);
      await saveCredentials(tx, channelId, sealCredentials(channelId, after, sealer));
      await bumpRevision(tx);
      return {};
    },
  });
}

const endVisitorsOperation = operation({
  name: "channels.endVisitors",
  summary: "Ends the sessions of all visitors of a web channel: their tokens are refused from this moment.",
  method: "POST",
  path: "/api/v1/channels/{channelId}/visitors/end",
  params,
  output: z.object({ endedAt: z.iso.datetime() }),
  scope: "app",
  permission: "channel:write",
  channel: { field: "channelId" },
  audit: "channel.visitors_ended",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    await getWebChannel(tx, input.channelId);
    const endedAt = await endVisitors(tx, input.channelId);
    if (endedAt === undefined) throw new AppError(channelErrors.notFound);
    await bumpRevision(tx);
    return { endedAt: endedAt.toISOString() };
  },
});

/** The operations on web channels. */
export function createWebOperations(deps: { readonly keychain: Keychain }): readonly Operation[] {
  return [getOperation, createPut(deps), createPutSecret(deps), endVisitorsOperation];
}
