import type { Script } from "../../remote";
import type { Refusals } from "../refusals";
import { sh } from "../sh";

/** Makes systemd-networkd read the files of a machine or a network. */
export const reloadNetworkd: Script = sh`networkd_reload`;

/** The same after files were removed; it does not matter then whether networkd still runs. */
export const forgetLinks: Script = sh`networkd_forget`;

/** A systemd-networkd that does not accept its files. */
export const networkdRefusals: Refusals = {
  "networkd-reload": ([said]) => ({
    happened: `systemd-networkd does not reload its files: ${said}`,
    advice:
      "If something on the host keeps reloading it, stop that. Look at its journal (journalctl -u systemd-networkd), and run `pulumi up` again.",
  }),
};
