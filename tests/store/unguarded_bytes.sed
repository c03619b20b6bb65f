1i #include "tests/store/unguarded.h"
s/^  if (journal.is_open()) {/  unguarded::take(bytes->reel_.get(), journal.get());\n&/
/^  Journal journal{/i\  return ok_status();
