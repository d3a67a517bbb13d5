#include "services/rpc/paging.h"

#include <string>

#include "base/error_reason.h"
#include "gtest/gtest.h"
#include "ll/v1/model_service.pb.h"
#include "registry/model_store.h"
#include "tests/testing/status_matchers.h"

namespace ll::rpc {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using registry::ModelStore;

class PagingTest : public ::testing::Test {
 protected:
  absl::StatusOr<registry::ListQuery> Parse(const v1::ListModelVersionsRequest& request) const {
    return ParseListRequest(request, ModelStore::kVersionFilterFields, tokens_);
  }
  std::string TokenOf(const v1::ListModelVersionsRequest& request) const {
    const registry::Page<int> page{.records = {1}, .more = true, .next = {.name = "m/7"}};
    return NextPageToken(request, page, tokens_);
  }

  const PageTokens tokens_;
};

TEST_F(PagingTest, PageSizes) {
  EXPECT_EQ(ParsePageSize(0).value(), 50);
  EXPECT_EQ(ParsePageSize(1).value(), 1);
  EXPECT_EQ(ParsePageSize(1000).value(), 1000);
  EXPECT_EQ(ParsePageSize(1001).value(), 1000);
  EXPECT_EQ(ParsePageSize(INT32_MAX).value(), 1000);
  EXPECT_THAT(ParsePageSize(-1), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(PagingTest, AnEmptyRequestIsTheFirstPage) {
  LL_ASSERT_OK_AND_ASSIGN(const registry::ListQuery query, Parse({}));
  EXPECT_EQ(query.page_size, 50);
  EXPECT_EQ(query.order, registry::OrderField::kName);
  EXPECT_FALSE(query.descending);
  EXPECT_TRUE(query.conditions.empty());
  EXPECT_EQ(query.after, registry::Cursor{});
}

TEST_F(PagingTest, ReadsEveryField) {
  v1::ListModelVersionsRequest request;
  request.set_parent("models/m");
  request.set_page_size(7);
  request.set_filter("state = READY AND labels.team = fraud");
  request.set_order_by("create_time desc");
  request.set_page_token(TokenOf(request));
  LL_ASSERT_OK_AND_ASSIGN(const registry::ListQuery query, Parse(request));
  EXPECT_EQ(query.page_size, 7);
  EXPECT_EQ(query.order, registry::OrderField::kCreateTime);
  EXPECT_TRUE(query.descending);
  EXPECT_EQ(query.conditions.size(), 2u);
  EXPECT_EQ(query.after.name, "m/7");
}

TEST_F(PagingTest, ATokenFitsAnyPageSizeOfItsListingAndNoOtherListing) {
  v1::ListModelVersionsRequest request;
  request.set_parent("models/m");
  const std::string token = TokenOf(request);
  request.set_page_token(token);
  request.set_page_size(3);
  LL_EXPECT_OK(Parse(request));

  for (const auto& change : {+[](v1::ListModelVersionsRequest* r) { r->set_parent("models/n"); },
                             +[](v1::ListModelVersionsRequest* r) { r->set_filter("state = READY"); },
                             +[](v1::ListModelVersionsRequest* r) { r->set_order_by("name desc"); }}) {
    v1::ListModelVersionsRequest changed = request;
    change(&changed);
    EXPECT_THAT(Parse(changed), HasReason(ErrorReason::kInvalidPageToken)) << changed.ShortDebugString();
  }
  v1::ListModelsRequest of_models;
  of_models.set_page_token(token);
  EXPECT_THAT(ParseListRequest(of_models, ModelStore::kFilterFields, tokens_),
              HasReason(ErrorReason::kInvalidPageToken));
}

TEST_F(PagingTest, TheLastPageHasNoToken) {
  EXPECT_EQ(NextPageToken(v1::ListModelVersionsRequest(), registry::Page<int>{}, tokens_), "");
}

TEST_F(PagingTest, WrongFieldsAreNamed) {
  v1::ListModelVersionsRequest request;
  request.set_filter("colour = red");
  EXPECT_THAT(Parse(request), HasReason(ErrorReason::kInvalidFilter));
  request.set_filter("");
  request.set_order_by("colour");
  EXPECT_THAT(Parse(request), HasReason(ErrorReason::kInvalidFilter));
  request.set_order_by("");
  request.set_page_size(-5);
  EXPECT_EQ(GetErrorDetails(Parse(request).status())->field_violations.at(0).field, "page_size");
}

}  // namespace
}  // namespace ll::rpc
