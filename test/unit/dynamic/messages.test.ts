import { setTimeout as pause } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { flush, log } from "../../../provider/dynamic/messages";
import { clearStatus, progress } from "../../../provider/dynamic/progress";

const engine = new grpc.Server();
const [argument] = process.argv.slice(2);
let heard: string[] = [];

beforeAll(async () => {
  engine.addService(EngineService, {
    log: ({ request }: grpc.ServerUnaryCall<LogRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
      const severity = request.getSeverity() === LogSeverity.WARNING ? "warning" : "info";
      heard.push(`${request.getUrn()} ${request.getEphemeral() ? "row" : severity}: ${request.getMessage()}`);
      done(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    engine.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  process.argv[2] = `127.0.0.1:${port}`;
});
afterAll(() => {
  if (argument === undefined) process.argv.splice(2, 1);
  else process.argv[2] = argument;
  engine.forceShutdown();
});
beforeEach(() => {
  heard = [];
});

test("a text is shown once for each resource and severity", async () => {
  log("urn:a", "it is old", "warning");
  log("urn:a", "it is old", "warning");
  log("urn:b", "it is old", "warning");
  log("urn:a", "it is old", "info");
  await flush();
  expect(heard).toEqual(["urn:a warning: it is old", "urn:b warning: it is old", "urn:a info: it is old"]);
});

test("of progress that comes fast the newest is shown a little later, separately for each resource", async () => {
  progress("urn:a", "1 of 3");
  progress("urn:a", "2 of 3");
  progress("urn:a", "3 of 3");
  progress("urn:b", "1 of 3");
  await flush();
  expect(heard).toEqual(["urn:a row: 1 of 3", "urn:b row: 1 of 3"]);
  while (heard.length < 3) await pause(20);
  expect(heard[2]).toBe("urn:a row: 3 of 3");
});

test("nothing is shown in a row after it was cleared", async () => {
  progress("urn:e", "1 of 3");
  progress("urn:e", "2 of 3");
  clearStatus("urn:e");
  progress("urn:f", "1 of 3");
  progress("urn:f", "2 of 3");
  while (!heard.includes("urn:f row: 2 of 3")) await pause(20);
  expect(heard).not.toContain("urn:e row: 2 of 3");
});

test("a row that had progress is cleared once", async () => {
  progress("urn:c", "working");
  clearStatus("urn:c");
  clearStatus("urn:c");
  clearStatus("urn:d");
  await flush();
  expect(heard).toEqual(["urn:c row: working", "urn:c row: "]);
});
