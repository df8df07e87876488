import { type Cell, type Excluded, healings, idOf, moments, type Operation, operations } from "./cell";
import type { Fault } from "./faults/fault";
import type { Program } from "./programs/program";
import { fraction, pick, shuffled } from "./random";

export interface Matrix {
  readonly cells: readonly Cell[];
  readonly excluded: readonly Excluded[];
}

/**
 * The matrix: one cell for each program, operation and fault, each round at another step and moment, and the reason
 * for each combination that has none. All of it follows from the seed.
 */
export function matrix(programs: readonly Program[], faults: readonly Fault[], seed: string, rounds = 1): Matrix {
  const cells: Cell[] = [];
  const excluded: Excluded[] = [];
  for (const program of programs) {
    for (const operation of operations) {
      for (const fault of faults) {
        const reason = program.excluded?.(operation) ?? fault.excluded?.(program, operation);
        if (reason !== undefined) {
          excluded.push({ program: program.name, operation, fault: fault.name, reason });
          continue;
        }
        for (let round = 0; round < rounds; round += 1) cells.push(cellOf(program, operation, fault, seed, round));
      }
    }
  }
  return { cells, excluded };
}

/** Each round moves on by the golden ratio, so that a few rounds already reach steps that are far from each other. */
function cellOf(program: Program, operation: Operation, fault: Fault, seed: string, round: number): Cell {
  const key = [seed, program.name, operation, fault.name] as const;
  return {
    program: program.name,
    operation,
    fault: fault.name,
    place: (fraction(...key, "place") + round * 0.618) % 1,
    moment: pick(
      moments.filter((moment) => fault.moments.includes(moment)),
      fraction(...key, "moment", round),
    ),
    healing: pick(healings, fraction(...key, "healing", round)),
  };
}

/** As many cells as wanted, chosen by the seed; in the order of the matrix, so that neighbours share a host's state. */
export function chosen(cells: readonly Cell[], wanted: number, seed: string): Cell[] {
  const taken = new Set(shuffled(cells, idOf, seed).slice(0, wanted));
  return cells.filter((cell) => taken.has(cell));
}

/** Part `index` of `count`, from 1: neighbours stay together, and the parts are equally large. */
export function partOf<T>(items: readonly T[], index: number, count: number): T[] {
  const from = Math.floor(((index - 1) * items.length) / count);
  return items.slice(from, Math.floor((index * items.length) / count));
}
