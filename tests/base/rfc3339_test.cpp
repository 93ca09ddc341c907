#include "base/rfc3339.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

TEST(Rfc3339, ReadsWhatItWrites) {
  EXPECT_EQ(to_rfc3339(1'659'832'006), "2022-08-07T00:26:46Z");
  for (const UnixSeconds time : {0L, 951'782'400L, 1'659'832'006L, -1L, -62'135'596'800L, 253'402'300'799L}) {
    EXPECT_EQ(from_rfc3339(to_rfc3339(time)).value(), time);
  }
}

TEST(Rfc3339, TakesZonesFractionsAndDaysAlone) {
  EXPECT_EQ(from_rfc3339("2022-08-07T02:26:46+02:00").value(), 1'659'832'006);
  EXPECT_EQ(from_rfc3339("2022-08-06T19:26:46.123456-0500").value(), 1'659'832'006);
  EXPECT_EQ(from_rfc3339("2022-08-07 00:26:46").value(), 1'659'832'006);
  EXPECT_EQ(from_rfc3339("2022-08-07 00:26:46 +00:00").value(), 1'659'832'006);
  EXPECT_EQ(from_rfc3339("2022-08-07").value(), 1'659'830'400);
  EXPECT_EQ(from_rfc3339("2022-08-07T00:26Z").value(), 1'659'831'960);
}

TEST(Rfc3339, RefusesWhatIsNoDate) {
  for (const auto* text : {"", "yesterday", "2022-13-01", "2022-02-30", "2022-08-07T25:00:00Z", "2022-08-07T00:26:46Q",
                           "2022-08-07T00:26:46.Z", "2022-08-07T00:26:46Z!", "22-08-07", "1659832006"}) {
    EXPECT_FALSE(from_rfc3339(text).ok()) << text;
  }
}

}  // namespace
}  // namespace zhiyin
