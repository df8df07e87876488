import type { Script } from "../../remote";
import type { Refusals } from "../refusals";
import { sh } from "../sh";

/** Has systemd-networkd read the files of a machine or a network. */
export const reloadNetworkd: Script = sh`networkd_reload`;

/** The same after files were removed: it does not matter whether networkd still runs. */
export const forgetLinks: Script = sh`networkd_forget`;

/** A systemd-networkd that does not take what it is given. */
export const networkdRefusals: Refusals = {
  "networkd-reload": ([said]) => ({
    happened: `systemd-networkd does not read its files again: ${said}`,
    advice:
      "If something on the host has it reload all the time, stop that. Look at its journal (journalctl -u systemd-networkd), and run `pulumi up` again.",
  }),
};
