import { hostIdentity } from "../fragments/host";
import { networksOfOthers } from "../fragments/networks";
import type { MachineInputs } from "./inputs";
import { refuseMounts } from "./parts/mounts";
import { refuseOrder } from "./parts/order";
import { mapsUsers } from "./parts/private-users";

/** Why a machine would not start as its inputs together ask for, before anything is done: systemd-nspawn's own rules. */
export function refusals(inputs: MachineInputs): string[] {
  return [
    ...nameRefusals(inputs),
    ...execRefusals(inputs),
    ...filesRefusals(inputs),
    ...networkRefusals(inputs),
    ...networksOfOthers(inputs.networks, hostIdentity(inputs.host)),
    ...refuseMounts(inputs),
    ...refuseOrder(inputs),
  ];
}

function nameRefusals({ name, rootName, ephemeral }: MachineInputs): string[] {
  return when(
    name !== rootName && !ephemeral,
    `name: "${name}" is not the name of the root, "${rootName}": only an ephemeral machine may have its own.`,
  );
}

const OWN_IDS = "where the machine has user IDs of its own: write `privateUsers: false`";

function execRefusals({ settings, ephemeral, privateUsers }: MachineInputs): string[] {
  const { LinkJournal, OOMScoreAdjust = 0, PivotRoot = "", PrivateUsersDelegate = 0 } = settings?.Exec ?? {};
  return [
    ...when(
      ephemeral && (LinkJournal === "host" || LinkJournal === "guest"),
      `settings.Exec.LinkJournal: an ephemeral machine cannot have "${LinkJournal}": write "try-${LinkJournal}", or "no".`,
    ),
    ...when(
      mapsUsers(privateUsers) && OOMScoreAdjust !== 0,
      `settings.Exec.OOMScoreAdjust: systemd-nspawn cannot set it ${OWN_IDS}, or leave it out.`,
    ),
    ...when(
      mapsUsers(privateUsers) && /(?:^|[^\\])(?:\\\\)*:/.test(String(PivotRoot)),
      `settings.Exec.PivotRoot: systemd-nspawn cannot keep the old root ${OWN_IDS}, or the new root alone.`,
    ),
    ...when(
      PrivateUsersDelegate !== 0 && privateUsers !== "managed",
      'settings.Exec.PrivateUsersDelegate: systemd hands out ranges of user IDs that it manages itself: write `privateUsers: "managed"`.',
    ),
  ];
}

function filesRefusals({ settings }: MachineInputs): string[] {
  const { BindUser, BindUserShell } = settings?.Files ?? {};
  return when(
    BindUserShell !== undefined && BindUser === undefined,
    "settings.Files.BindUserShell: it is the shell of the users in BindUser: name them there.",
  );
}

function networkRefusals({ settings, networks, privateUsers }: MachineInputs): string[] {
  const Network = settings?.Network ?? {};
  const [network] = networks ?? [];
  const [link] = ["Interface", "MACVLAN", "IPVLAN"].filter((key) => Network[key] !== undefined);
  const joins = Network.NamespacePath !== undefined;
  return [
    ...when(
      link !== undefined && network === "host",
      `settings.Network.${link}: it gives the machine a network of its own, and \`networks\` is ["host"]: write ["none"] for no other link.`,
    ),
    ...when(
      joins && link !== undefined,
      `settings.Network.${link}: it cannot be combined with NamespacePath: move the interface into that namespace on the host.`,
    ),
    ...when(
      joins && network !== "none",
      'settings.Network.NamespacePath: the machine has no link of its own then: write `networks: ["none"]`.',
    ),
    ...when(
      joins && privateUsers !== false,
      `settings.Network.NamespacePath: systemd-nspawn cannot join it ${OWN_IDS}.`,
    ),
  ];
}

function when(broken: boolean, sentence: string): string[] {
  return broken ? [sentence] : [];
}
