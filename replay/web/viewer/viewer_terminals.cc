// terminals: what programs printed, up to a position.
#include <algorithm>
#include <map>

#include "replay/web/viewer/viewer_state.h"

namespace labreel {
namespace {

constexpr std::size_t kText_max = 64U << 10U;
constexpr std::size_t kAllText_max = 2U << 20U;
constexpr std::size_t kTerminals_max = 256;

// One run of a program, or a node's console.
struct Terminal {
  NodeId node{};
  std::string command;
  Seq seq;
  Seq end;
  std::optional<std::int32_t> exit;
  std::string text;
};

void append(std::string& text, const std::string& bytes) {
  text += bytes;
  // Twice as much is let grow, so that each byte is moved once.
  if (text.size() > 2 * kText_max) text.erase(0, text.size() - kText_max);
}

// The last so many bytes, from the start of a character on.
std::string_view end_of(std::string_view text, std::size_t bytes) {
  if (text.size() > bytes) text.remove_prefix(text.size() - bytes);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) text.remove_prefix(1);
  return text;
}

std::string command_line(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) {
    if (line.size() > kShownText_max) break;
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

// The terminals by the event that began each.
class Terminals {
 public:
  void take(const Event& event) {
    if (const auto* const exec = std::get_if<Exec>(&event.body)) {
      open(event.seq, {exec->node, command_line(exec->argv), event.seq, {}, {}, {}});
    } else if (const auto* const output = std::get_if<ExecOutput>(&event.body)) {
      if (const auto found = all_.find(event.cause); found != all_.end()) append(found->second.text, output->bytes);
    } else if (const auto* const done = std::get_if<ExecDone>(&event.body)) {
      const auto found = all_.find(event.cause);
      if (found == all_.end()) return;
      found->second.exit = done->status;
      found->second.end = event.seq;
    } else if (const auto* const console = std::get_if<Console>(&event.body); console != nullptr && !console->input) {
      const auto known = consoles_.find(console->node);
      const Seq key = known != consoles_.end() ? known->second : event.seq;
      if (known == consoles_.end()) {
        consoles_.emplace(console->node, event.seq);
        open(event.seq, {console->node, "console", event.seq, {}, {}, {}});
      }
      if (const auto found = all_.find(key); found != all_.end()) append(found->second.text, console->bytes);
    }
  }
  const std::map<Seq, Terminal>& all() const { return all_; }
  std::size_t left_out() const { return left_out_; }

 private:
  void open(Seq seq, Terminal terminal) {
    all_.emplace(seq, std::move(terminal));
    if (all_.size() <= kTerminals_max) return;
    all_.erase(all_.begin());
    ++left_out_;
  }
  std::map<Seq, Terminal> all_;
  std::map<NodeId, Seq> consoles_;
  std::size_t left_out_ = 0;
};

}  // namespace

Result<std::string> Viewer::State::terminals(const JsonValue& request) {
  const auto at = seq_in(request, "at");
  if (!at) return at.error();
  const bool with_polls = request.truth_of("bookkeeping").value_or(false);
  Terminals terminals;
  for (Seq seq = kFirstSeq; seq <= *at; seq = seq.next()) {
    if (survey_.class_of(seq) != EventClass::output || (!with_polls && survey_.is_bookkeeping(seq))) continue;
    const auto event = log_.event_at(seq);
    if (!event) return event.error();
    terminals.take(*event);
  }
  const Names& names = names_.at(*at);
  const std::size_t share = std::min(kText_max, kAllText_max / std::max<std::size_t>(terminals.all().size(), 1));
  JsonWriter json;
  json.begin_object().key("terminals").begin_array();
  for (const auto& [seq, terminal] : terminals.all()) {
    json.begin_object().key("node").value(shown_text(names(terminal.node))).key("command").value(shown_text(terminal.command));
    json.key("seq").value(seq.value);
    if (!terminal.end.is_none()) json.key("end_seq").value(terminal.end.value);
    if (terminal.exit) json.key("exit").value(*terminal.exit);
    json.key("text").value(end_of(terminal.text, share)).end_object();
  }
  return json.end_array().key("left_out").value(terminals.left_out()).end_object().take();
}

}  // namespace labreel
