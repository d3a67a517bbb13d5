// Writes the files of the demo from the MNIST digits:
//
//   mnist_files MNIST_DIRECTORY OUTPUT_DIRECTORY
//
//   train.pbr        the notebook's training set: 50,000 labelled rows in RecordIO-protobuf
//   test.csv         10,000 rows without labels, numbers as the shortest text that gives the float32 back
//   test_labels.txt  their labels, 1 for the digit 0, a line each

#include <charconv>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "base/env.h"
#include "base/status_macros.h"
#include "deploy/demo/mnist.h"

namespace ll::demo {
namespace {

std::string FeatureCsv(const Digits& digits) {
  std::string csv;
  char number[32];
  for (int64_t i = 0; i < digits.rows(); ++i) {
    for (int column = 0; column < kMnistPixels; ++column) {
      if (column > 0) csv.push_back(',');
      csv.append(number, std::to_chars(number, number + sizeof number, digits.row(i)[column]).ptr);
    }
    csv.push_back('\n');
  }
  return csv;
}

std::string Labels(const Digits& digits) {
  std::string labels;
  for (int64_t i = 0; i < digits.rows(); ++i) labels += digits.is_zero(i) > 0 ? "1\n" : "0\n";
  return labels;
}

absl::Status WriteFiles(Env& env, const std::string& mnist_directory, const std::string& output_directory) {
  LL_ASSIGN_OR_RETURN(const Mnist mnist, LoadMnist(env, mnist_directory));
  LL_RETURN_IF_ERROR(env.WriteFileAtomically(JoinPath(output_directory, "train.pbr"), TrainingRecords(mnist.train)));
  LL_RETURN_IF_ERROR(env.WriteFileAtomically(JoinPath(output_directory, "test.csv"), FeatureCsv(mnist.test)));
  return env.WriteFileAtomically(JoinPath(output_directory, "test_labels.txt"), Labels(mnist.test));
}

}  // namespace
}  // namespace ll::demo

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: mnist_files MNIST_DIRECTORY OUTPUT_DIRECTORY\n";
    return 2;
  }
  const absl::Status status = ll::demo::WriteFiles(ll::Env::Posix(), argv[1], argv[2]);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
