// Every command, in the order of the help.

import { adminCommand } from "./admin.ts";
import { benchCommand } from "./bench.ts";
import { chatCommand } from "./chat.ts";
import type { Command } from "./command.ts";
import { mailCommand } from "./mail.ts";
import {
  configCommand,
  demoCommand,
  migrateCommand,
  revokeTokenCommand,
  rotateWebhookSecretCommand,
  setupCommand,
  tokenCommand,
} from "./operate.ts";
import { serveCommand, workCommand } from "./serve.ts";

export const commands: readonly Command[] = [
  serveCommand,
  workCommand,
  chatCommand,
  migrateCommand,
  setupCommand,
  demoCommand,
  tokenCommand,
  revokeTokenCommand,
  rotateWebhookSecretCommand,
  adminCommand,
  mailCommand,
  configCommand,
  benchCommand,
];
