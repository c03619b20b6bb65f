#include "store/codec.h"

namespace labreel {
namespace {

struct SubjectOf {
  template <class Body>
  std::uint32_t operator()(const Body& body) const {
    if constexpr (requires { body.link; }) {
      return index_of(body.link);
    } else if constexpr (requires { body.lan; }) {
      return index_of(body.lan);
    } else if constexpr (requires { body.port; }) {
      return index_of(body.port);
    } else if constexpr (requires { body.node; }) {
      return index_of(body.node);
    } else if constexpr (requires { body.subject; }) {
      return body.subject;
    } else {
      return kNoSubject;
    }
  }
};

}  // namespace

std::uint32_t subject_of(const EventBody& body) { return std::visit(SubjectOf{}, body); }

}  // namespace labreel
