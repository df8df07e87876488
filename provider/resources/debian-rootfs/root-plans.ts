import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { randomId } from "../../host/ownership";
import type { BaseSpec } from "../../host/roots/base";
import type { PackageChange } from "../../host/roots/change-root";
import type { RootPlan } from "../../host/roots/create-root";
import { type Customisation, DEFAULT_LOCALE, DEFAULT_TIMEZONE } from "../../host/roots/customise";
import { nameOf, versionOf } from "../../host/roots/package-specs";
import type { Operation } from "../operation";
import { wantedPackages } from "./observe-root";
import { maxAgeDaysOf, type RootfsInputs, type RootfsState } from "./rootfs-inputs";

/** How to build a root that does not exist yet. */
export function creationPlan(inputs: RootfsInputs, operation: Operation<RootfsInputs>): RootPlan {
  const { hostname, locale, timezone, rootPassword, authorizedKeys, files, setup } = inputs;
  const hash = createHash("sha256").update(`${operation.urn} ${inputs.name}`).digest("hex").slice(0, 12);
  return {
    name: inputs.name,
    claim: operation.claimOf(randomId() + randomId(), { fresh: true, adopt: inputs.adopt }),
    generation: randomId(),
    base: baseOf(inputs),
    customisation: { hostname, locale, timezone, rootPassword, authorizedKeys, files, setup },
    maxAgeDays: maxAgeDaysOf(inputs.cache),
    privately: inputs.cache === false ? hash : undefined,
    birth: birthOf(inputs),
    replace: inputs.dataLoss === "allow",
  };
}

/** A password does not belong into a checksum: it could be guessed from one. */
function birthOf(inputs: RootfsInputs): string {
  const { suite, arch, variant, packages, components, mirrors, keyring, builder, setup } = inputs;
  const { hostname, locale, timezone, authorizedKeys, files } = inputs;
  const base = { suite, arch, variant, packages, components, mirrors, keyring, builder, setup };
  const text = JSON.stringify({ ...base, hostname, locale, timezone, authorizedKeys, files });
  return createHash("sha256").update(text).digest("hex");
}

export function baseOf(inputs: RootfsInputs): BaseSpec {
  const { suite, arch, variant, components, mirrors, keyring, builder } = inputs;
  return { suite, arch, variant, components, mirrors, keyring, builder, packages: wantedPackages(inputs) };
}

/** What changes in an existing root. An input that was removed gets its default again. */
export function customisationChange(state: RootfsState, inputs: RootfsInputs): Customisation {
  const changed = <K extends keyof RootfsInputs>(key: K): boolean => !isDeepStrictEqual(state[key], inputs[key]);
  const before = new Map(state.files.map((file) => [file.path, file]));
  const files = inputs.files.filter((file) => !isDeepStrictEqual(before.get(file.path), file));
  return {
    ...(changed("hostname") && { hostname: inputs.hostname ?? null }),
    ...(changed("locale") && { locale: inputs.locale ?? DEFAULT_LOCALE }),
    ...(changed("timezone") && { timezone: inputs.timezone ?? DEFAULT_TIMEZONE }),
    ...(changed("rootPassword") && { rootPassword: inputs.rootPassword ?? null }),
    ...(changed("authorizedKeys") && { authorizedKeys: inputs.authorizedKeys ?? [] }),
    ...(files.length > 0 && { files }),
  };
}

/** Which packages to install or remove; `undefined` if nothing needs to change. */
export function packageChange(state: RootfsState, inputs: RootfsInputs): PackageChange | undefined {
  const specs = wantedPackages(inputs);
  const wanted = specs.map(nameOf);
  // Packages that a setting needed stay when the setting is removed: something else in the root may need them by now.
  const unwanted = state.packages.map(nameOf).filter((name) => !wanted.includes(name));
  const before = wantedPackages(state);
  const missing = specs.filter((spec) => !(nameOf(spec) in state.installedPackages) || !before.includes(spec));
  if (missing.length === 0 && unwanted.length === 0) return undefined;
  return {
    wanted,
    unwanted,
    listed: inputs.packages.map(nameOf),
    former: state.packages.map(nameOf),
    pins: specs.filter((spec) => versionOf(spec) !== undefined),
  };
}
