/**
 * Shell in which `debootstrap` is called again when it fails: one failed download ends it, while apt retries. It
 * continues with what it has.
 */
export const patientDebootstrap = `debootstrap() {
  for attempt in 1 2 3; do
    command debootstrap "$@" && return
  done
  return 1
}`;
