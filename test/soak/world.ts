import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { takeCensus } from "../faults/census";
import type { CliRun } from "../faults/cli-run";
import { CliStack } from "../faults/cli-stack";
import { Site } from "../faults/site";
import { upWithBase } from "../support/bases";
import { emptyModel, hostOf } from "./model";
import { problemsOf } from "./problems";
import type { Model } from "./programs/schema";
import type { Step } from "./step";
import { noFiles, planted, plantScript, survivors, type UserFiles } from "./survivors";

const FRESH = "fresh";

/** How long a host may take to come to rest once nothing is wrong any more: sessions close, units end. */
const REST_MS = 20_000;

/** The hosts, the one stack for all of them, and what the harness knows of both. */
export class World {
  /** What the program declared last. */
  model: Model;
  /** A user's files, by host. */
  files: UserFiles[];

  private constructor(
    readonly sites: readonly Site[],
    readonly stack: CliStack,
    private readonly baselines: readonly (readonly string[])[],
  ) {
    this.model = emptyModel(sites.length);
    this.files = sites.map(() => noFiles);
  }

  /** Boots the hosts and keeps their disks, so that each sequence begins with the same ones. */
  static async make(hosts: number): Promise<World> {
    const sites: Site[] = [];
    try {
      const baselines: string[][] = [];
      for (let index = 1; index <= hosts; index += 1) {
        const site = await Site.make(await upWithBase({ name: `soak${index}`, suite: "trixie" }));
        sites.push(site);
        await site.save(FRESH);
        baselines.push(await takeCensus(site.host, ":"));
      }
      const stack = await CliStack.create({ name: "soak", programs: join(__dirname, "programs") });
      return new World(sites, stack, baselines);
    } catch (error) {
      for (const site of sites) await site.dispose();
      throw error;
    }
  }

  /** Hosts and stack as if nothing had ever run. */
  async reset(): Promise<void> {
    await this.stack.empty();
    await Promise.all(this.sites.map((site) => site.restore(FRESH)));
    this.model = emptyModel(this.sites.length);
    this.files = this.sites.map(() => noFiles);
  }

  /** What the program of a step declares is expected from now on. */
  enter({ model, replace }: Step): void {
    this.files = survivors(this.files, model, replace);
    this.model = model ?? emptyModel(this.sites.length);
  }

  /** Starts a command of the CLI with the program that declares the model. */
  start(args: readonly string[]): CliRun {
    const connections = this.sites.map(({ connection }) => connection);
    return this.stack.start(args, { model: this.model, connections });
  }

  siteOf(host: number): Site {
    const site = this.sites[host];
    if (site === undefined) throw new Error(`there is no host ${host + 1}`);
    return site;
  }

  /** What differs between the hosts and the model, once they have come to rest. */
  async problems(): Promise<string[]> {
    const script = await readFile(join(__dirname, "facts.sh"), "utf8");
    const deadline = Date.now() + REST_MS;
    for (;;) {
      const problems = await this.problemsNow(script);
      if (problems.length === 0 || Date.now() > deadline) return problems;
      await pause(1000);
    }
  }

  private async problemsNow(script: string): Promise<string[]> {
    const found = this.sites.map(async ({ host }, index) => {
      const [facts, census] = await Promise.all([host.sh(script), takeCensus(host, ":")]);
      const findings = { facts, census, baseline: this.baselines[index] ?? [] };
      const problems = problemsOf(hostOf(this.model, index), this.files[index] ?? noFiles, findings);
      return problems.map((problem) => `h${index + 1} ${problem}`);
    });
    const left = (await this.stack.leftProcesses()).length;
    const here = left === 0 ? [] : [`orphan: ${left} processes of the provider or the CLI, on this machine`];
    return [...(await Promise.all(found)).flat(), ...here];
  }

  /** A user puts a file into each root and directory that has none. */
  async plant(): Promise<void> {
    for (const [index, { host }] of this.sites.entries()) {
      const files = planted(this.files[index] ?? noFiles, hostOf(this.model, index));
      await host.sh(plantScript(files));
      this.files[index] = files;
    }
  }

  /** Ends what a step left on this machine. */
  async recover(): Promise<void> {
    await this.stack.endProcesses();
    for (const { proxy } of this.sites) proxy.resume();
  }

  async dispose(): Promise<void> {
    await this.stack.dispose();
    for (const site of this.sites) await site.dispose();
  }
}
