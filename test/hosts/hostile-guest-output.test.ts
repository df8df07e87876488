import { launch } from "../attacks/attack";
import { outputAttacks } from "../attacks/output";
import { OutputGround } from "../attacks/output/ground";

/** Other generations are those of `npm run attack`: what a guest prints passes through the same code on each. */
describe("on a trixie host", () => {
  let ground: OutputGround;

  beforeAll(async () => {
    ground = await OutputGround.make("trixie");
  });

  afterAll(async () => {
    await ground?.dispose();
  });

  test.each(outputAttacks.map((attack) => [attack.name, attack] as const))("%s", async (_name, attack) => {
    await launch(attack, ground);
  });
});
