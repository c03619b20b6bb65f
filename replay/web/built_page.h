// The page as it was built: web/built/page.html, in the program.
#pragma once

#include <string_view>

namespace labreel {

std::string_view built_page();

}  // namespace labreel
