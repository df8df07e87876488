import type { z } from "zod";
import type { NspawnSettingsInput } from "../../../systemd/nspawn-settings/schema";
import type { networksSchema } from "../../attachments/network-specs";
import { mapsUsers, type PrivateUsers } from "./private-users";

/** Inputs that decide whether keys fit the machine. */
interface Refusable {
  readonly settings?: NspawnSettingsInput | undefined;
  readonly ephemeral: boolean;
  readonly privateUsers: PrivateUsers;
  readonly networks?: z.infer<typeof networksSchema> | undefined;
}

/** Why a machine with these keys and its other inputs would not start, by systemd-nspawn's own rules. */
export function validate(inputs: Refusable): string[] {
  return [...execRefusals(inputs), ...filesRefusals(inputs), ...networkRefusals(inputs)];
}

const OWN_IDS = "if the machine has its own user IDs: set `privateUsers: false`";

function execRefusals({ settings, ephemeral, privateUsers }: Refusable): string[] {
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
      `settings.Exec.PivotRoot: systemd-nspawn cannot keep the old root ${OWN_IDS}, or give only the new root.`,
    ),
    ...when(
      PrivateUsersDelegate !== 0 && privateUsers !== "managed",
      'settings.Exec.PrivateUsersDelegate: systemd only delegates user IDs that it manages itself: set `privateUsers: "managed"`.',
    ),
  ];
}

function filesRefusals({ settings }: Refusable): string[] {
  const { BindUser, BindUserShell } = settings?.Files ?? {};
  return when(
    BindUserShell !== undefined && BindUser === undefined,
    "settings.Files.BindUserShell: it is the shell of the users in BindUser: list them there.",
  );
}

function networkRefusals({ settings, networks, privateUsers }: Refusable): string[] {
  const Network = settings?.Network ?? {};
  const [network] = networks ?? [];
  const [link] = ["Interface", "MACVLAN", "IPVLAN"].filter((key) => Network[key] !== undefined);
  const joins = Network.NamespacePath !== undefined;
  return [
    ...when(
      link !== undefined && network === "host",
      `settings.Network.${link}: it gives the machine its own network, but \`networks\` is ["host"]: write ["none"] for no other link.`,
    ),
    ...when(
      joins && link !== undefined,
      `settings.Network.${link}: it cannot be combined with NamespacePath: move the interface into that namespace on the host.`,
    ),
    ...when(
      joins && network !== "none",
      'settings.Network.NamespacePath: the machine has no link of its own then: set `networks: ["none"]`.',
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
