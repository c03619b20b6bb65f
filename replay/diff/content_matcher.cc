#include "replay/diff/content_matcher.h"

#include "store/xxh3.h"

namespace labreel {

void ContentMatcher::take(Side side, Seq seq, std::string_view what) {
  const XXH128_hash_t xxh = xxh3_128(what.data(), what.size());
  const Hash hash{xxh.low64, xxh.high64};
  if (take_waiting(half(side == Side::a ? Side::b : Side::a), hash)) return;
  Half& own = half(side);
  own.waiting.emplace(seq, hash);
  own.by_hash[hash].push_back(seq);
  if (own.waiting.size() > unmatched_max_) give_up_oldest(own);
}

bool ContentMatcher::take_waiting(Half& half, const Hash& hash) {
  const auto found = half.by_hash.find(hash);
  if (found == half.by_hash.end()) return false;
  half.waiting.erase(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) half.by_hash.erase(found);
  return true;
}

void ContentMatcher::give_up_oldest(Half& half) const {
  const auto [seq, hash] = *half.waiting.begin();
  take_waiting(half, hash);  // of equal events the oldest is the first
  ++half.only_in.count;
  if (half.only_in.first.size() < listed_max_) half.only_in.first.push_back(seq);
}

void ContentMatcher::finish() {
  for (Half& half : halves_) {
    while (!half.waiting.empty()) give_up_oldest(half);
  }
}

}  // namespace labreel
