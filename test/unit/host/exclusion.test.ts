import { exclusively, lockFile } from "../../../provider/host/exclusion";
import { sh } from "../../../provider/host/sh";
import { lines, type Script } from "../../../provider/remote";
import { ScratchHost } from "./support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

/** Reports whether somebody else could take a lock now. */
const look = (name: string) => sh`if flock -n ${lockFile(name)} true; then answer free; else answer held; fi`;
const states = (...script: Script[]) => host.run(lines([...script])).map(({ key }) => key);

test("a lock is held while its script runs, and no longer", () => {
  expect(states(exclusively("web", 5, look("web")), look("web"))).toEqual(["held", "free"]);
});

test("a lock that another script holds is refused", () => {
  const holding = sh`mkdir -p /run/pulumi-nspawn; exec 7>${lockFile("web")}; flock 7`;
  expect(host.run(lines([holding, exclusively("web", 0, sh`answer done`)]))).toEqual([
    { key: "refused", values: ["locked", "web"] },
  ]);
});

test("the lock of the networks is taken once, released, and taken again", () => {
  const [take, letGo] = [sh`networks_lock`, sh`networks_unlock`];
  expect(states(take, take, look("networks"), letGo, look("networks"), take, look("networks"))).toEqual([
    "held",
    "free",
    "held",
  ]);
});
