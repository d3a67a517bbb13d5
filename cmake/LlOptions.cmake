# Language level, warnings, sanitizers and output folders: everything that holds for all of our targets.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

set(LL_SANITIZER "" CACHE STRING "Sanitizer of every target: empty, address (with undefined) or thread")
set_property(CACHE LL_SANITIZER PROPERTY STRINGS "" address thread)
option(LL_FUZZ "Link fuzz targets with libFuzzer (clang only) instead of the corpus replayer" OFF)
option(LL_COVERAGE "Instrument for gcov" OFF)
option(LL_GRPC "Build the rooms that need gRPC; OFF leaves the exact-TSan set: base, learner, registry, engines" ON)
set(LL_BIN_DIR "${CMAKE_BINARY_DIR}/bin" CACHE PATH "Where the programs (llserver, lltrain, llctl) are put")
set(LL_DATA_DIR "${CMAKE_SOURCE_DIR}/.cache" CACHE PATH "Pinned test inputs, fetched by deploy/fetch-mnist")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

find_program(LL_CCACHE ccache)
if(LL_CCACHE)
  # Precompiled headers carry time stamps and macros that ccache refuses unless told that they are harmless;
  # base_dir and hash_dir make checkouts in different folders share results. Depend mode keeps ccache from
  # preprocessing: the preprocessor would take up the precompiled header of the last build, and a changed header in it
  # would be answered with that old result.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 ${LL_CCACHE})
endif()

# Flags of our own targets only; generated and third-party code is not held to them.
add_library(ll_warnings INTERFACE)
target_compile_options(ll_warnings INTERFACE -Wall -Wextra -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(ll_warnings INTERFACE -Wthread-safety)
endif()

if(LL_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(LL_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(LL_SANITIZER)
  message(FATAL_ERROR "LL_SANITIZER is '${LL_SANITIZER}'; it may be empty, address or thread")
endif()
if(LL_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(LL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
