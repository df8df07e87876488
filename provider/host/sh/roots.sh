# Creates a root from its base. The script sets `root_name`, `root_generation`, `root_owner`, `root_urn` and
# `root_urn_json`, `root_suite`, `root_copy` (`cache_copy` or `cache_take`), `root_from`, `root_need`, and
# `root_customisation`, the text for a shell inside, or nothing.
#
# - `root_observe` sets `root_mine`, `root_ours` or `root_other` to the generation that is in the way, by its owner.
# - `root_adopt` takes over the tree that has the name; `root_build` creates one, and gives it the name if that is free.

root_cache_key='' base_builder='' base_arch=$(dpkg --print-architecture)

root_marker() {
  root_file=$roots/$root_name@$root_generation.json
  file_present "$root_file" "{
  \"owner\": \"$root_owner\",
  \"urn\": $root_urn_json,
  \"generation\": \"$root_generation\",
  \"created\": \"$root_created\",
  \"architecture\": \"$base_arch\",
  \"builtWith\": \"$base_builder\",
  \"cacheKey\": \"$root_cache_key\",
  \"complete\": $1,
  \"identity\": \"$2\",
  \"version\": 1
}
" 0644 || :
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
  root_rest=$(generation_waiting "$root_name" "$1")
  if [ -e "$root_rest" ]; then
    image_guard "$root_rest"
    image_remove "$root_rest"
  fi
  rm -f -- "$roots/$root_name@$1.json"
}

# Finds what is in the way: a finished root of this very create (its answer was lost), of this URN, or of somebody else.
# Nobody works on an unfinished root any longer, because we hold the lock; its base is in the cache.
root_observe() {
  root_mine='' root_ours='' root_other=''
  for root_marker_file in "$roots/$root_name@"*.json; do
    [ -e "$root_marker_file" ] || continue
    root_found=$(generation_of_marker "$root_marker_file")
    if ! grep -qxF '  "complete": true,' "$root_marker_file"; then
      root_discard "$root_found"
    elif [ -z "$(generation_path "$root_name" "$root_found")" ]; then
      rm -f -- "$root_marker_file" # its tree was removed by hand
    elif [ "$(marker_field "$root_marker_file" owner)" = "$root_owner" ]; then
      root_mine=$root_found
    elif marker_is "$root_marker_file" urn "$root_urn"; then
      root_ours=$root_found
    else root_other=$root_found; fi
  done
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
  if [ ! -e "$images/$root_name" ] && [ ! -L "$images/$root_name" ]; then
    mv -T -- "$root_tree" "$images/$root_name"
    root_tree=$images/$root_name
  fi
  root_answer "$root_tree"
}
