#include "services/prediction/formats/open_inference.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "nlohmann/json.hpp"
#include "services/prediction/formats/tensor.h"
#include "simdjson.h"

namespace ll::prediction {
namespace {

using simdjson::ondemand::array;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

static_assert(kInferPadding >= simdjson::SIMDJSON_PADDING && kInferPadding >= kTensorPadding);

constexpr char kFeatures[] = "features";
constexpr char kScore[] = "score";
constexpr char kLabel[] = "predicted_label";

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

absl::Status Invalid(std::string why, std::string remedy, std::map<std::string, std::string> metadata = {}) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot read the inference request", .why = std::move(why), .remedy = std::move(remedy)},
                   {.metadata = std::move(metadata)});
}

// An input as it came.
struct Input {
  std::string name;
  std::string datatype;
  std::vector<int64_t> shape;
  std::optional<absl::string_view> data;  // a JSON array
  std::optional<uint64_t> binary_bytes;
};

class InferRequestParser {
 public:
  InferRequestParser(absl::string_view body, size_t json_bytes, const learner::ModelSchema& schema)
      : json_(body.substr(0, json_bytes)),
        binary_(body.substr(json_bytes)),
        padding_(binary_.size() + kInferPadding),
        schema_(schema) {}

  absl::StatusOr<InferRequest> Parse() {
    LL_RETURN_IF_ERROR(Document());
    LL_RETURN_IF_ERROR(TakeFeatures());
    LL_RETURN_IF_ERROR(ChooseOutputs());
    return std::move(request_);
  }

 private:
  absl::Status Malformed(simdjson::error_code error) {
    const char* at = nullptr;
    std::map<std::string, std::string> metadata;
    std::string where;
    if (document_.current_location().get(at) == simdjson::SUCCESS && at >= json_.data() &&
        at <= json_.data() + json_.size()) {
      metadata["byte_offset"] = absl::StrCat(at - json_.data());
      where = absl::StrCat(" at byte ", at - json_.data());
    }
    return Invalid(absl::StrCat("it is not the JSON of the protocol", where, ": ", simdjson::error_message(error)),
                   "Correct the text.", std::move(metadata));
  }

  template <typename T, typename From>
  absl::Status Get(From&& from, T* to) {
    if (const simdjson::error_code error = std::forward<From>(from).get(*to)) return Malformed(error);
    return absl::OkStatus();
  }
  absl::Status GetText(value& from, std::string* to) {
    std::string_view text;
    LL_RETURN_IF_ERROR(Get(from.get_string(), &text));
    if (!IsUtf8(View(text))) return Malformed(simdjson::UTF8_ERROR);
    *to = std::string(text);
    return absl::OkStatus();
  }

  // Calls each(name, value) for each member.
  template <typename Each>
  absl::Status Members(object& from, Each each) {
    for (auto field : from) {
      std::string_view key;
      value member;
      LL_RETURN_IF_ERROR(Get(field.unescaped_key(), &key));
      LL_RETURN_IF_ERROR(Get(field.value(), &member));
      LL_RETURN_IF_ERROR(each(key, member));
    }
    return absl::OkStatus();
  }
  template <typename Each>
  absl::Status Objects(value& from, Each each) {
    array list;
    LL_RETURN_IF_ERROR(Get(from.get_array(), &list));
    for (auto element : list) {
      object one;
      LL_RETURN_IF_ERROR(Get(element.get_object(), &one));
      LL_RETURN_IF_ERROR(each(one));
    }
    return absl::OkStatus();
  }
  // Members of "parameters"; those that are not known mean nothing here.
  template <typename Each>
  absl::Status Parameters(value& from, Each each) {
    object parameters;
    LL_RETURN_IF_ERROR(Get(from.get_object(), &parameters));
    return Members(parameters, each);
  }

  absl::Status Document() {
    const simdjson::padded_string_view view(json_.data(), json_.size(), json_.size() + padding_);
    if (const simdjson::error_code error = parser_.iterate(view).get(document_)) {
      return Invalid(absl::StrCat("it is not JSON: ", simdjson::error_message(error)), "Send a JSON object.");
    }
    object root;
    LL_RETURN_IF_ERROR(Get(document_.get_object(), &root));
    LL_RETURN_IF_ERROR(Members(root, [this](std::string_view key, value& member) -> absl::Status {
      if (key == "id") return GetText(member, &request_.id);
      if (key == "inputs") return Objects(member, [this](object& one) { return TakeInput(one); });
      if (key == "outputs") return Objects(member, [this](object& one) { return TakeOutput(one); });
      if (key != "parameters") return absl::OkStatus();
      return Parameters(member, [this](std::string_view name, value& parameter) -> absl::Status {
        return name == "binary_data_output" ? Get(parameter.get_bool(), &binary_output_) : absl::OkStatus();
      });
    }));
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) return Malformed(simdjson::TRAILING_CONTENT);
    return absl::OkStatus();
  }

  absl::Status TakeInput(object& from) {
    Input input;
    LL_RETURN_IF_ERROR(Members(from, [&](std::string_view key, value& member) -> absl::Status {
      if (key == "name") return GetText(member, &input.name);
      if (key == "datatype") return GetText(member, &input.datatype);
      if (key == "shape") return TakeShape(member, &input.shape);
      if (key == "data") {
        array list;
        std::string_view text;
        LL_RETURN_IF_ERROR(Get(member.get_array(), &list));
        LL_RETURN_IF_ERROR(Get(list.raw_json(), &text));
        input.data = View(text);
        return absl::OkStatus();
      }
      if (key != "parameters") return absl::OkStatus();
      return Parameters(member, [&](std::string_view name, value& parameter) -> absl::Status {
        if (name == "binary_data_size") return Get(parameter.get_uint64(), &input.binary_bytes.emplace());
        if (name != "shared_memory_region") return absl::OkStatus();
        return Invalid("a tensor lies in shared memory, which this server has not", "Send the tensor in the request.");
      });
    }));
    inputs_.push_back(std::move(input));
    return absl::OkStatus();
  }

  absl::Status TakeShape(value& from, std::vector<int64_t>* shape) {
    array list;
    LL_RETURN_IF_ERROR(Get(from.get_array(), &list));
    for (auto element : list) LL_RETURN_IF_ERROR(Get(element.get_int64(), &shape->emplace_back()));
    return absl::OkStatus();
  }

  absl::Status TakeOutput(object& from) {
    std::string name;
    std::optional<bool> binary;
    LL_RETURN_IF_ERROR(Members(from, [&](std::string_view key, value& member) -> absl::Status {
      if (key == "name") return GetText(member, &name);
      if (key != "parameters") return absl::OkStatus();
      return Parameters(member, [&](std::string_view parameter_name, value& parameter) -> absl::Status {
        if (parameter_name == "binary_data") return Get(parameter.get_bool(), &binary.emplace());
        if (parameter_name != "classification" && parameter_name != "shared_memory_region") return absl::OkStatus();
        return Invalid(absl::StrCat("an output asks for ", View(parameter_name), ", which this server has not"),
                       "Ask for the tensor itself.");
      });
    }));
    asked_.emplace_back(std::move(name), binary);
    return absl::OkStatus();
  }

  std::string Wanted() const {
    return absl::StrCat("the model takes one tensor, \"", kFeatures, "\", FP32 [-1, ", schema_.feature_dim, "]");
  }

  absl::Status TakeFeatures() {
    std::optional<absl::string_view> bytes;
    const Input* features = nullptr;
    absl::string_view rest = binary_;
    for (const Input& input : inputs_) {
      const absl::string_view own = rest.substr(0, input.binary_bytes.value_or(0));
      rest.remove_prefix(own.size());
      if (input.binary_bytes.value_or(0) > own.size()) {
        return Invalid(absl::StrCat("tensor ", Quoted(input.name), " has ", *input.binary_bytes,
                                    " bytes of binary data, and ", own.size(), " came"),
                       "Send as many bytes behind the JSON as its binary_data_size says.");
      }
      if (input.name != kFeatures || features != nullptr) {
        return Invalid(absl::StrCat("it has ", features != nullptr && input.name == kFeatures ? "twice " : "",
                                    "a tensor ", Quoted(input.name), ", and ", Wanted()),
                       "Send that one alone.");
      }
      features = &input;
      if (input.binary_bytes.has_value()) bytes = own;
    }
    if (features == nullptr) return Invalid(absl::StrCat("it has no inputs, and ", Wanted()), "Send that one.");
    if (!rest.empty()) {
      return Invalid(absl::StrCat(rest.size(), " bytes follow the JSON that belong to no tensor"),
                     "Give each binary tensor its binary_data_size.");
    }
    if (bytes.has_value() == features->data.has_value()) {
      return Invalid(bytes.has_value() ? "the tensor has both \"data\" and binary data"
                                       : "the tensor has neither \"data\" nor binary data",
                     "Send its numbers in one of the two ways.");
    }
    return Decode(*features, bytes);
  }

  absl::Status Decode(const Input& input, const std::optional<absl::string_view>& bytes) {
    const std::optional<Datatype> type = ParseDatatype(input.datatype);
    if (!type.has_value()) {
      return Invalid(absl::StrCat("the tensor's datatype is ", Quoted(input.datatype), ", and ", Wanted()),
                     absl::StrCat("Numbers of ", DatatypeNames(), " are taken."));
    }
    LL_RETURN_IF_ERROR(CheckShape(input.shape));
    const auto rows = static_cast<size_t>(input.shape[0]), columns = static_cast<size_t>(input.shape[1]);
    const size_t size = bytes.has_value() ? bytes->size() / SizeOf(*type) : input.data->size();
    // More rows than bytes are never right, and their product could overflow.
    const bool too_many = rows > size;
    std::optional<TensorProblem> problem;
    if (bytes.has_value()) {
      if (too_many || rows * columns * SizeOf(*type) != bytes->size()) {
        return Invalid(absl::StrCat("the shape [", rows, ", ", columns, "] of ", input.datatype, " does not have ",
                                    bytes->size(), " bytes"),
                       "Send rows x columns x size of the datatype bytes.");
      }
      request_.values.resize(rows * columns);
      problem = DecodeRawTensor(*type, *bytes, absl::MakeSpan(request_.values));
    } else {
      if (!too_many) request_.values.reserve(std::min(rows * columns, size));
      problem = ReadJsonTensor(*type, *input.data, columns, &request_.values);
      if (!problem.has_value() && (too_many || request_.values.size() != rows * columns)) {
        return Invalid(absl::StrCat("the shape is [", rows, ", ", columns, "], and \"data\" holds ",
                                    request_.values.size(), " numbers"),
                       "Send rows x columns numbers.");
      }
    }
    request_.columns = schema_.feature_dim;
    return problem.has_value() ? Describe(*problem, input) : absl::OkStatus();
  }

  absl::Status CheckShape(const std::vector<int64_t>& shape) const {
    if (shape.size() == 2 && shape[0] >= 1 && shape[1] == schema_.feature_dim) return absl::OkStatus();
    std::string text;
    for (const int64_t size : shape) absl::StrAppend(&text, text.empty() ? "" : ", ", size);
    return Invalid(absl::StrCat("the tensor's shape is [", text, "], and ", Wanted()),
                   absl::StrCat("Send one or more rows of ", schema_.feature_dim, " numbers."),
                   {{"expected_columns", absl::StrCat(schema_.feature_dim)}});
  }

  absl::Status Describe(const TensorProblem& problem, const Input& input) const {
    std::map<std::string, std::string> metadata;
    std::string where;
    if (problem.index.has_value()) {
      const auto columns = static_cast<size_t>(schema_.feature_dim);
      metadata["row"] = absl::StrCat(*problem.index / columns + 1);
      metadata["column"] = absl::StrCat(*problem.index % columns + 1);
      where = absl::StrCat("row ", metadata["row"], ", column ", metadata["column"], ": ");
    }
    if (problem.offset.has_value()) {
      const size_t offset = static_cast<size_t>(input.data->data() - json_.data()) + *problem.offset;
      metadata["byte_offset"] = absl::StrCat(offset);
      absl::StrAppend(&where, "byte ", offset, ": ");
    }
    return Invalid(absl::StrCat(where, ToValidUtf8(problem.why)), "Correct the tensor.", std::move(metadata));
  }

  absl::Status ChooseOutputs() {
    if (asked_.empty()) {
      request_.outputs.push_back({.label = false, .binary = binary_output_});
      if (schema_.has_labels()) request_.outputs.push_back({.label = true, .binary = binary_output_});
    }
    for (const auto& [name, binary] : asked_) {
      const bool label = name == kLabel && schema_.has_labels();
      if (!label && name != kScore) {
        return Invalid(absl::StrCat("it asks for the output ", Quoted(name), ", and the model has \"", kScore, "\"",
                                    schema_.has_labels() ? absl::StrCat(" and \"", kLabel, "\"") : ""),
                       "Ask for one of these, or leave \"outputs\" out.");
      }
      request_.outputs.push_back({.label = label, .binary = binary.value_or(binary_output_)});
    }
    return absl::OkStatus();
  }

  const absl::string_view json_;
  const absl::string_view binary_;
  const size_t padding_;
  const learner::ModelSchema& schema_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  InferRequest request_;
  std::vector<Input> inputs_;
  std::vector<std::pair<std::string, std::optional<bool>>> asked_;
  bool binary_output_ = false;
};

absl::StatusOr<InferRequest> RawRequest(absl::string_view body, const learner::ModelSchema& schema) {
  const size_t row_bytes = static_cast<size_t>(schema.feature_dim) * sizeof(float);
  if (body.empty() || body.size() % row_bytes != 0) {
    return Invalid(absl::StrCat("the body is ", body.size(), " bytes of FP32, and a row of ", schema.feature_dim,
                                " features is ", row_bytes),
                   "Send one or more whole rows.");
  }
  InferRequest request{.columns = schema.feature_dim};
  request.values.resize(body.size() / sizeof(float));
  DecodeRawTensor(Datatype::kFp32, body, absl::MakeSpan(request.values));
  request.outputs.push_back({.label = false, .binary = true});
  if (schema.has_labels()) request.outputs.push_back({.label = true, .binary = true});
  return request;
}

template <typename T>
void AppendNumbers(absl::Span<const T> numbers, std::string* text) {
  constexpr size_t kMaxNumberBytes = 32;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) text->push_back(',');
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(numbers[i])) {
        text->append("null");
        continue;
      }
    }
    char digits[kMaxNumberBytes];
    text->append(digits, std::to_chars(digits, digits + sizeof digits, numbers[i]).ptr);
  }
}

template <typename T>
void AppendOutput(const char* name, const char* datatype, const std::string& shape, absl::Span<const T> numbers,
                  bool binary, std::string* json, std::string* bytes) {
  absl::StrAppend(json, "{\"name\":\"", name, "\",\"datatype\":\"", datatype, "\",\"shape\":[", shape, "],");
  if (binary) {
    const size_t size = numbers.size() * sizeof(T);
    absl::StrAppend(json, "\"parameters\":{\"binary_data_size\":", size, "}}");
    bytes->append(reinterpret_cast<const char*>(numbers.data()), size);
  } else {
    json->append("\"data\":[");
    AppendNumbers(numbers, json);
    json->append("]}");
  }
}

nlohmann::ordered_json Tensor(const char* name, const char* datatype, std::vector<int> shape) {
  return {{"name", name}, {"datatype", datatype}, {"shape", std::move(shape)}};
}

std::string JsonText(const std::string& text) { return nlohmann::json(text).dump(); }

}  // namespace

absl::StatusOr<InferRequest> ParseInferRequest(absl::string_view body, std::optional<size_t> json_bytes,
                                               const learner::ModelSchema& schema) {
  if (json_bytes == size_t{0}) return RawRequest(body, schema);
  if (json_bytes.value_or(0) > body.size()) {
    return Invalid(
        absl::StrCat("Inference-Header-Content-Length is ", *json_bytes, ", and the body has ", body.size(), " bytes"),
        "Correct the header.");
  }
  return InferRequestParser(body, json_bytes.value_or(body.size()), schema).Parse();
}

InferReply WriteInferReply(const InferRequest& request, const ModelName& model, const learner::ModelSchema& schema,
                           const learner::Scores& scores) {
  InferReply reply;
  std::string& json = reply.body;
  std::string bytes;
  absl::StrAppend(&json, "{\"model_name\":", JsonText(model.name), ",\"model_version\":", JsonText(model.version));
  if (!request.id.empty()) absl::StrAppend(&json, ",\"id\":", JsonText(request.id));
  json.append(",\"outputs\":[");
  const int64_t rows = CountRows(request.rows());
  bool first = true, binary = false;
  for (const InferRequest::Output& output : request.outputs) {
    if (!std::exchange(first, false)) json.push_back(',');
    binary |= output.binary;
    if (output.label) {
      AppendOutput<int64_t>(kLabel, "INT64", absl::StrCat(rows), scores.labels, output.binary, &json, &bytes);
    } else {
      AppendOutput<float>(kScore, "FP32", absl::StrCat(rows, ",", schema.outputs), scores.values, output.binary, &json,
                          &bytes);
    }
  }
  json.append("]}");
  if (binary) reply.json_bytes = json.size();
  json.append(bytes);
  return reply;
}

std::string ModelMetadata(const ModelName& model, const learner::ModelSchema& schema) {
  nlohmann::ordered_json outputs = nlohmann::ordered_json::array({Tensor(kScore, "FP32", {-1, schema.outputs})});
  if (schema.has_labels()) outputs.push_back(Tensor(kLabel, "INT64", {-1}));
  const nlohmann::ordered_json metadata = {
      {"name", model.name},
      {"versions", nlohmann::ordered_json::array({model.version})},
      {"platform", "linear_learner"},
      {"inputs", nlohmann::ordered_json::array({Tensor(kFeatures, "FP32", {-1, schema.feature_dim})})},
      {"outputs", std::move(outputs)}};
  return metadata.dump();
}

}  // namespace ll::prediction
