/**
 * Shell in which `debootstrap` is called again when it fails: one download that fails ends it, where apt asks again by itself. It
 * goes on from what it has.
 */
export const patientDebootstrap = `debootstrap() {
  for attempt in 1 2 3; do
    command debootstrap "$@" && return
  done
  return 1
}`;
