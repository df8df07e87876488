import { z } from "zod";
import { expectLiterals, isRecord, literalsOf, refuseLiterals } from "../../dynamic";
import { firstCollision, portSchema } from "../../nftables/ports";
import { addressProblem, addressSchema, subnetSchema } from "../../systemd/subnet";

const shape = {
  address: addressSchema.optional(),
  ports: z.array(portSchema, 'write a list of ports, as in ["8080:80"]').optional(),
};

const WHAT = "attach() of a VethNetwork";

/**
 * Refuses an address or ports that no machine can have. They would otherwise be checked with the machine, which comes
 * after its root.
 *
 * @throws RunError
 */
export function expectAttachable(args: object, subnet?: string): void {
  expectLiterals(WHAT, "attach()", shape, args);
  const values = literalsOf(args);
  const { address, ports } = isRecord(values) ? values : {};
  const problems = [...addressProblems(subnet, address), ...portProblems(ports)];
  if (problems.length > 0) refuseLiterals(WHAT, problems);
}

function addressProblems(subnet: string | undefined, address: unknown): string[] {
  const within = subnetSchema.safeParse(subnet).data;
  const known = addressSchema.safeParse(address).data;
  if (within === undefined || known === undefined) return [];
  const problem = addressProblem(within, known);
  return problem === undefined ? [] : [`address: ${JSON.stringify(known)} ${problem}.`];
}

function portProblems(ports: unknown): string[] {
  const known = Array.isArray(ports) ? ports.flatMap((port) => portSchema.safeParse(port).data ?? []) : [];
  const collision = firstCollision(known);
  if (collision === undefined) return [];
  return [`ports: "${collision[0]}" and "${collision[1]}" use the same port of the host.`];
}
