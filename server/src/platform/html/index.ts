// What the rest of the server may use to write HTML.

export { type Attributes, type AttributeValue, attributes } from "./attributes.ts";
export { type Css, css } from "./css.ts";
export { htmlErrors } from "./errors.ts";
export { Html, type HtmlValue, html } from "./html.ts";
export { findLink, type Link, link, localLink } from "./link.ts";
export { renderRichText } from "./rich-text.ts";
export { stripControls, toOneLine } from "./strip-controls.ts";
