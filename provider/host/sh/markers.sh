# Shell functions about markers: `marker_field FILE KEY` prints the text under a key, and `marker_is FILE KEY TEXT`
# succeeds if it is exactly this one, even if the text ends with a line break. A missing marker has no keys: another
# script may have removed it since it was listed.

# In conditions: it only looks.
marker_field() { { json_field "$2" <"$1"; } 2>/dev/null || :; }
# In conditions: it only looks.
marker_is() { [ "$(
  marker_field "$1" "$2"
  printf .
)" = "$3
." ]; }
