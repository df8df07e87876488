import { join } from "node:path";
import type { CliRun, Ended } from "./cli-run";
import { CliStack } from "./cli-stack";
import type { Program, Setting, Version } from "./programs/program";

/** More than any timeout of the programs, and what a connection and the engine add to it. */
export const DEADLINE_MS = 300_000;

/** A project that runs any of the programs of the fault matrix. */
export class FaultStack {
  private constructor(
    readonly cli: CliStack,
    readonly setting: Setting,
  ) {}

  static async create(setting: Setting): Promise<FaultStack> {
    return new FaultStack(await CliStack.create({ name: "faults", programs: join(__dirname, "programs") }), setting);
  }

  start(args: readonly string[], program: Program, version: Version): CliRun {
    return this.cli.start(args, { program: program.name, version, setting: this.setting });
  }

  async up(program: Program, version: Version, ...more: string[]): Promise<Ended> {
    return this.start(["up", "--yes", "--skip-preview", ...more], program, version).ended(DEADLINE_MS);
  }

  async refresh(program: Program, version: Version, ...more: string[]): Promise<Ended> {
    return this.start(["refresh", "--yes", "--skip-preview", ...more], program, version).ended(DEADLINE_MS);
  }

  async destroy(program: Program, version: Version): Promise<Ended> {
    return this.start(["destroy", "--yes", "--skip-preview"], program, version).ended(DEADLINE_MS);
  }
}
