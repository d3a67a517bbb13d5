// The project's only two control-flow macros.
//
//   LL_RETURN_IF_ERROR(file->Sync());
//   LL_ASSIGN_OR_RETURN(auto text, env.ReadFile(path));
//
// Both return from the enclosing function, which must return absl::Status or absl::StatusOr.
#ifndef LL_BASE_STATUS_MACROS_H_
#define LL_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define LL_RETURN_IF_ERROR(expression)                                               \
  do {                                                                               \
    if (absl::Status ll_status_ = (expression); !ll_status_.ok()) return ll_status_; \
  } while (false)

#define LL_ASSIGN_OR_RETURN(declaration, expression) \
  LL_ASSIGN_OR_RETURN_IMPL_(LL_CONCAT_(ll_statusor_, __LINE__), declaration, expression)

#define LL_ASSIGN_OR_RETURN_IMPL_(temporary, declaration, expression) \
  auto temporary = (expression);                                      \
  if (!temporary.ok()) return std::move(temporary).status();          \
  declaration = std::move(temporary).value()

#define LL_CONCAT_(a, b) LL_CONCAT_INNER_(a, b)
#define LL_CONCAT_INNER_(a, b) a##b

#endif  // LL_BASE_STATUS_MACROS_H_
