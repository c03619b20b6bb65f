// What the names, addresses, paths and patterns of a lab file may look like.
#pragma once

#include <string>
#include <string_view>

namespace labreel {

// Each throws Refusal with the given line.

void check_name(const std::string& name, std::string_view noun, int line);  // of a lab, node or lan
void check_port_name(const std::string& name, int line);                    // as Linux takes it for an interface
void check_address(const std::string& address, int line);                   // "10.0.1.1/24", "2001:db8::1/64"
void check_node_path(const std::string& path, int line);                    // absolute and plain
void check_command(const std::string& command, std::string_view name, int line);
void check_marker_name(const std::string& name, int line);

// Checks an extended regular expression (POSIX), also for what it would cost to compile.
void check_pattern(const std::string& pattern, int line);

}  // namespace labreel
