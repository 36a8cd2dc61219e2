#!/usr/bin/env node
// The way in. What V8 compiled is kept beside the libraries, where only they can write who can write the code itself: with it a
// command starts in two thirds of the time. Where that folder is not to be written, nothing is kept.

import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/parley"));
const { runLine } = await import("./commands/line.ts");
process.exitCode = await runLine(process.argv.slice(2));
