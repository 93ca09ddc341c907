#include "app/bench/own_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

extern char** environ;  // NOLINT: POSIX's

namespace zhiyin {
namespace {

constexpr int kStartupMs = 60'000;

}  // namespace

Result<std::unique_ptr<OwnServer>> OwnServer::start(const std::filesystem::path& home) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return internal("no pipe can be made");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::array<std::string, 7> words = {"zhiyin", "--quiet", "--home", home.string(), "serve", "--port", "0"};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t process = -1;
  const int failed = ::posix_spawn(&process, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    return internal("the server cannot be started");
  }
  std::unique_ptr<OwnServer> server(new OwnServer(process, ends[0]));
  ZY_TRY(server->port_, server->read_port());
  return server;
}

OwnServer::~OwnServer() {
  kill();
  ::close(output_);
}

void OwnServer::kill() { end(SIGKILL); }

int OwnServer::stop() { return end(SIGTERM); }

int OwnServer::end(int signal) {
  if (process_ < 0) return 0;
  ::kill(process_, signal);
  int status = 0;
  ::waitpid(std::exchange(process_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// "zhiyin is listening on http://127.0.0.1:PORT/"
Result<int> OwnServer::read_port() const {
  std::string line;
  for (char c = 0; c != '\n';) {
    pollfd waiting{output_, POLLIN, 0};
    if (::poll(&waiting, 1, kStartupMs) <= 0 || ::read(output_, &c, 1) != 1)
      return internal("the server did not start");
    line += c;
  }
  int port = 0;
  const auto colon = line.rfind(':');
  std::from_chars(line.data() + colon + 1, line.data() + line.size(), port);
  return port;
}

}  // namespace zhiyin
