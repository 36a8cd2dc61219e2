export { Dispatcher, type DispatcherOptions, type Outcome, type Work } from "./dispatcher.ts";
export { openEach } from "./open-each.ts";
