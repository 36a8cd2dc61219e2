// Test data: what an attacker would write to make the server call itself, its network or its cloud's metadata service.
// Ranges are those of the IANA special-purpose registries (RFC 6890) and the tunnels that carry IPv4 inside IPv6.

/** First and last address of each range, with the public neighbours outside it where there are any. */
export const specialRanges: readonly { range: string; inside: readonly string[]; outside: readonly string[] }[] = [
  { range: "0/8", inside: ["0.0.0.0", "0.255.255.255"], outside: ["1.0.0.0"] },
  { range: "10/8", inside: ["10.0.0.0", "10.255.255.255"], outside: ["9.255.255.255", "11.0.0.0"] },
  { range: "100.64/10", inside: ["100.64.0.0", "100.127.255.255"], outside: ["100.63.255.255", "100.128.0.0"] },
  { range: "127/8", inside: ["127.0.0.0", "127.255.255.255"], outside: ["126.255.255.255", "128.0.0.0"] },
  { range: "169.254/16", inside: ["169.254.0.0", "169.254.255.255"], outside: ["169.253.255.255", "169.255.0.0"] },
  { range: "172.16/12", inside: ["172.16.0.0", "172.31.255.255"], outside: ["172.15.255.255", "172.32.0.0"] },
  { range: "192.0.0/24", inside: ["192.0.0.0", "192.0.0.255"], outside: ["191.255.255.255", "192.0.1.0"] },
  { range: "192.0.2/24", inside: ["192.0.2.0", "192.0.2.255"], outside: ["192.0.1.255", "192.0.3.0"] },
  { range: "192.31.196/24", inside: ["192.31.196.0", "192.31.196.255"], outside: ["192.31.195.255", "192.31.197.0"] },
  { range: "192.52.193/24", inside: ["192.52.193.0", "192.52.193.255"], outside: ["192.52.192.255", "192.52.194.0"] },
  { range: "192.88.99/24", inside: ["192.88.99.0", "192.88.99.255"], outside: ["192.88.98.255", "192.88.100.0"] },
  { range: "192.168/16", inside: ["192.168.0.0", "192.168.255.255"], outside: ["192.167.255.255", "192.169.0.0"] },
  { range: "192.175.48/24", inside: ["192.175.48.0", "192.175.48.255"], outside: ["192.175.47.255", "192.175.49.0"] },
  { range: "198.18/15", inside: ["198.18.0.0", "198.19.255.255"], outside: ["198.17.255.255", "198.20.0.0"] },
  { range: "198.51.100/24", inside: ["198.51.100.0", "198.51.100.255"], outside: ["198.51.99.255", "198.51.101.0"] },
  { range: "203.0.113/24", inside: ["203.0.113.0", "203.0.113.255"], outside: ["203.0.112.255", "203.0.114.0"] },
  { range: "224/4", inside: ["224.0.0.0", "239.255.255.255"], outside: ["223.255.255.255"] },
  { range: "240/4", inside: ["240.0.0.0", "255.255.255.255"], outside: [] },
  { range: "::/8", inside: ["::", "::1", "::2", "::7f00:1", "ff:ffff::"], outside: [] },
  {
    range: "::ffff:0:0/96, mapped IPv4",
    inside: ["::ffff:127.0.0.1", "::ffff:a9fe:a9fe"],
    outside: ["::ffff:8.8.8.8"],
  },
  { range: "::ffff:0:0:0/96, translated", inside: ["::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"], outside: [] },
  { range: "64:ff9b::/96, NAT64", inside: ["64:ff9b::7f00:1", "64:ff9b::10.0.0.1"], outside: ["64:ff9b::808:808"] },
  { range: "64:ff9b:1::/48", inside: ["64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"], outside: [] },
  { range: "100::/64", inside: ["100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::1"], outside: [] },
  { range: "2001::/23", inside: ["2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"], outside: ["2001:200::1"] },
  { range: "2001::/32, Teredo", inside: ["2001:0:4136:e378:8000:63bf:80ff:fffe"], outside: [] },
  { range: "2001:2::/48", inside: ["2001:2::", "2001:2:0:ffff::1"], outside: [] },
  { range: "2001:10::/28", inside: ["2001:10::", "2001:1f:ffff::1"], outside: [] },
  { range: "2001:20::/28", inside: ["2001:20::", "2001:2f:ffff::1"], outside: [] },
  { range: "2001:30::/28", inside: ["2001:30::", "2001:3f:ffff::1"], outside: [] },
  {
    range: "2001:db8::/32",
    inside: ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    outside: ["2001:db7:ffff::1", "2001:db9::1"],
  },
  { range: "2002::/16, 6to4", inside: ["2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1"], outside: ["2003::1"] },
  { range: "2620:4f:8000::/48", inside: ["2620:4f:8000::", "2620:4f:8000:ffff::1"], outside: ["2620:4f:8001::1"] },
  { range: "3fff::/20", inside: ["3fff::", "3fff:fff:ffff::1"], outside: ["3fff:1000::1", "3ffe:ffff::1"] },
  { range: "4000::/2, never given out", inside: ["4000::", "5f00::", "5f00:ffff::1", "7fff::1"], outside: [] },
  { range: "fc00::/7", inside: ["fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], outside: [] },
  { range: "fe80::/10", inside: ["fe80::", "febf:ffff::1"], outside: [] },
  { range: "fec0::/10", inside: ["fec0::", "feff:ffff::1"], outside: [] },
  { range: "ff00::/8", inside: ["ff00::", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], outside: [] },
];

/** Hosts, as written in a URL, that mean this machine, its network or a metadata service. */
export const internalHosts: readonly string[] = words(`
  127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7F.0.0.1 0x7f.1 017700000001 0177.0.0.1 0177.0.0.01 00000177.0.0.1
  127.0.0.1. 127.000.000.001 0 0x0 00 0.0.0.0 169.254.169.254 2852039166 0xa9fea9fe 0xA9.0xFE.0xA9.0xFE
  0251.0376.0251.0376 169.254.43518 169.254.170.2 100.100.100.200 10.0.0.1 172.17.0.1 192.168.0.1
  １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 127．0．0．1 127｡0｡0｡1 %31%32%37.0.0.1 127%2e0%2e0%2e1
  [::] [::1] [0:0:0:0:0:0:0:1] [0000::0001] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:127.0.0.1]
  [0:0:0:0:0:ffff:127.0.0.1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [::ffff:0:0] [64:ff9b::7f00:1]
  [64:ff9b::127.0.0.1] [64:ff9b::169.254.169.254] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:a9fe:a9fe::1]
  [2001:0:4136:e378:8000:63bf:80ff:fffe] [fd00:ec2::254] [fd20:ce::254] [fe80::1] [fc00::1] [fec0::1] [ff02::1]
  [fe80::1%25eth0] [::1%25lo] localhost LOCALHOST localhost. lo%63alhost ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ a.localhost
  localhost.localdomain ip6-localhost metadata metadata.google.internal metadata.google.internal. instance-data
  kubernetes printer.local router.lan nas.home.arpa intranet db.internal x.onion loc\u00adalhost`);

/** Whole URLs that are refused for how they are written, for their scheme or for their port. */
export const refusedUrls: readonly string[] = [
  ...words(`
  http://hooks.example/ http://hooks.example:443/ http://hooks.example:8443/ ftp://hooks.example/ file:///etc/passwd
  file://localhost/etc/passwd gopher://hooks.example:443/_x dict://hooks.example:443/ ws://hooks.example/
  wss://hooks.example/ data:text/plain,x javascript:alert(1) blob:https://hooks.example/1 unix:/var/run/docker.sock
  http://unix:/var/run/docker.sock:/info jar:https://hooks.example!/ about:blank https://hooks.example:22/
  https://hooks.example:25/ https://hooks.example:80/ https://hooks.example:5432/ https://hooks.example:6379/
  https://hooks.example:9200/ https://hooks.example:0/ https://hooks.example:444/ https://hooks.example:65535/
  https://hooks.example:65536/ https://hooks.example:-1/ https://hooks.example:x/ https://user@hooks.example/
  https://user:pass@hooks.example/ https://:pass@hooks.example/ https://@hooks.example/
  https://hooks.example@127.0.0.1/ https://hooks.example:443@127.0.0.1/ https://hooks.example%40127.0.0.1/
  https://127.0.0.1#@hooks.example/ https://127.0.0.1?@hooks.example/ https://127.0.0.1\\@hooks.example/
  https://hooks.example\\@127.0.0.1/ https:\\\\hooks.example/ https:hooks.example https:/hooks.example/
  https:///hooks.example/ https:////hooks.example/ //hooks.example/ hooks.example hooks.example:443 https:// https:///
  https://? https://# https://:443/ https://hooks.example./ https://hooks/ https://[hooks.example]/ https://[127.0.0.1]/
  https://[::1/ https://hooks..example/ https://.hooks.example/ https://hooks%00.example/
  https://hooks.example%2f@127.0.0.1/ https://xn--/ https://256.256.256.256/ https://1.2.3.4.5/ https://0x100000000/
  https://4294967296/ https://127.0.0.1:443:80/ https://a_b/ HTTPS://LOCALHOST/ hTTp://127.0.0.1/
  https://127.0.0.1:8443/`),
  "",
  " ",
  " https://hooks.example/",
  "https://hooks .example/",
  "https://hooks.example\t/",
  "https://hooks.ex\nample/",
  "https://hooks.example/\r\nHost: x",
  "\u0000https://hooks.example/",
  `https://hooks.example/${"a".repeat(8192)}`,
];

function words(text: string): string[] {
  return text.split(/ +|\n +/).filter((word) => word !== "");
}
