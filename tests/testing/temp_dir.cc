#include "tests/testing/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/env.h"
#include "gtest/gtest.h"

namespace ll::testing {

TempDir::TempDir() {
  path_ = (std::filesystem::temp_directory_path() / "ll_test_XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "cannot create " << path_;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::File(absl::string_view name) const { return JoinPath(path_, name); }

std::string TempDir::Write(absl::string_view name, absl::string_view contents) const {
  const std::string path = File(name);
  EXPECT_TRUE(Env::Posix().CreateDirectories(DirectoryOf(path)).ok());
  EXPECT_TRUE(Env::Posix().WriteFileAtomically(path, contents).ok());
  return path;
}

}  // namespace ll::testing
