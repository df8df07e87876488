import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as rpc from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { root } from "./root";

export type Bag = { [key: string]: JavaScriptValue };

export interface Message {
  readonly urn: string;
  readonly text: string;
  readonly ephemeral: boolean;
}

/** The real process that Pulumi starts for dynamic resources, driven as the engine drives it. */
export class ProviderProcess {
  private constructor(
    readonly child: ChildProcess,
    private readonly client: ResourceProviderClient,
    private readonly engine: grpc.Server,
    /** The messages of the process to the engine. */
    readonly messages: Message[],
  ) {}

  /** Starts it with an engine that records messages, and answers them only if `engineAnswers`. */
  static async start(environment: NodeJS.ProcessEnv = {}, engineAnswers = true): Promise<ProviderProcess> {
    const messages: Message[] = [];
    const { engine, address } = await startEngine(messages, engineAnswers);
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const child = spawn(process.execPath, [script, address], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const port = await firstLine(child);
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const provider = new ProviderProcess(child, client, engine, messages);
    await provider.configure();
    return provider;
  }

  /** The engine is gone, as after a SIGKILL: nothing listens at its address, and the process gets no signal. */
  loseEngine(): void {
    this.client.close();
    this.engine.forceShutdown();
  }

  /** Resolves with the exit status, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode;
    return new Promise((resolve) => this.child.once("exit", (code, signal) => resolve(code ?? signal)));
  }

  async stop(): Promise<void> {
    this.client.close();
    this.engine.forceShutdown();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await ended;
  }

  async check(kind: string, olds: Bag, news: Bag): Promise<{ inputs: Bag; failures: string[] }> {
    const request = new rpc.CheckRequest();
    if (Object.keys(olds).length > 0) request.setOlds(struct(kind, olds));
    else request.setOlds(new Struct());
    request.setNews(struct(kind, news));
    const response = await call<rpc.CheckResponse>((done) => this.client.check(request, done));
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    return { inputs: bag(response.getInputs()), failures };
  }

  async diff(kind: string, id: string, olds: Bag, news: Bag): Promise<{ changes: boolean; replaces: string[] }> {
    const request = new rpc.DiffRequest();
    request.setId(id);
    request.setOlds(struct(kind, olds));
    request.setNews(struct(kind, news));
    const response = await call<rpc.DiffResponse>((done) => this.client.diff(request, done));
    const changes = response.getChanges() === rpc.DiffResponse.DiffChanges.DIFF_SOME;
    return { changes, replaces: response.getReplacesList() };
  }

  async create(kind: string, news: Bag): Promise<{ id: string; properties: Bag }> {
    const request = new rpc.CreateRequest();
    request.setProperties(struct(kind, news));
    const response = await call<rpc.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), properties: bag(response.getProperties()) };
  }

  async update(kind: string, id: string, olds: Bag, news: Bag): Promise<Bag> {
    const request = new rpc.UpdateRequest();
    request.setId(id);
    request.setOlds(struct(kind, olds));
    request.setNews(struct(kind, news));
    return bag((await call<rpc.UpdateResponse>((done) => this.client.update(request, done))).getProperties());
  }

  async read(kind: string, id: string, properties: Bag): Promise<{ id: string; properties: Bag }> {
    const request = new rpc.ReadRequest();
    request.setId(id);
    request.setProperties(struct(kind, properties));
    const response = await call<rpc.ReadResponse>((done) => this.client.read(request, done));
    return { id: response.getId(), properties: bag(response.getProperties()) };
  }

  async delete(kind: string, id: string, properties: Bag): Promise<void> {
    const request = new rpc.DeleteRequest();
    request.setId(id);
    request.setProperties(struct(kind, properties));
    await call<Empty>((done) => this.client.delete(request, done));
  }

  private async configure(): Promise<void> {
    const request = new rpc.ConfigureRequest();
    request.setArgs(Struct.fromJavaScript({}));
    await call<rpc.ConfigureResponse>((done) => this.client.configure(request, done));
  }
}

/** The constant line that every resource of a kind carries. */
function providerLine(kind: string): string {
  return `exports.handler=()=>require("pulumi-nspawn/provider").get("${kind}");`;
}

function struct(kind: string, properties: Bag): Struct {
  return Struct.fromJavaScript({ ...properties, __provider: providerLine(kind) });
}

function bag(properties: Struct | undefined): Bag {
  return properties?.toJavaScript() ?? {};
}

function call<T>(start: (done: (error: grpc.ServiceError | null, value: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value)));
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error("the provider process has no stdout");
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the provider process ended with exit status ${code}`)));
  });
}

function startEngine(messages: Message[], answers: boolean): Promise<{ engine: grpc.Server; address: string }> {
  const engine = new grpc.Server();
  engine.addService(EngineService, {
    log: (request: grpc.ServerUnaryCall<LogRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
      const { request: entry } = request;
      messages.push({ urn: entry.getUrn(), text: entry.getMessage(), ephemeral: entry.getEphemeral() });
      if (answers) done(null, new Empty());
    },
  });
  return new Promise((resolve, reject) => {
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve({ engine, address: `127.0.0.1:${port}` }),
    );
  });
}
