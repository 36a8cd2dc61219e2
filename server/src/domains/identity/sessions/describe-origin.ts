// Where a session is, in words a person recognises it by.

import type { Origin } from "../../../kernel/operation.ts";
import { describeDevice } from "../devices/describe-device.ts";
import { describeNetwork } from "../devices/describe-network.ts";

export interface OriginWords {
  readonly device: string;
  readonly network: string;
}

/** What a browser says of itself is never trusted; it is only shown, to the person whose session it is. */
export function describeOrigin({ address, userAgent }: Origin): OriginWords {
  return { device: describeDevice(userAgent), network: describeNetwork(address) };
}
