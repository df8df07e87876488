# Creates a root from its base. The script sets the claim, `root_name`, `root_generation`, and `root_urn_json`;
# `root_suite`, `root_variant`, `root_arch` (which may be empty) and `root_birth`, a checksum of all that a root is made
# of; `root_copy` (`cache_copy` or `cache_take`), `root_from`, `root_need`, and `root_customisation`, the text for a shell
# inside, or nothing.
#
# - `root_observe` sets `root_mine`, `root_ours` or `root_other` to the generation that is in the way, by its claim;
# `root_again` to the one that is wanted again, and `root_leftover` to what a killed create left, if it is as wanted.
# - `root_adopt` takes over the tree that has the name; `root_keep` the one in `root_again`, and `root_finish` the one in
# `root_leftover`. `root_build` creates one, and gives it the name if that is free.

root_cache_key='' base_builder='' base_arch=$(dpkg --print-architecture) root_acknowledged=no

root_marker() { file_present "$roots/$root_name@$root_generation.json" "$(root_marker_text "$1" "$2")
" 0600 || :; }

# In conditions: it only prints.
root_marker_text() {
  printf %s "{
  \"owner\": \"$claim_owner\",
  \"urn\": $root_urn_json,
  \"claimant\": \"$claim_claimant\",
  \"stack\": \"$claim_stack\",
  \"acknowledged\": \"$root_acknowledged\",
  \"generation\": \"$root_generation\",
  \"created\": \"$root_created\",
  \"architecture\": \"$base_arch\",
  \"builtWith\": \"$base_builder\",
  \"cacheKey\": \"$root_cache_key\",
  \"suite\": \"$root_suite\",
  \"variant\": \"$root_variant\",
  \"birth\": \"$root_birth\",
  \"complete\": $1,
  \"identity\": \"$2\",
  \"version\": 1
}"
}

# The time, but later than any other generation's: it determines the newest generation, and a clock may have gone back.
root_now() {
  root_newest=$(for root_now_file in "$roots/$root_name@"*.json; do [ ! -e "$root_now_file" ] || marker_field "$root_now_file" created; done | sort | tail -n 1)
  root_clock=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
  if [ "$(printf '%s\n' "$root_clock" "$root_newest" | sort | tail -n 1)" = "$root_newest" ]; then root_clock=$root_newest+; fi
  printf '%s\n' "$root_clock"
}

root_answer() { generation_answer root-made "$root_name" "$root_generation" "$1"; }

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
  [ -s "$root_place/etc/machine-id" ] || [ -L "$root_place/etc" ] || [ -L "$root_place/etc/machine-id" ]
}

# GENERATION: removes what killed runs of this stack left of the root, except this generation. Nobody recorded it, so
# nobody else will.
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
    if ! grep -qxF '  "complete": true,' "$root_marker_file"; then
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
  for root_newer_file in "$roots/$root_name@"*.json; do
    root_newer=$(generation_of_marker "$root_newer_file")
    case $(claim_standing "$root_newer_file") in former | leftover) ;; *) continue ;; esac
    [ "$root_newer" != "$root_held" ] || continue
    [ "$(
      { generation_created "$root_name" "$root_held" && generation_created "$root_name" "$root_newer"; } | sort | tail -n 1
    )" != "$(generation_created "$root_name" "$root_newer")" ] || {
      printf '%s\n' "$root_held"
      return
    }
  done
}

# Sets what the marker of a generation says about how it was made.
root_recall() {
  root_recalled=$roots/$root_name@$1.json
  root_created=$(marker_field "$root_recalled" created) base_builder=$(marker_field "$root_recalled" builtWith)
  root_cache_key=$(marker_field "$root_recalled" cacheKey) base_arch=$(marker_field "$root_recalled" architecture)
}

# The tree stays where it is and becomes this create's generation, by one rename: the deletion of the former one, which
# the state has planned, then finds nothing.
root_keep() {
  root_recall "$root_again"
  root_birth=$(marker_field "$root_recalled" birth) root_acknowledged=yes
  root_created=$(root_now)
  root_tree=$images/$root_name
  root_identity=$(image_identity "$root_tree")
  file_present "$root_recalled" "$(root_marker_text true "$root_identity")
" 0600 || :
  mv -T -- "$root_recalled" "$roots/$root_name@$root_generation.json"
  root_sweep "$root_generation"
  answer kept
  root_answer "$root_tree"
}

root_finish() {
  root_generation=$root_leftover
  root_recall "$root_leftover"
  root_tree=$(generation_path "$root_name" "$root_leftover")
  root_identity=$(image_identity "$root_tree")
  root_marker true "$root_identity"
  root_settle
  answer kept
  root_answer "$root_tree"
}

# Gives the tree the name if that is free, once what nobody recorded is out of the way.
root_settle() {
  root_sweep "$root_generation"
  [ ! -e "$images/$root_name" ] && [ ! -L "$images/$root_name" ] || return 0
  mv -T -- "$root_tree" "$images/$root_name"
  root_tree=$images/$root_name
}

# Takes over the tree that has the name, and changes nothing in it.
root_adopt() {
  root_tree=$images/$root_name
  [ ! -L "$root_tree" ] || refuse image-symlink "$root_tree" "$(readlink -- "$root_tree")"
  [ -f "$root_tree/usr/lib/os-release" ] || refuse adopt-nothing "$root_tree"
  root_codename=$(sed -n 's/^VERSION_CODENAME="\{0,1\}\([a-z]*\)"\{0,1\}$/\1/p' "$root_tree/usr/lib/os-release" 2>/dev/null) || :
  [ -n "$root_codename" ] || refuse adopt-nothing "$root_tree"
  [ "$root_codename" = "$root_suite" ] || [ "$root_suite" = sid ] || refuse adopt-suite "$root_tree" "$root_codename"
  root_holder=$(generation_holder "$root_name")
  root_created=$(root_now)
  if [ -n "$root_holder" ]; then
    root_generation=$root_holder
    root_created=$(marker_field "$roots/$root_name@$root_holder.json" created)
    base_builder=$(marker_field "$roots/$root_name@$root_holder.json" builtWith)
  fi
  root_marker true "$(image_identity "$root_tree")"
  root_answer "$root_tree"
}

root_personalise() {
  [ -n "$root_customisation" ] || return 0
  answer progress customising
  printf %s "$root_customisation" | in_new_tree "$root_tree" >&2 || refuse customise
}

root_build() {
  [ "$root_free" -ge "$root_need" ] || refuse no-space "$root_need" "$root_free"
  trap 'root_discard "$root_generation"' EXIT
  root_created=$(root_now)
  root_tree=$(generation_waiting "$root_name" "$root_generation")
  root_marker false ""
  answer progress 'copying the base'
  "$root_copy" "$root_from" "$root_tree"
  root_personalise
  # If the client is gone, this line cannot reach it and ends the script; the next create starts again.
  answer progress finished
  root_identity=$(image_identity "$root_tree")
  trap - EXIT
  root_marker true "$root_identity"
  root_settle
  root_answer "$root_tree"
}
