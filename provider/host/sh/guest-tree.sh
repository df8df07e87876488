# The only functions by which the host's root opens what a guest can shape. The guest may have put a link, a pipe, a
# device or a file without end in any place of its tree. So the kernel resolves the path without leaving the tree and
# without following any link (openat2(2)), nothing is opened that could wait, only regular files are read, and never more
# than a limit. No link is followed inside the tree, either: all that is read here has its real place in each Debian root.
# A mount in the tree is entered: it is in the host's own mount namespace, so the host made it.
#
# - `tree_read TREE PATH BYTES…` prints several files, each with at most that many bytes, without NULs and form feeds.
# After each file comes a line of a form feed and what became of it: `read`, `missing`, `irregular` (it is no regular file,
# or a link leads there), `large` (nothing or only a part was printed), or `failed`.
# - `tree_kind TREE PATH` prints what is in a place: `file`, `filled` (a file that is not empty), `directory`, `link`,
# `other`, `missing`, or `irregular` (a link leads there).
#
# Perl is in each Debian system (perl-base is essential). It is started once for all files, and without modules that take
# longer to load than everything else.

# Numbers that are the same on all of Debian's architectures: the system call openat2, O_PATH, the flags of openat2
# (NO_MAGICLINKS, NO_SYMLINKS and IN_ROOT), those of errors, and those of kinds of files.
# shellcheck disable=SC2016 # the variables are those of perl
tree_door='
  require Fcntl;
  my ($openat2, $o_path, $resolve, $seconds, $piece_size) = (437, 010000000, 2 | 4 | 16, 20, 65536);
  alarm $seconds;
  $| = 1;
  my ($task, $tree, @wanted) = @ARGV;
  sysopen(my $top, $tree, $o_path | Fcntl::O_DIRECTORY() | Fcntl::O_NOFOLLOW());
  sub enter {
    my ($path, $flags) = @_;
    return unless defined $top && defined fileno $top;
    my $how = pack "Q3", $flags | Fcntl::O_NOFOLLOW(), 0, $resolve;
    my $found = syscall($openat2, fileno $top, $path, $how, length $how);
    return if $found < 0;
    open(my $file, "<&=", $found) or return;
    return $file;
  }
  sub lacking {
    my ($missing, $no_device, $no_directory, $link) = (2, 6, 20, 40);
    return $! == $missing || $! == $no_directory ? "missing" : $! == $link || $! == $no_device ? "irregular" : "failed";
  }
  sub copied {
    my ($path, $limit) = @_;
    my $file = enter($path, $o_path) or return lacking();
    return "irregular" unless -f $file;
    return "large" if -s _ > $limit;
    $file = enter($path, Fcntl::O_RDONLY() | Fcntl::O_NONBLOCK()) or return lacking();
    return "irregular" unless -f $file;
    my ($ended, $piece, $size) = (1);
    while ($size = sysread $file, $piece, $piece_size) {
      return "large" if ($limit -= $size) < 0;
      $ended = substr($piece, -1) eq "\n";
      $piece =~ tr/\0\f//d;
      print $piece;
    }
    print "\n" unless $ended;
    return defined $size ? "read" : "failed";
  }
  sub kind {
    my $file = enter($_[0], $o_path) or return lacking();
    my ($mode, $size) = (stat $file)[2, 7];
    my %kinds = (0100000 => $size ? "filled" : "file", 0040000 => "directory", 0120000 => "link");
    return $kinds{$mode & 0170000} || "other";
  }
  if ($task eq "kind") { print kind(@wanted), "\n" }
  else { while (my ($path, $limit) = splice @wanted, 0, 2) { $! = 0; print "\f", copied($path, $limit), "\n" } }
'
# In conditions: it only looks.
tree_read() { perl -e "$tree_door" read "$@"; }
# In conditions: it only looks.
tree_kind() { perl -e "$tree_door" kind "$@"; }
