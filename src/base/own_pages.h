// An allocator for large buffers that live briefly: pages of their own, which the kernel has back when they are freed.
// malloc keeps what is freed for whoever asks next, and a server would hold the largest such buffer there ever was.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <string>

namespace zhiyin {

template <typename T>
struct OwnPages {
  using value_type = T;

  OwnPages() = default;
  template <typename Other>
  OwnPages(const OwnPages<Other>& /*same*/) {}

  T* allocate(std::size_t count) {
    void* const pages = ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    return static_cast<T*>(pages);
  }
  void deallocate(T* pages, std::size_t count) { ::munmap(pages, count * sizeof(T)); }

  friend bool operator==(const OwnPages&, const OwnPages&) { return true; }
};

using LargeBytes = std::basic_string<char, std::char_traits<char>, OwnPages<char>>;

}  // namespace zhiyin
