// The write-ahead log is moved into its file beside the commits, and does not grow for ever.
#include "state/bus/local/checkpoints.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

constexpr std::array<std::string_view, 1> kSchema = {"CREATE TABLE lines(number INTEGER PRIMARY KEY, text TEXT)"};
constexpr CheckpointOptions kSmall{.pages = 20, .most_pages = 100};
constexpr int kCommits = 500;

class CheckpointsTest : public ::testing::Test {
 protected:
  CheckpointsTest() : options_{.path = folder_ / "log.db", .application_id = 7, .schema = kSchema} {
    options_.checkpoint_pages = 0;
    writer_ = sqlite::Database::open(options_).value();
  }

  // The longest that the log became, in pages.
  int write_lines(Checkpoints& checkpoints) {
    int longest = 0;
    for (int i = 0; i < kCommits; ++i) {
      auto transaction = sqlite::Transaction::begin(*writer_).value();
      EXPECT_TRUE(writer_->query("INSERT INTO lines(text) VALUES(?)")->bind(std::string(2'000, 'x')).run().ok());
      EXPECT_TRUE(transaction.commit().ok());
      longest = std::max(longest, writer_->wal_pages());
      checkpoints.committed(*writer_);
    }
    return longest;
  }

  static std::int64_t count_lines(sqlite::Database& database) {
    auto count = database.query("SELECT count(*) FROM lines").value();
    return count.step().value() ? count.integer(0) : -1;
  }

  TemporaryFolder folder_;
  sqlite::Options options_;
  std::unique_ptr<sqlite::Database> writer_;
};

TEST_F(CheckpointsTest, AStreamOfCommitsDoesNotLetTheLogGrow) {
  sqlite::Readers readers(options_);
  Checkpoints checkpoints(readers, kSmall);
  const int longest = write_lines(checkpoints);
  EXPECT_GT(longest, kSmall.pages);
  EXPECT_LT(longest, 2 * kSmall.most_pages);
  EXPECT_EQ(count_lines(*sqlite::Database::open(options_).value()), kCommits);
}

TEST_F(CheckpointsTest, AReaderThatStaysHoldsUpNoCommit) {
  sqlite::Readers readers(options_);
  Checkpoints checkpoints(readers, kSmall);
  {
    const auto reader = readers.lend().value();
    auto reading = reader->query("SELECT 1 FROM lines UNION ALL SELECT 2").value();
    ASSERT_TRUE(reading.step().value());  // it reads the file of before the first line for as long as it lives
    EXPECT_GT(write_lines(checkpoints), kCommits);
  }
  write_lines(checkpoints);  // now there is nobody to wait for
  EXPECT_LT(writer_->wal_pages(), kCommits);
  EXPECT_EQ(count_lines(*writer_), 2 * kCommits);
}

}  // namespace
}  // namespace zhiyin
