import { HostError, RefusedError } from "../../remote";

/** The message for a device that a machine cannot have; any other error as it is. */
export function explainDeviceError(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const [path = "", second = "", kernelName = ""] = error.values;
  const explain = (happened: string, advice: string) =>
    new HostError({ ...error.parts, happened, advice, cause: error });
  switch (error.code) {
    case "device-missing":
      return explain(
        `there is no device ${path}`,
        "Load the kernel module that makes it (modprobe(8), and for each boot modules-load.d(5)), see that the hardware is there and " +
          "switched on, or leave it out.",
      );
    case "device-directory":
      return explain(
        `${path} is a directory, not a device`,
        second === ""
          ? "Write the device node that is meant."
          : `Write those of its nodes that are meant: ${second.split("\n").join(", ")}`,
      );
    case "device-other":
      return explain(`${path} is not a device node`, "Write the device node that is meant.");
    case "device-closed":
      return explain(
        `${path} is closed to the machine: it is ${second}, and in a machine with user IDs of its own it belongs to nobody`,
        `Open it to all users of the host by a rule of udev(7): echo 'KERNEL=="${kernelName}", MODE="0666"' | sudo tee ` +
          `/etc/udev/rules.d/90-${kernelName}.rules && sudo udevadm control --reload && sudo udevadm trigger --sysname-match=${kernelName}. ` +
          "Or set `privateUsers: false`, where root inside is root outside.",
      );
    default:
      return error;
  }
}
