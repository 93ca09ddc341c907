#include "support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "base/file.h"
#include "support/places.h"
#include "support/temporary_folder.h"

extern char** environ;

namespace zhiyin {
namespace {

int spawn(const std::vector<std::string>& arguments, int output, const char* errors_file) {
  std::vector<char*> argv{const_cast<char*>(program_path().c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  if (errors_file != nullptr)
    posix_spawn_file_actions_addopen(&actions, 2, errors_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t process = -1;
  const int failed = posix_spawn(&process, program_path().c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + program_path());
  return process;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  return ends;
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

ProgramRun run_program(const std::vector<std::string>& arguments) {
  const TemporaryFolder folder;
  const auto errors = (folder / "errors").string();
  const auto ends = make_pipe();
  const int process = spawn(arguments, ends[1], errors.c_str());
  close(ends[1]);
  ProgramRun run;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  bool timed_out = false;
  for (;;) {
    pollfd waiting{ends[0], POLLIN, 0};
    poll(&waiting, 1, 1000);
    std::array<char, 4096> buffer;
    const auto count = waiting.revents != 0 ? read(ends[0], buffer.data(), buffer.size()) : -1;
    if (count == 0) break;
    if (count > 0) run.output.append(buffer.data(), static_cast<std::size_t>(count));
    if (std::chrono::steady_clock::now() > deadline && !timed_out) {
      ::kill(process, SIGKILL);
      timed_out = true;
    }
  }
  close(ends[0]);
  int status = 0;
  waitpid(process, &status, 0);
  run.exit_code = timed_out ? 124 : exit_code(status);
  if (auto text = read_file(errors); text.ok()) run.errors = std::move(*text);
  return run;
}

BackgroundProgram::BackgroundProgram(const std::vector<std::string>& arguments, const std::string& errors_file) {
  const auto ends = make_pipe();
  process_ = spawn(arguments, ends[1], errors_file.empty() ? nullptr : errors_file.c_str());
  close(ends[1]);
  output_ = ends[0];
}

BackgroundProgram::~BackgroundProgram() {
  kill(SIGTERM);
  close(output_);
}

std::string BackgroundProgram::read_line() {
  std::string line;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd waiting{output_, POLLIN, 0};
    if (poll(&waiting, 1, 200) <= 0) continue;
    char c = 0;
    if (read(output_, &c, 1) != 1 || c == '\n') return line;
    line += c;
  }
  return line;
}

void BackgroundProgram::signal(int signal) const { ::kill(process_, signal); }

void BackgroundProgram::limit_file_size(std::uint64_t bytes) {
  rlimit limit{};
  prlimit(process_, RLIMIT_FSIZE, nullptr, &limit);
  limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
  if (prlimit(process_, RLIMIT_FSIZE, &limit, nullptr) != 0) throw std::runtime_error("prlimit");
}

void BackgroundProgram::kill(int signal) { (void)end(signal); }

int BackgroundProgram::end(int signal) {
  if (process_ < 0) return -1;
  ::kill(process_, signal);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  return exit_code(status);
}

}  // namespace zhiyin
