#include "services/rpc/paging.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "services/rpc/canonical_request.h"
#include "services/rpc/field_checks.h"

namespace ll::rpc {

absl::StatusOr<int> ParsePageSize(int page_size) {
  if (page_size < 0) {
    return InvalidField("page_size", absl::StrCat("is ", page_size, "; use 0 for the default of ", kDefaultPageSize,
                                                  ", or 1 to ", kMaxPageSize));
  }
  return page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize);
}

std::string ListingOf(const google::protobuf::Message& request) {
  return CanonicalRequest(request, {"page_size", "page_token"});
}

absl::StatusOr<registry::ListQuery> ParseListParameters(const ListParameters& parameters,
                                                        const google::protobuf::Message& request,
                                                        registry::FilterFields fields, const PageTokens& tokens) {
  registry::ListQuery query;
  LL_ASSIGN_OR_RETURN(query.page_size, ParsePageSize(parameters.page_size));
  LL_ASSIGN_OR_RETURN(query.conditions, registry::ParseFilter(parameters.filter, fields));
  LL_RETURN_IF_ERROR(registry::ParseOrderBy(parameters.order_by, &query));
  if (!parameters.page_token.empty()) {
    LL_ASSIGN_OR_RETURN(query.after, tokens.Open(parameters.page_token, ListingOf(request)));
  }
  return query;
}

}  // namespace ll::rpc
