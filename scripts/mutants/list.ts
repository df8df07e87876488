import type { Mutant } from "./mutant";

/**
 * Chosen before it was known what notices them, over all of `provider/`, a quarter of them in shell text. Each changes what a user can see.
 * One that is noticed by nothing gets a test; it is not exchanged for another.
 */
export const MUTANTS: readonly Mutant[] = [
  // dynamic
  {
    name: "A create or update that failed half-way is recorded as finished.",
    file: "provider/dynamic/adapter.ts",
    find: "{ ...error.outputs, [UNFINISHED]: true }",
    replace: "{ ...error.outputs, [UNFINISHED]: false }",
  },
  {
    name: "What is missing is reported in an update and passed over in a preview.",
    file: "provider/dynamic/check.ts",
    find: "const reported = preview ? issues",
    replace: "const reported = !preview ? issues",
  },
  {
    name: "A value that is not known yet replaces a resource.",
    file: "provider/dynamic/diff.ts",
    find: 'change.effect === "replace" && change.known',
    replace: 'change.effect === "replace"',
  },
  {
    name: "The policy in state beats the one of the environment.",
    file: "provider/dynamic/policy.ts",
    find: "[environment, configured, host.onUnreachable]",
    replace: "[host.onUnreachable, configured, environment]",
    hosts: "test/hosts/provider-process.test.ts",
  },
  {
    name: "A warning that one resource had is not shown for another.",
    file: "provider/dynamic/messages.ts",
    find: "const key = `${urn}\\n${severity}\\n${text}`;",
    replace: "const key = `${severity}\\n${text}`;",
    hosts: "test/hosts/provider-messages.test.ts",
  },
  {
    name: "A resource that exists is looked for on the host at each check once it says `adopt: true`.",
    file: "provider/dynamic/adoption.ts",
    find: "holdsUnknown(news.adopt) || Object.keys(olds).length > 0 ||",
    replace: "holdsUnknown(news.adopt) ||",
    hosts: "test/hosts/adoption.test.ts",
  },

  // remote
  {
    name: "A host's name may begin with a dash, as an option of a command does.",
    file: "provider/remote/connection/names.ts",
    find: 'if (name.startsWith("-"))',
    replace: 'if (name.startsWith("--"))',
  },
  {
    name: "An array becomes one word of a script.",
    file: "provider/remote/script/script.ts",
    find: 'return value.map((item) => word(item, before)).join(" ");',
    replace: 'return word(value.join(" "), before);',
  },
  {
    name: "A command that fails does not end its script.",
    file: "provider/remote/script/wrapper.ts",
    find: "( set -eu; main )",
    replace: "( set -u; main )",
    hosts: "test/ssh/local.test.ts",
  },
  {
    name: "The beginning of a line that arrives in several pieces is lost.",
    file: "provider/remote/script/output-parser.ts",
    find: "this.pending += rest;",
    replace: "this.pending = rest;",
    hosts: "test/ssh/local.test.ts",
  },
  {
    name: "One operation more than allowed runs on a host at once.",
    file: "provider/remote/execution/queue.ts",
    find: "head && this.active < Math.min(",
    replace: "head && this.active <= Math.min(",
    hosts: "test/ssh/pool.test.ts",
  },
  {
    name: "A jump host is offered the password of the host behind it.",
    file: "provider/remote/ssh/pool.ts",
    find: `function keysOnly({ privateKey, privateKeyPassphrase, certificate }: Credentials): Credentials {
  return { privateKey, privateKeyPassphrase, certificate };`,
    replace: `function keysOnly({ password, privateKey, privateKeyPassphrase, certificate }: Credentials): Credentials {
  return { password, privateKey, privateKeyPassphrase, certificate };`,
    hosts: "test/ssh/jump.test.ts",
  },
  {
    name: "`accept-new` also takes a host key that changed.",
    file: "provider/remote/host-keys/trust.ts",
    find: 'verdict.kind === "changed" || this.resolved.hostKeyChecking !== "accept-new"',
    replace: 'this.resolved.hostKeyChecking !== "accept-new"',
    hosts: "test/ssh/host-keys/host-key.test.ts",
  },
  {
    name: "A key that is revoked under the bare name of a host is taken on another port.",
    file: "provider/remote/host-keys/host-key.ts",
    find: '[...mine, ...bare].filter(marked("revoked"))',
    replace: 'mine.filter(marked("revoked"))',
    hosts: "test/ssh/host-keys/host-key.test.ts",
  },
  {
    name: "A key of the agent is not found by its fingerprint.",
    file: "provider/remote/login/agent-identities.ts",
    find: "return key.comment === name || fingerprint(key.blob) === name;",
    replace: "return key.comment === name;",
    hosts: "test/ssh/login/login.test.ts",
  },
  {
    name: "A pattern with a `!` in front excludes nothing.",
    file: "provider/remote/host-keys/pattern.ts",
    find: "negated.some((pattern) => matchPattern(text, pattern.slice(1)))",
    replace: "negated.some((pattern) => matchPattern(text, pattern))",
    hosts: "test/ssh/host-keys/known-hosts.test.ts",
  },

  // systemd, nftables
  {
    name: "The longest name of a machine is refused.",
    file: "provider/systemd/names.ts",
    find: "if (name.length > LONGEST)",
    replace: "if (name.length >= LONGEST)",
  },
  {
    name: "A size of 0 bytes is taken.",
    file: "provider/systemd/size.ts",
    find: "Number.isSafeInteger(bytes) && bytes > 0",
    replace: "Number.isSafeInteger(bytes) && bytes >= 0",
  },
  {
    name: "A machine may have the broadcast address of its subnet.",
    file: "provider/systemd/subnet.ts",
    find: "if (number === last) return",
    replace: "if (number === last + 1) return",
  },
  {
    name: "A value that ends with a blank is written, and systemd strips it.",
    file: "provider/systemd/settings-file.ts",
    find: "if (/^[ \\t]|[ \\t]$/.test(value))",
    replace: "if (/^[ \\t]/.test(value))",
  },
  {
    name: "A setting that is switched off is left out.",
    file: "provider/systemd/nspawn-settings/setting.ts",
    find: 'return [value ? "yes" : "no"];',
    replace: 'return value ? ["yes"] : [];',
    hosts: "test/hosts/nspawn-settings.test.ts",
  },
  {
    name: "Two ranges of ports that have one port in common do not collide.",
    file: "provider/nftables/ports.ts",
    find: "one.host.first <= other.host.last",
    replace: "one.host.first < other.host.last",
  },
  {
    name: "Machines of two networks see each other by the host's address.",
    file: "provider/nftables/table.ts",
    find: "${ip} saddr ${pool} ${ip} daddr != @${pools} masquerade",
    replace: "${ip} saddr ${pool} masquerade",
  },

  // host
  {
    name: "A removal ends at a file that is gone already.",
    file: "provider/host/files.ts",
    find: '[ -z "$file_path" ] || file_remove "$file_path" || :',
    replace: '[ -z "$file_path" ] || file_remove "$file_path"',
    hosts: "test/hosts/machine.test.ts",
  },
  {
    name: "A key of an object inside a marker is taken for the marker's own.",
    file: "provider/host/sh/json.sh",
    find: 'else if (depth == 1 && before != ":")',
    replace: 'else if (before != ":")',
    hosts: "test/hosts/replacement.test.ts",
  },
  {
    name: "A lock that was let go of is not taken again in the same script.",
    file: "provider/host/sh/locks.sh",
    find: "  exec 8>&-\n  networks_locked=\n",
    replace: "  exec 8>&-\n",
    hosts: "test/hosts/veth.test.ts",
  },
  {
    name: "systemd does not read the files that a killed run had written.",
    file: "provider/host/machines/ensure-machine.ts",
    find: 'if [ -n "$files_restart$files_live$machine_reload" ]; then systemd_reload; fi',
    replace: 'if [ -n "$files_restart$files_live" ]; then systemd_reload; fi',
    hosts: "test/hosts/machine-kinds.test.ts",
  },
  {
    name: "A directory is made or removed behind a symbolic link that somebody put on the way to it.",
    file: "provider/host/sh/bind-sources.sh",
    find: '  [ "$(pwd -P)" = "$1" ] || refuse source-symlink "$1" "$1" "$(pwd -P)" "$(pwd -P)"\n',
    replace: "",
    hosts: "test/hosts/bind-source-functions.test.ts",
  },
  {
    name: "A source that was there before, and is empty, is removed.",
    file: "provider/host/sh/bind-sources.sh",
    find: 'elif [ "$source_made" = 0 ] || [ -n "$(ls -A -- "$2")" ]; then',
    replace: 'elif [ -n "$(ls -A -- "$2")" ]; then',
    hosts: "test/hosts/bind-sources.test.ts",
  },
  {
    name: "A host that reboots before a change of its network is confirmed keeps the change.",
    file: "provider/host/sh/network-arm.sh",
    find: '  systemctl -q enable "$1"\n',
    replace: "",
    hosts: "test/hosts/bridge.test.ts",
  },
  {
    name: "A tree that is in use is put aside.",
    file: "provider/host/sh/generations.sh",
    find: '    ! image_is_locked "$images/$1" || refuse image-busy "$images/$1"\n',
    replace: "",
    hosts: "test/hosts/rootfs.test.ts",
  },
  {
    name: "A step that failed is not run again.",
    file: "provider/host/sh/guest-steps.sh",
    find: '  [ "$(provision_record "$1" status)" = 0 ] || return 0\n  case $2 in',
    replace: "  case $2 in",
    hosts: "test/hosts/provision.test.ts",
  },
  {
    name: "Work that only one follows is not stopped on demand.",
    file: "provider/host/jobs/transient-unit-scripts.ts",
    find: '/proc/locks)" -gt 1 ]',
    replace: '/proc/locks)" -gt 0 ]',
    hosts: "test/hosts/rootfs.test.ts",
  },

  // resources
  {
    name: "Drift of packages is shown for a host that Pulumi does not install them on.",
    file: "provider/resources/host.ts",
    find: "const missing = state.install ? found.missingPackages : [];",
    replace: "const missing = found.missingPackages;",
    hosts: "test/hosts/provider-process.test.ts",
  },
  {
    name: "A package that a setting needs is removed when it is no longer listed.",
    file: "provider/resources/debian-rootfs/root-plans.ts",
    find: "const unwanted = state.packages.map(nameOf).filter((name) => !wanted.includes(name));",
    replace: "const unwanted = state.packages.map(nameOf).filter((name) => !inputs.packages.includes(name));",
    hosts: "test/hosts/rootfs.test.ts",
  },
  {
    name: "A table unit that is not enabled, but active, is no drift.",
    file: "provider/resources/veth-network/network-handler.ts",
    find: 'active !== "active" || enabled !== "enabled"',
    replace: 'active !== "active" && enabled !== "enabled"',
    hosts: "test/hosts/veth.test.ts",
  },
  {
    name: "The first `DHCP=` of an uplink counts, and not the last.",
    file: "provider/resources/bridge-attachment/migrated-sections.ts",
    find: 'values.at(-1) ?? "no"',
    replace: 'values.at(0) ?? "no"',
    hosts: "test/hosts/bridge.test.ts",
  },
  {
    name: "A user ID of 4294967295, which means none, is taken.",
    file: "provider/resources/bind-mount/bind-mount-inputs.ts",
    find: "value >= 0 && value < 2 ** 32 - 1",
    replace: "value >= 0 && value <= 2 ** 32 - 1",
  },
  {
    name: "A limit that was changed by hand is no drift.",
    file: "provider/resources/nspawn-machine/observe-machine.ts",
    find: "new Map([...restart, ...live])",
    replace: "new Map([...restart])",
    hosts: "test/hosts/machine.test.ts",
  },
  {
    name: "A secret that holds another one is shown in part.",
    file: "provider/resources/provision/provision-plan.ts",
    find: ".sort((a, b) => b.length - a.length)",
    replace: ".sort((a, b) => a.length - b.length)",
    hosts: "test/hosts/provision.test.ts",
  },
];
