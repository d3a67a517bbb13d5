#include "base/nearest_name.h"

#include "gtest/gtest.h"

namespace ll {
namespace {

TEST(EditDistanceTest, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("abc", ""), 3);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("epochs", "epohcs"), 1);
  EXPECT_EQ(EditDistance("epochs", "epoch"), 1);
}

TEST(NearestNameTest, FindsMisspeltNames) {
  const std::vector<std::string> known = {"epochs", "num_classes", "mini_batch_size", "learning_rate", "l1", "wd"};
  struct Case {
    const char* name;
    const char* expected;
  };
  const Case cases[] = {
      {"epoch", "epochs"},
      {"Epochs", "epochs"},
      {"mini_batch_siz", "mini_batch_size"},
      {"mini-batch-size", "mini_batch_size"},
      {"n_classes", "num_classes"},
      {"batch_size", "mini_batch_size"},
      {"max_epochs", "epochs"},
      {"learningrate", "learning_rate"},
      {"l2", "l1"},
      {"colour", ""},
      {"", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(NearestName(c.name, known), c.expected) << c.name;
}

TEST(NearestNameTest, IgnoresTextsTooLongToBeNames) {
  const std::string text(1000, 'a');
  EXPECT_EQ(NearestName(text, {text}), "");
}

}  // namespace
}  // namespace ll
