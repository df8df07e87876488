adoptable_answer() {
  adoptable_unit=systemd-nspawn@$1.service
  answer adoptable "$1" "$(systemctl is-active "$adoptable_unit" 2>/dev/null || :)" "$(systemctl is-enabled "$adoptable_unit" 2>/dev/null || :)"
  for adoptable_file in "/etc/systemd/nspawn/$1.nspawn" "/run/systemd/nspawn/$1.nspawn" "$images/$1.nspawn"; do
    [ ! -f "$adoptable_file" ] || {
      answer_file adoptable-settings "$1	$adoptable_file" "$adoptable_file"
      break
    }
  done
  if [ -d "$images/$1" ] && [ ! -L "$images/$1" ]; then
    printf '%s["adoptable-root","%s","%s"]\n' "${answer_mark-}" "$(printf %s "$1" | base64 -w 0)" "$(root_look "$images/$1" | base64 -w 0)"
  elif [ -L "$images/$1" ]; then
    answer adoptable-link "$1" "$(readlink -- "$images/$1")"
  elif [ -e "$images/$1.raw" ]; then
    answer adoptable-image "$1"
  fi
  for adoptable_marker in "$roots/$1@"*.json; do
    [ ! -f "$adoptable_marker" ] || answer adoptable-owner "$1" "$(marker_field "$adoptable_marker" urn)"
  done
}
