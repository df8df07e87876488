import type { Refusals } from "../refusals";

/** Devices that a machine cannot have. */
export const deviceRefusals: Refusals = {
  "device-missing": ([path]) => ({
    happened: `there is no device ${path}`,
    advice:
      "Load the kernel module that creates it (modprobe(8), and for each boot modules-load.d(5)), check that the hardware is " +
      "present and enabled, or leave the device out.",
  }),
  "device-directory": ([path, second]) => ({
    happened: `${path} is a directory, not a device`,
    advice:
      second === ""
        ? "Write the path of the device node."
        : `Write the nodes in it that you mean: ${second.split("\n").join(", ")}`,
  }),
  "device-other": ([path]) => ({
    happened: `${path} is not a device node`,
    advice: "Write the path of the device node.",
  }),
  "device-closed": ([path, second, kernelName]) => ({
    happened: `${path} is closed to the machine: it is ${second}, and in a machine with its own user IDs it belongs to nobody`,
    advice:
      `Open it to all users of the host with a udev(7) rule: echo 'KERNEL=="${kernelName}", MODE="0666"' | sudo tee ` +
      `/etc/udev/rules.d/90-${kernelName}.rules && sudo udevadm control --reload && sudo udevadm trigger --sysname-match=${kernelName}. ` +
      "Or set `privateUsers: false`: root inside is then root on the host.",
  }),
};
