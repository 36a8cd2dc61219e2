// What the composition root mounts, and what the demo says of its addresses.

export { embedErrors } from "./errors.ts";
export { createFindAvatar } from "./find-avatar.ts";
export { createEmbedSurface, type EmbedOptions } from "./surface.ts";
export { readWidgetFiles, type WidgetFiles, widgetFolder } from "./widget-files.ts";
