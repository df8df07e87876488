import { Client, connectivityState } from "@grpc/grpc-js";
import { runtime } from "@pulumi/pulumi";
import { DebianRootfs } from "../../index";
import { Stack } from "../support/stack";

describe("the connections of an inline program to the engine", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.create("dev");
  });

  afterAll(() => stack.dispose());

  test.each([
    ["well", async () => undefined],
    [
      "with an error",
      async () => void new DebianRootfs("box", { host: { connection: { host: "127.0.0.1" } }, suite: "bookwurm" }),
    ],
  ])("are closed after a run that ends %s", async (end, program) => {
    const clients: unknown[] = [];
    const run = await stack.up(() => {
      clients.push(runtime.getMonitor(), runtime.getEngine());
      return program();
    });
    expect(run.ok).toBe(end === "well");
    const states = clients.map((client) => client instanceof Client && client.getChannel().getConnectivityState(false));
    expect(states).toEqual([connectivityState.SHUTDOWN, connectivityState.SHUTDOWN]);
  });
});
