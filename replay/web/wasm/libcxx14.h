// What the sources use of the standard library and libc++ 14 lacks. The build includes it before each source, so that
// no source has a second way for WebAssembly. Source: C++20, [unique.ptr.create], [array.syn], [alg.find].
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <memory>

namespace std {

template <class T>
  requires is_unbounded_array_v<T>
unique_ptr<T> make_unique_for_overwrite(size_t size) {
  return unique_ptr<T>(new remove_extent_t<T>[size]);
}

template <class T, size_t N>
constexpr auto operator<=>(const array<T, N>& a, const array<T, N>& b) -> compare_three_way_result_t<T> {
  for (size_t i = 0; i < N; ++i) {
    if (const auto order = a[i] <=> b[i]; order != 0) return order;
  }
  return strong_ordering::equal;
}

}  // namespace std
