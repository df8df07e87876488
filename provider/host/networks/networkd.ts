import { HostError, type RefusedError, type Script } from "../../remote";
import { sh } from "../sh";

/** Has systemd-networkd read the files of a machine or a network. */
export const reloadNetworkd: Script = sh`networkd_reload`;

/** The same after files were removed: it does not matter whether networkd still runs. */
export const forgetLinks: Script = sh`networkd_forget`;

/** What it means that networkd did not read the files of a machine or a network; `undefined` for another refusal. */
export function explainNetworkdRefusal(error: RefusedError): HostError | undefined {
  if (error.code !== "networkd-reload") return undefined;
  const [said = ""] = error.values;
  return new HostError({
    ...error.parts,
    happened: `systemd-networkd does not read its files again: ${said}`,
    advice:
      "If something on the host has it reload all the time, stop that. Look at its journal (journalctl -u systemd-networkd), and run `pulumi up` again.",
    cause: error,
  });
}
