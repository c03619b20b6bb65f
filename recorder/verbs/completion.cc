// labreel completion: scripts for bash, zsh and fish. They know nothing themselves: they ask `labreel __complete`.
#include <fmt/format.h>

#include <array>
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
  local word=${words[-1]}
  COMPREPLY=()
  while IFS= read -r answer; do
    if [[ $answer == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(compgen -f -- "$word")
    else
      COMPREPLY+=("${answer%%$'\t'*}")
    fi
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
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
  local answer
  local -a answers
  for answer in "${(@f)$(${words[1]} __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
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
compdef _labreel labreel
)sh";

constexpr std::string_view kFish = R"sh(function __labreel_complete
  set -l words (commandline -opc) (commandline -ct)
  for answer in ($words[1] __complete $words[2..-1] 2>/dev/null)
    if test "$answer" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $answer
    end
  end
end
complete -c labreel -f -a '(__labreel_complete)'
)sh";

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kScripts{
    {{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}}};

}  // namespace

void add_completion(CLI::App& app, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  CLI::App* const verb =
      app.add_subcommand("completion", "Print a completion script: source <(labreel completion bash)");
  verb->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->callback([shell, &exit_code] {
    for (const auto& [name, script] : kScripts) {
      if (name == *shell) fmt::print("{}", script);
    }
    exit_code = kExitDone;
  });
}

}  // namespace labreel
