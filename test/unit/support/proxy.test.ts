import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { startProxy, type TcpProxy } from "../../support/hosts/proxy";

let server: Server;
let port: number;
const proxies: TcpProxy[] = [];

beforeAll(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  port = address.port;
});

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

afterAll(() => {
  server.close();
});

async function proxied(
  options: { delayMs?: number; cutAfterBytes?: number } = {},
): Promise<{ proxy: TcpProxy; client: Socket }> {
  const proxy = await startProxy({ host: "127.0.0.1", port, ...options });
  proxies.push(proxy);
  return { proxy, client: await client(proxy) };
}

async function client(proxy: TcpProxy): Promise<Socket> {
  const socket = connect(proxy.port, proxy.address);
  await once(socket, "connect");
  return socket;
}

async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function nextData(socket: Socket): Promise<string> {
  const [data]: unknown[] = await once(socket, "data");
  return String(data);
}

test("bytes go both ways, in order and complete, and the end of one side reaches the other", async () => {
  const { client } = await proxied({ delayMs: 5 });
  const text = Array.from({ length: 100_000 }, (_, line) => `line ${line}\n`).join("");
  client.end(text);
  expect(await everything(client)).toBe(text);
});

test("a delay holds back every answer", async () => {
  const { client: far } = await proxied({ delayMs: 100 });
  const { client: near } = await proxied();
  const answers: string[] = [];
  const both = [far, near].map(async (socket, index) => {
    socket.write(index === 0 ? "far" : "near");
    answers.push(await nextData(socket));
    socket.destroy();
  });
  await Promise.all(both);
  expect(answers).toEqual(["near", "far"]);
});

test("a cut resets the open connections, and new ones are accepted", async () => {
  const { proxy, client: first } = await proxied();
  first.write("x");
  await nextData(first);
  const failed = once(first, "error");
  proxy.cut();
  const [error]: unknown[] = await failed;
  expect(error).toMatchObject({ code: "ECONNRESET" });
  expect(proxy.openConnections()).toBe(0);

  const second = await client(proxy);
  second.write("y");
  expect(await nextData(second)).toBe("y");
  expect(proxy.connections()).toBe(2);
  second.destroy();
});

test("a connection is cut in the middle once its bytes are used up", async () => {
  const { client } = await proxied({ cutAfterBytes: 10 });
  client.write("12345");
  expect(await nextData(client)).toBe("12345");
  client.write("1");
  await expect(everything(client)).rejects.toMatchObject({ code: "ECONNRESET" });
});

test("a stall lets nothing through, and the rest arrives when it is over", async () => {
  const { proxy, client } = await proxied();
  proxy.stall();
  client.write("late");
  const answer = nextData(client);
  const first = await Promise.race([answer, new Promise<string>((resolve) => setTimeout(resolve, 100, "nothing"))]);
  expect(first).toBe("nothing");
  expect(client.destroyed).toBe(false);
  proxy.resume();
  expect(await answer).toBe("late");
  client.destroy();
});

test("a missing server ends the client's connection", async () => {
  const proxy = await startProxy({ host: "127.0.0.1", port: 1 });
  proxies.push(proxy);
  const socket = connect(proxy.port, proxy.address);
  await expect(everything(socket)).rejects.toMatchObject({ code: "ECONNRESET" });
});
