// What a drawn tree is, in words that two pages can be compared by. It runs inside pages, so it stands on nothing else.

/** Every element with its sorted attributes, its state, and where it stood at the reading before; texts one by one. */
export function readTree(node: Node): unknown {
  const marked = node as Node & { stoodAt?: string };
  if (!(node instanceof Element)) return `${node.textContent}`;
  const attributes = [...node.attributes].map(({ name, value }) => `${name}=${value.replace(/^blob:.*/, "blob:")}`);
  const field = node as Partial<Record<"value" | "selectionStart" | "selectionEnd" | "disabled" | "open", unknown>>;
  const { value, selectionStart, selectionEnd, disabled, open } = field;
  return [
    `${node.namespaceURI?.split("/").at(-1)} ${node.localName}`,
    attributes.sort(),
    { value, selectionStart, selectionEnd, disabled, open, stoodAt: marked.stoodAt },
    [...node.childNodes].map(readTree),
  ];
}

/** Notes on every element where it stands, so that the next reading tells which of them were kept. */
export function markTree(node: Node, at = "0"): void {
  Object.assign(node, { stoodAt: at });
  [...node.childNodes].forEach((child, index) => markTree(child, `${at}.${index}`));
}

/** Where the focus is: the tag with its position in each of its ancestors. */
export function readFocus(): string {
  let node = document.activeElement;
  let path = node?.localName ?? "";
  while (node?.parentNode) {
    path += ` ${[...node.parentNode.childNodes].indexOf(node)}`;
    node = node.parentElement;
  }
  return path;
}
