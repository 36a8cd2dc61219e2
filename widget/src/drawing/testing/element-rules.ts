// The rules of elements and texts, each as what it does to an empty element. The same code is run with both drawings.

import { type Drawing, find, maker, type Rule } from "./rule.ts";

/** Each rule by its name. */
export const elementRules = {
  keys({ render, ...drawing }, root) {
    const h = maker(drawing as Drawing);
    const show = (keys: string) => {
      const rows = Array.from(keys).map((key) => h("li", { key, id: key }, key));
      render(h("ul", null, rows), root);
      return [...root.querySelectorAll("li")];
    };
    const before = show("abcd");
    const after = show("dxba");
    return [after.map(({ id }) => id).join(""), after.map((row) => before.indexOf(row))];
  },

  async positions(drawing, root) {
    const h = maker(drawing);
    const show = (isFirst: boolean) =>
      drawing.render(h("div", null, isFirst && h("b", null, "first"), h("input", { id: "field" })), root);
    show(false);
    const field = find(root, "input") as HTMLInputElement;
    field.focus();
    field.value = "typed";
    field.setSelectionRange(1, 3);
    show(true);
    const shown = [root.textContent, document.activeElement === field, field.selectionStart, field.selectionEnd];
    show(false);
    return [...shown, find(root, "input") === field, field.value, root.textContent];
  },

  handlers(drawing, root) {
    const h = maker(drawing);
    const heard: string[] = [];
    const show = (onClick?: (event: Event) => unknown) =>
      drawing.render(h("button", { type: "button", onClick }, "x"), root);
    show((event) => heard.push(`one ${(event.currentTarget as Element).localName}`));
    find(root, "button").click();
    show(() => heard.push("two"));
    find(root, "button").click();
    show();
    find(root, "button").click();
    return heard;
  },

  answers(drawing, root) {
    const h = maker(drawing);
    drawing.render(h("input", { type: "checkbox", onClick: () => false }), root);
    find(root, "input").click();
    return (find(root, "input") as HTMLInputElement).checked;
  },

  attributes(drawing, root) {
    const h = maker(drawing);
    const show = (props: object) => {
      drawing.render(h("button", props), root);
      return [...find(root, "button").attributes].map(({ name, value }) => `${name}=${value}`).sort();
    };
    return [
      show({ title: "a", class: "b", hidden: true, "aria-hidden": true, "data-x": true, tabIndex: 0, lang: "" }),
      show({ title: undefined, class: "", hidden: false, "aria-hidden": false, "data-x": false, tabIndex: -1 }),
      show({ title: null, "aria-hidden": undefined }),
      show({ disabled: true, popover: "auto", "aria-label": "c", popovertarget: "menu" }),
      show({ disabled: false }),
    ];
  },

  value(drawing, root) {
    const h = maker(drawing);
    const show = (value: string, title: string) => drawing.render(h("textarea", { value, title, rows: 1 }), root);
    show("drawn", "one");
    const field = find(root, "textarea") as HTMLTextAreaElement;
    const first = [field.value, field.getAttribute("value")];
    field.value = "typed";
    show("drawn", "two");
    return [...first, field.value, field.title];
  },

  selected(drawing, root) {
    const h = maker(drawing);
    const show = (chosen: string) => {
      const options = ["en", "ar"].map((name) =>
        h("option", { key: name, value: name, selected: name === chosen }, `in ${name}`),
      );
      drawing.render(h("select", null, options), root);
      return (find(root, "select") as HTMLSelectElement).value;
    };
    return [show("ar"), show("en"), find(root, "option").getAttribute("value")];
  },

  style(drawing, root) {
    const h = maker(drawing);
    const show = (ratio: number) => {
      drawing.render(h("i", { style: { "--ratio": ratio } }), root);
      return find(root, "i").style.getPropertyValue("--ratio");
    };
    return [show(1.5), show(2)];
  },

  svg(drawing, root) {
    const h = maker(drawing);
    drawing.render(h("svg", { viewBox: "0 0 24 24" }, h("path", { d: "M0 0" })), root);
    return [...root.querySelectorAll("*")].map((node) => [node.namespaceURI, node.outerHTML]);
  },

  words(drawing, root) {
    const h = maker(drawing);
    const words = "<img src=x onerror=hostile=1>";
    drawing.render(h("p", { title: words }, words, 0, null, true, false, undefined, ""), root);
    return [
      root.querySelectorAll("*").length,
      root.textContent,
      find(root, "p").title,
      find(root, "p").childNodes.length,
    ];
  },

  focusOfMoved(drawing, root) {
    const h = maker(drawing);
    const show = (keys: string) => {
      drawing.render(
        h(
          "ul",
          null,
          Array.from(keys).map((key) => h("button", { key, id: key })),
        ),
        root,
      );
      return document.activeElement?.id;
    };
    show("abc");
    find(root, "#b").focus();
    return [show("xabc"), show("abcy"), show("bcy"), show("by")];
  },
} satisfies Record<string, Rule>;
