// Recipes: the scripts that build what uml nodes run on, with Debian's tools.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace labreel {

// The folder of a recipe, such as "kernel", and the script in it that builds.
std::string recipe_folder(const std::string& recipe);
std::string build_script(const std::string& recipe);

// Runs a script, hands each line that it prints (on stderr, too) to `on_line`, and returns its exit status; -1 if it
// cannot run.
int run_recipe(const std::string& script, const std::vector<std::string>& arguments,
               const std::function<void(std::string_view)>& on_line);

// Returns all that a script prints on stdout, its lines joined by blanks.
std::string words_of_recipe(const std::string& script, const std::vector<std::string>& arguments);

}  // namespace labreel
