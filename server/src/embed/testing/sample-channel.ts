// A web channel as the directory hands it out, for tests.

import { webAdapter } from "../../domains/channels/adapters/web/adapter.ts";
import { type Channel, WebSettings } from "../../domains/channels/index.ts";

export const sampleChannelId = `chn_${"a1".repeat(16)}` as const;
export const sampleFileId = `fil_${"b2".repeat(16)}` as const;

/** A channel that is on, with secrets nobody may see, unless said otherwise. */
export function toSampleChannel(web: object = {}, others: Partial<Channel> = {}): Channel {
  return {
    tenant: { organisationId: `org_${"1".repeat(32)}`, appId: `app_${"2".repeat(32)}` },
    channelId: sampleChannelId,
    kind: "web",
    name: "Shop <chat>",
    enabled: true,
    settings: {},
    credentials: { identitySecrets: '["planted-identity-secret"]', channelSecret: "planted-channel-secret" },
    channelSecret: "planted-channel-secret",
    adapter: webAdapter,
    trees: { defaultTreeIds: [], liveTreeId: undefined, offTreeId: undefined },
    web: WebSettings.parse({ origins: ["https://shop.example", "http://localhost:3000"], ...web }),
    ...others,
  };
}
