// Where `parley chat` listens for the messages of the demo's custom channel.

export const demoCallback = { host: "127.0.0.1", port: 8081 } as const;

export const demoCallbackUrl = `http://${demoCallback.host}:${demoCallback.port}/parley`;
