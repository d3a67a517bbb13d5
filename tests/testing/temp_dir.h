// A folder that exists as long as the test: created unique under the system's temporary folder, removed with
// everything in it by the destructor.
#ifndef LL_TESTS_TESTING_TEMP_DIR_H_
#define LL_TESTS_TESTING_TEMP_DIR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ll::testing {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const;
  // Writes a file (creating folders in `name`) and returns its path.
  std::string Write(absl::string_view name, absl::string_view contents) const;

 private:
  std::string path_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_TEMP_DIR_H_
