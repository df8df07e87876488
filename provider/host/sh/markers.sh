# The shell function `marker_field FILE KEY` prints the text under a key of a marker, whose values are all plain text.
# It prints nothing for a missing marker: another script may have removed it since it was listed.

# In conditions: it only looks.
marker_field() { sed -n 's/^\({\|{.*[^\\]",\)"'"$2"'":"\([^"]*\)".*/\2/p' "$1" 2>/dev/null || :; }
