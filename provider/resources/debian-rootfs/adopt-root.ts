import { type Adoption, UNKNOWN } from "../../dynamic";
import { adoptable, adoptablesOf } from "../../host/adoptable";
import { IMAGES } from "../../host/roots/images";
import { isInstalled } from "../../host/roots/package-specs";
import { run } from "../../remote";
import { targetOf } from "../on-host";
import { wantedPackages } from "./observe-root";
import { rootfsInputs } from "./rootfs-inputs";

/** Settings that are applied to an adopted root if the program sets them. `setup` never runs again. */
const CUSTOMISED = ["hostname", "locale", "timezone", "rootPassword", "authorizedKeys", "files"] as const;

/** Looks for an existing root, and reports what adopting it with the program's inputs would change. */
export async function adoptRoot(
  inputs: Readonly<Record<string, unknown>>,
  given: readonly string[],
): Promise<Adoption> {
  const known = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== UNKNOWN));
  const wanted = rootfsInputs.parse(known);
  const path = `${IMAGES}/${wanted.name}`;
  const answers = await run(targetOf(wanted), adoptable(wanted.name), {
    attempt: `look at the root "${wanted.name}" to adopt it`,
    timeoutSeconds: wanted.timeouts.read,
    retry: true,
  });
  const [{ root, elsewhere } = {}] = adoptablesOf(answers);
  if (elsewhere !== undefined) return { refusals: [`adopt: ${elsewhere}`] };
  if (root === undefined) return { notes: [`adopt: there is no root ${path} yet, so it is created`] };
  if (root.unreadable !== undefined) {
    return { refusals: [`adopt: ${path} cannot be adopted as it is: ${root.unreadable}.`] };
  }
  const { codename, prettyName } = root.osRelease;
  if (codename !== wanted.suite && wanted.suite !== "sid") {
    const what = codename === "" ? "not a Debian that reports its codename" : codename;
    return {
      refusals: [`suite: ${path} is ${what}, not ${wanted.suite}. Set \`suite\` to match, or choose another name.`],
    };
  }
  const missing = wantedPackages(wanted).filter((spec) => !isInstalled(spec, root.packages));
  const settings = CUSTOMISED.filter((key) => given.includes(key));
  const changes = [
    ...(missing.length > 0 ? [`it gets ${missing.join(", ")}`] : []),
    ...(settings.length > 0 ? [`its ${settings.join(", ")} are set`] : []),
  ];
  return {
    notes: [`adopt: ${path} is ${prettyName}; ${changes.length === 0 ? "nothing in it changes" : changes.join("; ")}`],
  };
}
