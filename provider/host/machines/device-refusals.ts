import type { Refusals } from "../refusals";

/** Devices that a machine cannot have. */
export const deviceRefusals: Refusals = {
  "device-missing": ([path]) => ({
    happened: `there is no device ${path}`,
    advice:
      "Load the kernel module that makes it (modprobe(8), and for each boot modules-load.d(5)), see that the hardware is there and " +
      "switched on, or leave it out.",
  }),
  "device-directory": ([path, second]) => ({
    happened: `${path} is a directory, not a device`,
    advice:
      second === ""
        ? "Write the device node that is meant."
        : `Write those of its nodes that are meant: ${second.split("\n").join(", ")}`,
  }),
  "device-other": ([path]) => ({
    happened: `${path} is not a device node`,
    advice: "Write the device node that is meant.",
  }),
  "device-closed": ([path, second, kernelName]) => ({
    happened: `${path} is closed to the machine: it is ${second}, and in a machine with user IDs of its own it belongs to nobody`,
    advice:
      `Open it to all users of the host by a rule of udev(7): echo 'KERNEL=="${kernelName}", MODE="0666"' | sudo tee ` +
      `/etc/udev/rules.d/90-${kernelName}.rules && sudo udevadm control --reload && sudo udevadm trigger --sysname-match=${kernelName}. ` +
      "Or set `privateUsers: false`, where root inside is root outside.",
  }),
};
