# Shell functions about whose the generations of a root are. The script sets the claim and `root_name`, and holds
# {@link rootLock}.
#
# - `root_discard GENERATION` removes a generation's tree and marker.
# - `root_sweep GENERATION` removes what killed runs of this stack left of the root, except this generation.
# - `root_observe` sets `root_mine`, `root_ours` or `root_other` to the generation that is in the way, by its claim;
# `root_again` to the one that is wanted again, and `root_leftover` to what a killed create left, if it is as wanted.
# The script also sets what is wanted: `root_suite`, `root_variant`, `root_arch` (which may be empty), `root_birth`.

root_discard() {
  root_rest=$(generation_path "$root_name" "$1")
  if [ -n "$root_rest" ]; then
    image_guard "$root_rest"
    image_remove "$root_rest"
  fi
  rm -f -- "$roots/$root_name@$1.json"
}

# A root that has run may hold somebody's work, although no state knows it: its systemd has written its ID.
# In conditions: it only looks.
root_has_run() {
  root_place=$(generation_path "$root_name" "$1")
  case $(tree_kind "$root_place" etc/machine-id) in file | missing) return 1 ;; esac
}

# Nobody recorded it, so nobody else removes it.
root_sweep() {
  for root_sweep_file in "$roots/$root_name@"*.json; do
    [ -e "$root_sweep_file" ] || continue
    root_swept=$(generation_of_marker "$root_sweep_file")
    if [ "$root_swept" = "$1" ] || [ "$(claim_standing "$root_sweep_file")" != leftover ] || root_has_run "$root_swept"; then continue; fi
    root_discard "$root_swept"
  done
}

# Finds what is in the way: a finished root of this very create (its answer was lost), of this resource, or of somebody
# else. Nobody works on an unfinished root any longer, because we hold the lock; its base is in the cache.
root_observe() {
  root_mine='' root_ours='' root_other='' root_leftover='' root_again=''
  for root_marker_file in "$roots/$root_name@"*.json; do
    [ -e "$root_marker_file" ] || continue
    root_found=$(generation_of_marker "$root_marker_file")
    if ! generation_complete "$root_name" "$root_found"; then
      root_discard "$root_found"
    elif [ -z "$(generation_path "$root_name" "$root_found")" ]; then
      rm -f -- "$root_marker_file" # its tree was removed by hand
    else case $(claim_standing "$root_marker_file") in
      own) root_mine=$root_found ;;
      former) root_ours=$root_found ;;
      leftover)
        if marker_is "$root_marker_file" birth "$root_birth"; then
          root_leftover=$root_found
        elif root_has_run "$root_found"; then root_ours=$root_found; fi
        ;;
      *) root_other=$root_found ;;
    esac fi
  done
  root_again=$(root_wanted_again)
}

# Prints the holder if it is what is wanted now, although a newer root was made for this resource: the state has the
# newer one, which did not boot or was never taken, and the holder with all its data as one to be deleted.
# In conditions: it only looks.
root_wanted_again() {
  root_held=$(generation_holder "$root_name")
  root_held_file=$roots/$root_name@$root_held.json
  [ -n "$root_held" ] && [ "$(claim_standing "$root_held_file")" = former ] || return 0
  marker_is "$root_held_file" suite "$root_suite" && marker_is "$root_held_file" variant "$root_variant" || return 0
  [ -z "$root_arch" ] || marker_is "$root_held_file" architecture "$root_arch" || return 0
  root_last=$(for root_each in "$roots/$root_name@"*.json; do
    case $(claim_standing "$root_each") in former | leftover) generation_created "$root_name" "$(generation_of_marker "$root_each")" ;; esac
  done | sort | tail -n 1)
  [ "${root_last##* }" = "$root_held" ] || printf '%s\n' "$root_held"
}
