// A listing as a range that fetches page after page by itself:
//
//   for (absl::StatusOr<v1::Model>& model : models.ListModels()) {
//     if (!model.ok()) return model.status();     // the listing ended here, with this error
//     ...
//   }
//
// Nothing is fetched before begin(); a page is fetched when the one before has been walked through. An error is the
// last element. Walk it once, with one thread. Each page is one call with a deadline of its own.
#ifndef LL_CLIENTS_CPP_LIST_RANGE_H_
#define LL_CLIENTS_CPP_LIST_RANGE_H_

#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace ll::client {

template <typename Resource>
struct ListPage {
  std::vector<Resource> resources;
  std::string next_page_token;  // empty: the last page
};

template <typename Resource>
class ListRange {
 public:
  using Fetch = std::function<absl::StatusOr<ListPage<Resource>>(const std::string& page_token)>;

  explicit ListRange(Fetch fetch) : fetch_(std::move(fetch)) {}

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = absl::StatusOr<Resource>;
    using difference_type = std::ptrdiff_t;
    using pointer = value_type*;
    using reference = value_type&;

    Iterator() = default;
    explicit Iterator(ListRange* range) : range_(range) { Advance(); }
    // The element lives until the iterator moves on; it may be moved from.
    reference operator*() const { return *range_->current_; }
    pointer operator->() const { return &*range_->current_; }
    Iterator& operator++() {
      Advance();
      return *this;
    }
    void operator++(int) { Advance(); }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.range_ == b.range_; }

   private:
    void Advance() {
      range_->Next();
      if (!range_->current_.has_value()) range_ = nullptr;  // equal to end()
    }

    ListRange* range_ = nullptr;
  };

  Iterator begin() { return Iterator(this); }
  Iterator end() { return Iterator(); }

 private:
  // Moves on to the next element; none when everything was seen or the element before was an error.
  void Next() {
    const bool failed = current_.has_value() && !current_->ok();
    current_.reset();
    if (failed) return;
    while (index_ == page_.resources.size()) {
      if (!more_) return;
      absl::StatusOr<ListPage<Resource>> page = fetch_(page_.next_page_token);
      if (!page.ok()) {
        current_ = page.status();
        return;
      }
      page_ = *std::move(page);
      index_ = 0;
      more_ = !page_.next_page_token.empty();
    }
    current_ = std::move(page_.resources[index_++]);
  }

  Fetch fetch_;
  ListPage<Resource> page_;
  size_t index_ = 0;
  bool more_ = true;
  std::optional<absl::StatusOr<Resource>> current_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_LIST_RANGE_H_
