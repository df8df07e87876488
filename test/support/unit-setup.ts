/** Says what is left out of the unit ring on this machine, if anything is. */
export default function setup(): void {
  if (process.platform === "linux") return;
  console.error(
    `test:unit leaves out test/unit/host: the shell of those tests is a Debian host's, and this is ${process.platform}`,
  );
}
