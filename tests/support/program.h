// The program under test, run as a user runs it.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

namespace zhiyin {

struct ProgramRun {
  int exit_code = -1;
  std::string output;
  std::string errors;
};

// Runs zhiyin to its end. At most two minutes; then it is killed and the exit code is 124.
ProgramRun run_program(const std::vector<std::string>& arguments);

// zhiyin in the background; ended by signal when this is destroyed.
class BackgroundProgram {
 public:
  // Its standard error goes to the file, if one is named.
  explicit BackgroundProgram(const std::vector<std::string>& arguments, const std::string& errors_file = {});
  ~BackgroundProgram();
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

  // The next line of its standard output, waited for 60 seconds at most; empty if it ended.
  std::string read_line();

  // Limits the size of the files that it may write from here on, as a full disk would; the largest number lifts it.
  void limit_file_size(std::uint64_t bytes);

  // Sends the signal.
  void signal(int signal) const;
  // The same, and waits for the end.
  void kill(int signal);
  // The same, with the exit code: 128 and the signal's number if that ended it.
  int end(int signal);

 private:
  int process_ = -1;
  int output_ = -1;
};

}  // namespace zhiyin
