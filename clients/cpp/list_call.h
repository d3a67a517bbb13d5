// A List method as a ListRange. For the clients of this folder.
//
//   return CallList("ll.v1.ModelService/ListModels", connection_, stub_, &Stub::ListModels,
//                   &v1::ListModelsResponse::mutable_models, std::move(request), options);
#ifndef LL_CLIENTS_CPP_LIST_CALL_H_
#define LL_CLIENTS_CPP_LIST_CALL_H_

#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "clients/cpp/client_call.h"
#include "clients/cpp/list_range.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace ll::client {

template <typename Stub, typename Request, typename Response, typename Resource>
ListRange<Resource> CallList(absl::string_view method, const Connection& connection, std::shared_ptr<Stub> stub,
                             UnaryRpc<Stub, Request, Response> rpc,
                             google::protobuf::RepeatedPtrField<Resource>* (Response::*resources)(), Request request,
                             const CallOptions& options) {
  return ListRange<Resource>([=](const std::string& page_token) mutable -> absl::StatusOr<ListPage<Resource>> {
    if (!page_token.empty()) request.set_page_token(page_token);
    absl::StatusOr<Response> response = CallUnary(connection, method, *stub, rpc, request, options);
    if (!response.ok()) return response.status();
    ListPage<Resource> page;
    page.next_page_token = std::move(*response->mutable_next_page_token());
    google::protobuf::RepeatedPtrField<Resource>& list = *((*response).*resources)();
    page.resources.assign(std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
    return page;
  });
}

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_LIST_CALL_H_
