# Shell functions about the table: `table_wanted` prints it as its files define it, `table_live` as the kernel has it,
# and `table_load` brings the kernel's table to the files. The same nft reads the files in a separate network namespace,
# so that the two can be compared line by line.

# In conditions: it only looks.
# shellcheck disable=SC2016 # the inner shell expands them
table_wanted() { unshare --net sh -c 'nft -f "$1" && nft --stateless list table "$2" "$3"' table /etc/pulumi-nspawn/nftables.nft inet pulumi_nspawn; }
# In conditions: it only looks.
table_live() { nft --stateless list table inet pulumi_nspawn 2>/dev/null || :; }
table_load() {
  [ -e /etc/pulumi-nspawn/nftables.nft ] || return 0
  # If the files cannot be read alone, loading them says why.
  if nft_wanted=$(table_wanted 2>/dev/null) && [ "$(table_live)" = "$nft_wanted" ]; then return 0; fi
  nft -f /etc/pulumi-nspawn/nftables.nft
}
table_delete() { nft delete table inet pulumi_nspawn 2>/dev/null || :; }
