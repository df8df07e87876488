import type { ProvisionStep } from "../../provider/resources/provision";

const USUAL = [
  "install.sh",
  "install",
  "bootstrap.sh",
  "bootstrap",
  "script/bootstrap",
  "setup.sh",
  "setup",
  "script/setup",
];

/** Files that concern only the repository itself. */
const NOT_LINKED = [".git", ".github", ".gitignore", ".gitmodules", ".gitattributes"];

/** Sets up the dotfiles. If a link would replace a file, the file is kept under another name next to it. */
export function dotfilesStep(
  dotfiles: { readonly url: string; readonly branch?: string | undefined; readonly script?: string | undefined },
  directory: string,
  common: Pick<ProvisionStep, "as" | "environment">,
): ProvisionStep {
  const { url, branch, script } = dotfiles;
  return {
    ...common,
    name: "dotfiles",
    cwd: directory,
    // A step runs again when its text changes. This makes it run again when the dotfiles change.
    run:
      script === undefined
        ? [...shell(BY_USUAL_NAMES), url, branch ?? ""]
        : [...shell(GIVEN), script, url, branch ?? ""],
  };
}

/** The words that follow are arguments, not part of the script. */
function shell(script: string): string[] {
  return ["sh", "-e", "-c", script, "dotfiles"];
}

const RUN = `dotfiles_run() { if [ -x "$1" ]; then "./$1"; else sh "./$1"; fi; }`;

const GIVEN = `${RUN}
[ -f "$1" ] || { echo "there is no $1 in the repository"; exit 1; }
dotfiles_run "$1"`;

const BY_USUAL_NAMES = `${RUN}
for script in ${USUAL.join(" ")}; do
  if [ -f "$script" ]; then dotfiles_run "$script"; exit; fi
done
for file in .[!.]*; do
  case $file in ${NOT_LINKED.join("|")}) continue ;; esac
  if [ -e "$HOME/$file" ] && [ ! -L "$HOME/$file" ]; then mv "$HOME/$file" "$HOME/$file.before-dotfiles"; fi
  ln -sfn "$PWD/$file" "$HOME/$file"
done`;
