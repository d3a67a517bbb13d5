// The paging fields that every List request has, turned into a query and back.
//
//   LL_ASSIGN_OR_RETURN(registry::ListQuery query, ParseListRequest(request, kFilterFields, tokens));
//   ... list ...
//   response->set_next_page_token(NextPageToken(request, page, tokens));
#ifndef LL_SERVICES_RPC_PAGING_H_
#define LL_SERVICES_RPC_PAGING_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "registry/list_query.h"
#include "services/rpc/page_tokens.h"

namespace ll::rpc {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;

// 0 is the default, more than the maximum is the maximum. INVALID_ARGUMENT when negative.
absl::StatusOr<int> ParsePageSize(int page_size);

// What a page token is bound to: the request but for its page.
std::string ListingOf(const google::protobuf::Message& request);

// INVALID_ARGUMENT with INVALID_ARGUMENT, INVALID_PAGE_TOKEN or INVALID_FILTER. `fields`: what the listing can be
// filtered by besides name, labels and times.
template <typename Request>
absl::StatusOr<registry::ListQuery> ParseListRequest(const Request& request, registry::FilterFields fields,
                                                     const PageTokens& tokens);

// Empty on the last page.
template <typename Record>
std::string NextPageToken(const google::protobuf::Message& request, const registry::Page<Record>& page,
                          const PageTokens& tokens) {
  return page.more ? tokens.Seal(page.next, ListingOf(request)) : "";
}

// Part of ParseListRequest.
struct ListParameters {
  int page_size;
  absl::string_view page_token;
  absl::string_view filter;
  absl::string_view order_by;
};
absl::StatusOr<registry::ListQuery> ParseListParameters(const ListParameters& parameters,
                                                        const google::protobuf::Message& request,
                                                        registry::FilterFields fields, const PageTokens& tokens);

template <typename Request>
absl::StatusOr<registry::ListQuery> ParseListRequest(const Request& request, registry::FilterFields fields,
                                                     const PageTokens& tokens) {
  return ParseListParameters({.page_size = request.page_size(),
                              .page_token = request.page_token(),
                              .filter = request.filter(),
                              .order_by = request.order_by()},
                             request, fields, tokens);
}

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_PAGING_H_
