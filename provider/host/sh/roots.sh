# Creates a root from its base. The script sets the claim, `root_name`, `root_generation`, and `root_urn_json`;
# `root_suite`, `root_variant`, `root_arch` (which may be empty) and `root_birth`, a checksum of all that a root is made
# of; `root_copy` (`cache_copy` or `cache_take`), `root_from`, `root_need`, `root_need_inodes`, and `root_customisation`,
# the text for a shell inside, or nothing.
#
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
  root_codename=$(tree_read "$root_tree" usr/lib/os-release 16384 | sed -n 's/^VERSION_CODENAME="\{0,1\}\([a-z]*\)"\{0,1\}$/\1/p')
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
  cache_room "$root_need" "$root_need_inodes"
  trap 'answer_disks; root_discard "$root_generation"' EXIT
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
