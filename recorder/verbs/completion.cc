// labreel completion: scripts for bash, zsh and fish. They know nothing themselves: they ask `labreel __complete`.
//
// Which labreel they ask is written into them, since the word that stands on the line may be an alias, which no script
// can run. A path on the line goes first: who types it wants to hear of that program.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "recorder/verbs/verb.h"

namespace labreel {
namespace {

// bash splits words at colons and equals signs, and a port has one: so the words are read from the line itself, and
// what bash takes for finished is cut off from the answers.
constexpr std::string_view kBash = R"sh(_labreel() {
  local line=${COMP_LINE:0:COMP_POINT} answer before
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local word=${words[-1]} program=@PROGRAM@
  [[ ${words[0]} == */* && -x ${words[0]} ]] && program=${words[0]}
  COMPREPLY=()
  while IFS= read -r answer; do
    if [[ $answer == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(compgen -f -- "$word")
    else
      COMPREPLY+=("${answer%%$'\t'*}")
    fi
  done < <("$program" __complete "${words[@]:1}" 2>/dev/null)
  for before in : =; do
    if [[ $word == *"$before"* && $COMP_WORDBREAKS == *"$before"* ]]; then
      COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*"$before"}"}"}")
    fi
  done
}
complete -F _labreel labreel
)sh";

constexpr std::string_view kZsh = R"sh(#compdef labreel
_labreel() {
  local answer program=@PROGRAM@
  local -a answers
  [[ ${words[1]} == */* && -x ${words[1]} ]] && program=${words[1]}
  for answer in "${(@f)$("$program" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $answer == ":files" ]]; then
      _files
    elif [[ $answer == *$'\t'* ]]; then
      answers+=("${${answer%%$'\t'*}//:/\\:}:${answer#*$'\t'}")
    elif [[ -n $answer ]]; then
      answers+=("${answer//:/\\:}")
    fi
  done
  (( $#answers )) && _describe labreel answers
}
if [[ ${funcstack[1]} == _labreel ]]; then
  _labreel "$@"
else
  compdef _labreel labreel
fi
)sh";

constexpr std::string_view kFish = R"sh(function __labreel_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l program @PROGRAM@
  string match -q '*/*' -- $words[1]; and test -x $words[1]; and set program $words[1]
  for answer in ($program __complete $words[2..-1] 2>/dev/null)
    if test "$answer" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $answer
    end
  end
end
complete -c labreel -f -a '(__labreel_complete)'
)sh";

constexpr std::string_view kProgram = "@PROGRAM@";  // once in each script
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kScripts{
    {{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}}};

struct CompletionOptions {
  std::string shell;
  std::string program;
};

// A word that bash, zsh and fish all read as this text.
std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  return word + "'";
}

void print_script(const CompletionOptions& options) {
  const std::string program =
      quoted(options.program.empty() ? std::filesystem::read_symlink("/proc/self/exe").string() : options.program);
  for (const auto& [name, script] : kScripts) {
    if (name != options.shell) continue;
    const std::size_t at = script.find(kProgram);
    fmt::print("{}{}{}", script.substr(0, at), program, script.substr(at + kProgram.size()));
  }
}

}  // namespace

void add_completion(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<CompletionOptions>();
  CLI::App* const verb =
      app.add_subcommand("completion", "Print a completion script: source <(labreel completion bash)");
  verb->add_option("SHELL", options->shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->add_option("--program", options->program, "The labreel that the script asks; default: this one, by its path");
  verb->callback([options, &exit_code] {
    print_script(*options);
    exit_code = kExitDone;
  });
}

}  // namespace labreel
