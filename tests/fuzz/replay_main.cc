// main() of a fuzz target in ordinary builds: runs it over every file of the corpus folders and files that are named on
// the command line, so that targets cannot rot and every past finding stays a test.
//
//   csv_reader_fuzz tests/fuzz/corpus/csv_reader
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "base/status_macros.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace ll {
namespace {

absl::StatusOr<int> Replay(const std::string& path) {
  LL_ASSIGN_OR_RETURN(const FileInfo info, Env::Posix().Stat(path));
  int inputs = 0;
  if (info.type == FileInfo::Type::kDirectory) {
    LL_ASSIGN_OR_RETURN(const auto names, Env::Posix().List(path));
    for (const std::string& name : names) {
      LL_ASSIGN_OR_RETURN(const int below, Replay(JoinPath(path, name)));
      inputs += below;
    }
    return inputs;
  }
  LL_ASSIGN_OR_RETURN(const std::string input, Env::Posix().ReadFile(path));
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);  // the last line names the input that crashes
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  return 1;
}

}  // namespace
}  // namespace ll

int main(int argc, char** argv) {
  int inputs = 0;
  for (int i = 1; i < argc; ++i) {
    const absl::StatusOr<int> below = ll::Replay(argv[i]);
    if (!below.ok()) {
      std::fprintf(stderr, "%s\n", below.status().ToString().c_str());
      return 1;
    }
    inputs += *below;
  }
  std::printf("%d inputs\n", inputs);
  return inputs > 0 ? 0 : 1;  // an empty corpus tests nothing
}
