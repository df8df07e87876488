import { type Adoption, UNKNOWN } from "../../dynamic";
import { adoptable, adoptablesOf } from "../../host/adoptable";
import { IMAGES } from "../../host/roots/images";
import { run } from "../../remote";
import { targetOf } from "../on-host";
import { wantedPackages } from "./observe-root";
import { rootfsInputs } from "./rootfs-inputs";

/** Settings that are made in a root that is adopted where the program gives them; `setup` never runs again. */
const CUSTOMISED = ["hostname", "locale", "timezone", "rootPassword", "authorizedKeys", "files"] as const;

/** Looks for a root that is there already, and tells what adopting it as the program has it would change. */
export async function adoptRoot(
  inputs: Readonly<Record<string, unknown>>,
  given: readonly string[],
): Promise<Adoption> {
  const known = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== UNKNOWN));
  const wanted = rootfsInputs.parse(known);
  const path = `${IMAGES}/${wanted.name}`;
  const answers = await run(targetOf(wanted), adoptable(wanted.name), {
    attempt: `look at the root "${wanted.name}", which is to be adopted,`,
    timeoutSeconds: wanted.timeouts.read,
    retry: true,
  });
  const root = adoptablesOf(answers)[0]?.root;
  if (root === undefined) return { notes: [`adopt: there is no root ${path} yet: it is made`] };
  const { codename, prettyName } = root.osRelease;
  if (codename !== wanted.suite && wanted.suite !== "sid") {
    const what = codename === "" ? "no Debian that says its codename" : codename;
    return { refusals: [`suite: ${path} is ${what}, not ${wanted.suite}. Write what is there, or take another name.`] };
  }
  const missing = wantedPackages(wanted).filter((name) => !root.packages.has(name));
  const settings = CUSTOMISED.filter((key) => given.includes(key));
  const changes = [
    ...(missing.length > 0 ? [`it gets ${missing.join(", ")}`] : []),
    ...(settings.length > 0 ? [`its ${settings.join(", ")} are set`] : []),
  ];
  return {
    notes: [`adopt: ${path} is ${prettyName}; ${changes.length === 0 ? "nothing in it changes" : changes.join("; ")}`],
  };
}
