// ParseCsvWeights() and FormatCsvWeights().
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "fast_float/fast_float.h"
#include "learner/artifact/import_schema.h"
#include "learner/artifact/plain_weights.h"

namespace ll::learner {
namespace {

constexpr char kBias[] = "(bias)";
constexpr char kFeature[] = "feature";

// Errors name the line, counted from 1.
absl::Status Invalid(int64_t line, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", why));
}

// The cells of a line. A cell in double quotes may hold commas, and quotes doubled.
std::optional<std::vector<std::string>> SplitCells(absl::string_view line) {
  std::vector<std::string> cells;
  size_t at = 0;
  while (true) {
    std::string& cell = cells.emplace_back();
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) return std::nullopt;
        if (line[at] != '"') {
          cell.push_back(line[at]);
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          cell.push_back(line[at++]);
        } else {
          ++at;
          break;
        }
      }
      if (at < line.size() && line[at] != ',') return std::nullopt;
    } else {
      const size_t end = std::min(line.find(',', at), line.size());
      cell = std::string(line.substr(at, end - at));
      at = end;
    }
    if (at >= line.size()) return cells;
    ++at;
  }
}

bool ParseNumber(const std::string& cell, double* number) {
  const char* const end = cell.data() + cell.size();
  const auto result = fast_float::from_chars(cell.data(), end, *number);
  return result.ec == std::errc() && result.ptr == end && !cell.empty();
}

std::string Quoted(const std::string& name) {
  if (name.find_first_of(",\"\n\r") == std::string::npos) return name;
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}, {"\n", " "}, {"\r", " "}}), "\"");
}

void AppendNumber(double value, std::string* out) {
  char digits[32];
  out->append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : rest_(text) { absl::ConsumePrefix(&rest_, "\xef\xbb\xbf"); }

  absl::StatusOr<Model::Parts> Parse() {
    std::optional<absl::string_view> line = NextLine();
    const std::optional<std::vector<std::string>> header = line.has_value() ? SplitCells(*line) : std::nullopt;
    if (!header.has_value() || header->size() < 2 || (*header)[0] != kFeature) {
      return Invalid(1, "it does not begin with the header \"feature,weight\" or \"feature,weight_0,weight_1,...\"");
    }
    columns_.resize(header->size() - 1);
    while ((line = NextLine()).has_value()) {
      if (!line->empty()) LL_RETURN_IF_ERROR(TakeRow(*line));
    }
    if (parts_.feature_names.empty()) return Invalid(number_, "there is no feature");
    return Finish();
  }

 private:
  std::optional<absl::string_view> NextLine() {
    if (rest_.empty()) return std::nullopt;
    const size_t end = rest_.find('\n');
    absl::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == absl::string_view::npos ? rest_.size() : end + 1);
    absl::ConsumeSuffix(&line, "\r");
    ++number_;
    return line;
  }

  absl::Status TakeRow(absl::string_view line) {
    const std::optional<std::vector<std::string>> cells = SplitCells(line);
    if (!cells.has_value()) return Invalid(number_, "a quoted cell is not closed");
    if (cells->size() != columns_.size() + 1) {
      return Invalid(number_, absl::StrCat("it has ", cells->size(), " cells, and the header ", columns_.size() + 1));
    }
    const bool bias = (*cells)[0] == kBias;
    if (bias && !parts_.bias.empty()) return Invalid(number_, "(bias) comes a second time");
    if (!bias) parts_.feature_names.push_back((*cells)[0]);
    for (size_t k = 0; k < columns_.size(); ++k) {
      double number;
      if (!ParseNumber((*cells)[k + 1], &number)) {
        return Invalid(number_, absl::StrCat("\"", (*cells)[k + 1], "\" is not a number"));
      }
      (bias ? parts_.bias : columns_[k]).push_back(number);
    }
    return absl::OkStatus();
  }

  Model::Parts Finish() {
    parts_.schema.outputs = static_cast<int>(columns_.size());
    parts_.schema.feature_dim = static_cast<int>(parts_.feature_names.size());
    for (const std::vector<double>& column : columns_) {
      parts_.weights.insert(parts_.weights.end(), column.begin(), column.end());
    }
    // Names that were made up when the file was written.
    bool made_up = true;
    for (size_t j = 0; j < parts_.feature_names.size(); ++j) {
      made_up = made_up && parts_.feature_names[j] == absl::StrCat("x", j);
    }
    if (made_up) parts_.feature_names.clear();
    return std::move(parts_);
  }

  absl::string_view rest_;
  int64_t number_ = 0;                        // of the line that was read last
  std::vector<std::vector<double>> columns_;  // weights of each output
  Model::Parts parts_;
};

}  // namespace

absl::StatusOr<Model> ParseCsvWeights(absl::string_view text, const ImportDefaults& defaults) {
  LL_ASSIGN_OR_RETURN(Model::Parts parts, Parser(text).Parse());
  LL_RETURN_IF_ERROR(SettleSchema(defaults, &parts));
  return Model::Create(std::move(parts));
}

std::string FormatCsvWeights(const Model& model) {
  const size_t outputs = model.bias().size(), features = model.weights().size() / outputs;
  std::string out = kFeature;
  for (size_t k = 0; k < outputs; ++k) absl::StrAppend(&out, ",weight", outputs > 1 ? absl::StrCat("_", k) : "");
  absl::StrAppend(&out, "\n", kBias);
  for (const double bias : model.bias()) {
    out.push_back(',');
    AppendNumber(bias, &out);
  }
  out.push_back('\n');
  for (size_t j = 0; j < features; ++j) {
    out += model.feature_names().empty() ? absl::StrCat("x", j) : Quoted(model.feature_names()[j]);
    for (size_t k = 0; k < outputs; ++k) {
      out.push_back(',');
      AppendNumber(model.weights()[k * features + j], &out);
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace ll::learner
