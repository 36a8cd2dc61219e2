import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { pageGzipBytesMax } from "../../../scripts/widget-sizes.ts";
import { toWidgetConfig } from "./config.ts";
import { framePage } from "./frame-page.ts";
import { sampleFileId, toSampleChannel } from "./testing/sample-channel.ts";
import { readWidgetFiles, widgetFolder } from "./widget-files.ts";

it("the frame's document is as small as the widget's sizes reckon, with every text of a channel in one language", () => {
  const sentence = "Your messages are stored for 90 days so that we can answer you. See our privacy notice.";
  const title = "Northwind Lighting";
  const { channelId, web } = toSampleChannel({
    appearance: { accent: "#2e54c4", position: "right", theme: "auto", avatarFileId: sampleFileId },
    texts: {
      en: {
        ...{ title, subtitle: "We answer within a few hours", greeting: "What can we do for you?", launcher: "Ask us" },
        ...{ consent: sentence, placeholder: "Write to us", aiNotice: sentence, offHours: sentence },
      },
    },
    quickStarts: ["Orders", "Returns", "Advice"].map((one) => ({ title: one, payload: one.toLowerCase() })),
  });
  const files = readWidgetFiles(widgetFolder);
  if (web === undefined || files === undefined) throw new TypeError("no sample");
  const page = framePage(toWidgetConfig(channelId, web, 0), files, "MDEyMzQ1Njc4OWFiY2RlZmdo").toString();
  expect(gzipSync(page).length).toBeLessThanOrEqual(pageGzipBytesMax);
  expect(gzipSync(page).length).toBeGreaterThan(pageGzipBytesMax * 0.8);
});
