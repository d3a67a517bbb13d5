#include "clients/llctl/message_text.h"

#include <string>

#include "gtest/gtest.h"
#include "ll/v1/model.pb.h"
#include "yaml-cpp/yaml.h"

namespace ll::llctl {
namespace {

TEST(MessageTextTest, JsonHasEveryScalarInTheOrderOfTheProto) {
  v1::Model model;
  model.set_name("models/digits");
  (*model.mutable_labels())["team"] = "vision";
  EXPECT_EQ(ToJsonText(model), R"({
  "name": "models/digits",
  "description": "",
  "labels": {
    "team": "vision"
  },
  "annotations": {},
  "aliases": {},
  "latestVersion": "",
  "etag": ""
})");
}

TEST(MessageTextTest, YamlIsTheSame) {
  v1::Model model;
  model.set_name("models/digits");
  (*model.mutable_labels())["team"] = "vision";
  (*model.mutable_aliases())["champion"] = 3;
  EXPECT_EQ(ToYamlText(ToJson(model)), R"(name: models/digits
description: ""
labels:
  team: vision
annotations: {}
aliases:
  champion: "3"
latestVersion: ""
etag: ""
)");
}

// A text must come back as a text, whatever it looks like.
TEST(MessageTextTest, YamlQuotesWhatItWouldMistake) {
  for (const std::string text : {"", "~", "null", "true", "No", "on", "y", "1", "-1", "0x10", "1e3", ".5", "2026-01-01",
                                 "a: b", "# no comment", "- no item", "two\nlines", "\"quoted\"", "sn\xe2\x98\x83w"}) {
    const std::string yaml = ToYamlText(Json{{"key", text}});
    const YAML::Node node = YAML::Load(yaml)["key"];
    ASSERT_TRUE(node.IsScalar()) << yaml;
    EXPECT_EQ(node.Scalar(), text) << yaml;
    bool boolean;
    EXPECT_FALSE(node.Tag() == "?" && YAML::convert<bool>::decode(node, boolean)) << yaml;
  }
}

}  // namespace
}  // namespace ll::llctl
