import { describe, expect, it } from "vitest";
import { limits } from "../limits.ts";
import { createMeter } from "../meter.ts";
import { runSingleNode, sampleEvent, textsOf } from "../testing/sample.ts";
import { toRoots } from "../testing/to-roots.ts";
import { liquid } from "./liquid.ts";
import { parseTemplate } from "./parse-template.ts";

function refusalOf(source: string): string {
  const parsed = parseTemplate(source);
  return parsed.ok ? "accepted" : parsed.message;
}

/** What a text response says, in a data event; "" when it would be empty; the error's code when it failed. */
function say(text: string): string {
  const data = { list: [3, 1, 2], map: { a: 1 }, html: "<b>&", "odd key": "o", zero: 0, long: "x".repeat(5000) };
  const result = runSingleNode({ responses: [{ type: "text", text }] }, sampleEvent({ type: "text", data }));
  return result.error?.code ?? textsOf(result).join("");
}

describe("a template", () => {
  it.each([
    ["Hi {{ member.name }}!", "Hi Ann!"],
    ['{{ member.nick | default: "there" }}', "there"],
    ["[{{ event.data.missing.deeper }}]", "[]"],
    ["{{ member.name | upcase }} {{ member.name | downcase }}", "ANN ann"],
    ["{{ 'hello' | capitalize }} [{{ ' x ' | strip }}]", "Hello [x]"],
    ["{{ 'abcdef' | truncate: 5 }}", "ab..."],
    ["{{ event.data.list | size }} {{ event.data.list | first }} {{ event.data.list | last }}", "3 3 2"],
    ["{{ event.data.list | join: '-' }} {{ 'a,b' | split: ',' | last }}", "3-1-2 b"],
    ["{{ 'a.a' | replace: '.', '$&' }}", "a$&a"],
    [
      "{{ 1 | plus: 2 }} {{ 5 | minus: 2 }} {{ 2 | times: 3 }} {{ 7.0 | divided_by: 2 }} {{ 2.345 | round: 1 }}",
      "3 3 6 3.5 2.3",
    ],
    ["{{ event.data.html | escape }} {{ 'a b&c' | url_encode }}", "&lt;b&gt;&amp; a+b%26c"],
    ["{{ event.data.map | json }} {{ member.name | json }}", '{"a":1} "Ann"'],
    ["{{ event.data.map }} {{ event.data.list }}", '{"a":1} [3,1,2]'],
    ["{{ event.data['odd key'] }} {{ event.data.zero }}", "o 0"],
    ["{{ 'a' | append: 'b' | prepend: 'c' }}", "cab"],
    ["{% if member.name == 'Ann' %}A{% elsif member.name %}B{% else %}C{% endif %}", "A"],
    ["{% unless member.nick %}none{% endunless %}", "none"],
    ["{% for n in event.data.list %}{{ forloop.index }}:{{ n }} {% endfor %}", "1:3 2:1 3:2"],
    ["{% for n in event.data.list limit: 1 %}{{ n }}{% else %}-{% endfor %}", "3"],
    ["{{ now | date: '%Y-%m-%d %H:%M' }}", "2026-01-02 03:04"],
    ["{{ 'now' | date: '%Y' }} {{ 'today' | date: '%A' }}", "2026 Friday"],
    ["{{ '2026-03-04T05:06:07+08:00' | date: '%H:%M' }} {{ 0 | date: '%Y' }}", "21:06 1970"],
    ["{{ '2026-03-04 05:06' | date: '%Y' }} {{ 'soon' | date: '%Y' }}", "2026-03-04 05:06 soon"],
    ["{{ now | date: '%H:%M', 'Asia/Hong_Kong' }}", "11:04"],
    ["{{ session.mode }} {{ channel.name }} {{ event.type }}", "bot Website text"],
  ])("%s says %j", (source, expected) => {
    expect(say(source).trim()).toBe(expected);
  });

  it("without any mark is used as it is", () => {
    const parsed = parseTemplate("100% { plain } | text");
    expect(parsed.ok && parsed.template.isLiteral).toBe(true);
    expect(parsed.ok && parsed.template.render(toRoots({}), createMeter())).toBe("100% { plain } | text");
  });

  it.each([
    ["{{ member.name", "not closed"],
    ["a\n  {{ x }}", "line 2, col 6"],
    ["{% if member.name %}x", "not closed"],
    ["{% endif %}", "not found"],
    ["{{ member.name | shout }}", "undefined filter: shout"],
    ["{{ user.name }}", 'unknown variable "user"'],
    ["{% for t in tags %}{{ t }}{% endfor %}", 'unknown variable "tags"'],
    ["{% for t in member.tags %}{{ t }}{% endfor %}{{ t }}", 'unknown variable "t"'],
    ["{{ member.name | default: other }}", 'unknown variable "other"'],
  ])("refuses %j with its place", (source, why) => {
    expect(refusalOf(source)).toContain(why);
  });
});

describe("SECURITY: a template cannot reach the host", () => {
  it.each([
    "{% include 'a' %}",
    "{% render '/etc/passwd' %}",
    "{% layout 'x' %}",
    "{% block a %}{% endblock %}",
    "{% assign x = 1 %}",
    "{% capture x %}{% endcapture %}",
    "{% increment x %}",
    "{% decrement x %}",
    "{% cycle 'a', 'b' %}",
    "{% tablerow x in member.tags %}{% endtablerow %}",
    "{% raw %}{% endraw %}",
    "{% comment %}{% endcomment %}",
    "{% liquid\n echo 1 %}",
    "{% echo 1 %}",
    "{% case 1 %}{% endcase %}",
    "{% constructor %}",
    "{% __proto__ %}",
    "{% toString %}",
    "{{ member | constructor }}",
    "{{ member | __proto__ }}",
    "{{ member | __defineGetter__: 'x' }}",
    "{{ member | toString }}",
    "{{ member | hasOwnProperty: 'id' }}",
    "{{ member.tags | map: 'constructor' }}",
    "{{ member.tags | where: 'constructor' }}",
    "{{ member.tags | sort }}",
    "{{ member.tags | sample }}",
    "{{ member.name | raw }}",
    "{{ member | inspect }}",
    "{{ 'x' | sha256 }}",
    "{{ constructor }}",
    "{{ __proto__ }}",
    "{{ process.env }}",
    "{{ globalThis }}",
    "{{ this }}",
    "{{ constructor.constructor('return process')() }}",
    "{{ 'a'.constructor }}{{ x }}",
    "{{ range }}",
  ])("%j is refused", (source) => {
    expect(refusalOf(source)).toMatch(/^Not a valid template: /);
  });

  it.each([
    "{{ member.constructor }}",
    "{{ member.constructor.name }}",
    "{{ member.__proto__ }}",
    "{{ member['__proto__'] }}",
    "{{ member['constructor']['constructor'] }}",
    "{{ member.name.constructor }}",
    "{{ member.name.__proto__.constructor }}",
    "{{ member.tags.constructor.name }}",
    "{{ member.tags.map }}",
    "{{ member.tags.__proto__.push }}",
    "{{ event.data.list.forEach }}",
    "{{ event.data.toString }}",
    "{{ event.data.hasOwnProperty }}",
    "{{ session.variables.__proto__.polluted }}",
    "{{ session.__defineGetter__ }}",
    "{{ channel.toLiquid }}",
    "{{ event['toString'] }}",
    "{{ now.constructor }}",
  ])("%s says nothing", (source) => {
    expect(say(`[${source}]`)).toBe("[]");
  });
});

describe("SECURITY: the tables of tags and filters", () => {
  it("hold what is listed, and inherit nothing", () => {
    expect(Object.keys(liquid.tags).toSorted()).toEqual(["for", "if", "unless"]);
    expect(Object.keys(liquid.filters).toSorted().join(" ")).toBe(
      "append capitalize date default divided_by downcase escape first join json last minus plus prepend replace " +
        "round size split strip times truncate upcase url_encode",
    );
    expect(Object.getPrototypeOf(liquid.tags)).toBeNull();
    expect(Object.getPrototypeOf(liquid.filters)).toBeNull();
  });
});

describe("SECURITY: the cost of a template is bounded", () => {
  const nested =
    "{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}";

  it.each([
    "{% for i in (1..1000000000) %}x{% endfor %}",
    nested,
    nested.replaceAll("1000", "99999"),
    "{% if (1..999999999) %}x{% endif %}",
    "{{ now | date: '%999999999d' }}",
    "{% for a in (1..9000) %}{{ event.data.long | replace: 'x', event.data.long }}{% endfor %}",
    "{{ event.data.long | replace: 'x', event.data.long | replace: 'x', event.data.long }}",
    "{% for a in (1..9000) %}{{ event.data.long | split: '' | join: event.data.long }}{% endfor %}",
    "{% for a in (1..9000) %}{{ event.data.long | json }}{% endfor %}",
  ])("%s ends quickly with a fault", (source) => {
    const startedMs = performance.now();
    expect(say(source)).toBe("engine.template_failed");
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  it("all templates of one event share a budget", () => {
    const loop = "{% for i in (1..3000) %}x{% endfor %}";
    const responses = Array.from({ length: 20 }, () => ({ type: "text", text: loop }));
    const preActions = Array.from({ length: 30 }, () => ({ type: "setVariable", name: "x", value: loop }));
    expect(runSingleNode({ preActions, responses }).error?.code).toBe("engine.template_failed");
  });

  it("a template has a bounded length and says at most so much", () => {
    const long = parseTemplate(`{{ member.name }}${"x".repeat(limits.templateLength)}`);
    expect(long.ok).toBe(false);
    const parsed = parseTemplate("{{ event.text }}{{ event.text }}{{ event.text }}");
    const scope = { event: { text: "y".repeat(8000) } };
    expect(parsed.ok && parsed.template.render(toRoots(scope), createMeter())).toHaveLength(limits.templateLength);
  });

  it("deep nesting of tags is refused or rendered, never a crash", () => {
    const depth = 300;
    const source = `${"{% if true %}".repeat(depth)}x${"{% endif %}".repeat(depth)}`;
    const parsed = parseTemplate(source.slice(0, limits.templateLength));
    expect(parsed.ok ? parsed.template.render(toRoots({}), createMeter()) : "x").toBe("x");
  });
});
