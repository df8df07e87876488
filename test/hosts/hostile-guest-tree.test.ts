import { launch } from "../attacks/attack";
import { treeAttacks } from "../attacks/tree";
import { TreeGround } from "../attacks/tree/ground";
import { generations, stable } from "../support/generations";

/**
 * What a guest can do with its own tree to a host that looks into it or works in it; another machine stays well.
 * `npm run attack` does it on every generation.
 */
describe.each(generations("forky"))("on a %s host", (suite) => {
  let ground: TreeGround;

  beforeAll(async () => {
    ground = await TreeGround.make(suite);
  });

  afterAll(async () => {
    await ground?.dispose();
  });

  test("the boot ID changes when the machine boots again, and only then", async () => {
    const before = (await ground.refreshed()).machine.bootId;
    expect((await ground.refreshed()).machine.bootId).toBe(before);
    await ground.restartBad();
    expect((await ground.refreshed()).machine.bootId).not.toBe(before);
  });

  const attacks = treeAttacks.filter(
    ({ ofGenerations, isLong }) => isLong !== true && (suite === stable || ofGenerations === true),
  );
  test.each(attacks.map((attack) => [attack.name, attack] as const))("%s", async (_name, attack) => {
    await launch(attack, ground);
  });
});
