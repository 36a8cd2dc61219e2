// WhatsApp through Meta's Cloud API.

import type { HttpAdapter } from "../../adapter.ts";
import { readEvents } from "./read-events.ts";
import { renderRequest } from "./render.ts";
import { readVerdict } from "./verdict.ts";
import { answerHandshake, isAuthentic } from "./verify.ts";

/** The adapter of kind `whatsapp`. */
export const whatsappAdapter: HttpAdapter = {
  kind: "whatsapp",
  delivery: "http",
  settings: [
    {
      name: "phoneNumberId",
      required: true,
      sentence: "The phone number id from the API setup page of the Meta app, not the phone number itself.",
      lengthMax: 32,
    },
    {
      name: "wabaId",
      required: false,
      sentence: "The WhatsApp Business account id; with it, notices of other accounts are left aside.",
      lengthMax: 32,
    },
    {
      name: "listLabel",
      required: false,
      sentence: "The word on the button that opens a list of choices. Without it the button shows ☰.",
      lengthMax: 20,
    },
  ],
  credentials: [
    {
      name: "appSecret",
      required: true,
      sentence: "The app secret from the basic settings of the Meta app. It proves that events come from WhatsApp.",
      lengthMax: 256,
    },
    {
      name: "verifyToken",
      required: true,
      sentence: "A text of your choice that you also enter in the webhook settings of the Meta app.",
      lengthMax: 256,
    },
    {
      name: "accessToken",
      required: true,
      sentence: "A permanent token of a system user with the permission whatsapp_business_messaging.",
      lengthMax: 2_048,
    },
  ],
  isAuthentic,
  answerHandshake,
  readEvents,
  renderRequest,
  readVerdict,
};
