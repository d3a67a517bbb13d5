#include "clients/llctl/table.h"

#include <sstream>

#include "gtest/gtest.h"

namespace ll::llctl {
namespace {

std::string Print(const Table& table, bool colored = false) {
  std::ostringstream out;
  table.Print(out, colored);
  return out.str();
}

TEST(TableTest, AlignsColumnsWithoutTrailingSpaces) {
  Table table({"NAME", "STATE", "AGE"});
  EXPECT_TRUE(table.empty());
  table.AddRow({{"digits"}, {"IN_SERVICE"}, {"5m"}});
  table.AddRow({{"a-much-longer-name"}, {"FAILED"}, {"12d"}});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(Print(table),
            "NAME                STATE       AGE\n"
            "digits              IN_SERVICE  5m\n"
            "a-much-longer-name  FAILED      12d\n");
}

TEST(TableTest, EveryValueIsOneWord) {
  Table table({"NAME", "LABELS"});
  table.AddRow({{"with space\tand\x01"}, {""}});
  EXPECT_EQ(Print(table),
            "NAME                      LABELS\n"
            "with\\x20space\\x09and\\x01  <none>\n");
}

TEST(TableTest, ColumnsOfOtherScriptsAlignToo) {
  Table table({"NAME", "AGE"});
  table.AddRow({{"zähler"}, {"1m"}});
  table.AddRow({{"number"}, {"2m"}});
  EXPECT_EQ(Print(table), "NAME    AGE\nzähler  1m\nnumber  2m\n");
}

TEST(TableTest, ColorsDoNotCountAsWidth) {
  Table table({"A", "B"});
  table.AddRow({{"x", Style::kGood}, {"y"}});
  EXPECT_EQ(Print(table, true), "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[32mx\x1b[0m  y\n");
}

}  // namespace
}  // namespace ll::llctl
