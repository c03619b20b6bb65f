#include "engine/nodes/uml/recipe.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>

#include "engine/os/resources.h"

namespace labreel {
namespace {

// Quotes a word for the shell.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

std::string command_of(const std::string& script, const std::vector<std::string>& arguments) {
  std::string command = "exec " + quoted(script);
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  return command;
}

int hear(const std::string& command, const std::function<void(std::string_view)>& on_line) {
  std::FILE* const output = ::popen(command.c_str(), "re");
  if (output == nullptr) return -1;
  std::array<char, 1024> line{};
  while (std::fgets(line.data(), static_cast<int>(line.size()), output) != nullptr) {
    std::string_view text = line.data();
    if (text.ends_with('\n')) text.remove_suffix(1);
    on_line(text);
  }
  const int status = ::pclose(output);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

std::string recipe_folder(const std::string& recipe) {
  return resource_path("share/labreel/" + recipe, "engine/nodes/uml/" + recipe);
}

std::string build_script(const std::string& recipe) { return recipe_folder(recipe) + "/build"; }

int run_recipe(const std::string& script, const std::vector<std::string>& arguments,
               const std::function<void(std::string_view)>& on_line) {
  return hear(command_of(script, arguments) + " 2>&1", on_line);
}

std::string words_of_recipe(const std::string& script, const std::vector<std::string>& arguments) {
  std::string words;
  // What a script says on stderr is no answer: a host without a compiler has a word to say about that.
  hear(command_of(script, arguments) + " 2>/dev/null",
       [&](std::string_view line) { words += (words.empty() ? "" : " ") + std::string(line); });
  return words;
}

}  // namespace labreel
