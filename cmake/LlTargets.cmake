# The five helpers that every room's CMakeLists.txt is written with. Sources are listed by name, never globbed.
#
#   ll_library(NAME SRCS a.cc ... DEPS ll_base absl::status ...)      a room, or a part of one
#   ll_program(NAME SRCS main.cc DEPS ...)                            a product binary, put into LL_BIN_DIR
#   ll_test(NAME SRCS a_test.cc ... DEPS ... [LABELS unit] [DATA])    each test case is its own ctest entry
#   ll_fuzz(NAME SRC x_fuzz.cc CORPUS dir DEPS ...)                   replayed over its corpus by ctest; a fuzzer with LL_FUZZ
#   ll_bench(NAME SRCS a_bench.cc DEPS ... [DATA])                    Google Benchmark; a short smoke run by ctest
#
# GRPC in any of them marks a target that includes gRPC or generated headers: it shares one precompiled header
# and is left out when LL_GRPC is OFF.

include(GoogleTest)

add_custom_target(programs)           # everything that is installed
add_custom_target(unit_tests)         # the tests labelled unit: what the sanitizer presets build in CI
add_custom_target(fuzz_targets)       # what the preset fuzz builds
add_custom_target(generated_sources)  # headers that do not exist before the build, which clang-tidy needs

function(_ll_common target)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ll_warnings)
endfunction()

function(_ll_reuse_pch target)
  if(TARGET ll_grpc_pch AND NOT "${target}" STREQUAL ll_grpc_pch)
    target_precompile_headers(${target} REUSE_FROM ll_grpc_pch)
    # A precompiled header fits one code model only: programs are compiled as libraries are, with PIC instead of PIE.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

function(ll_library name)
  cmake_parse_arguments(arg "GRPC" "" "SRCS;DEPS" ${ARGN})
  if(arg_GRPC AND NOT LL_GRPC)
    return()
  endif()
  if(arg_SRCS)
    add_library(${name} STATIC ${arg_SRCS})
    _ll_common(${name})
    target_link_libraries(${name} PUBLIC ${arg_DEPS})
    if(arg_GRPC)
      _ll_reuse_pch(${name})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
  endif()
endfunction()

function(ll_program name)
  cmake_parse_arguments(arg "GRPC" "" "SRCS;DEPS" ${ARGN})
  if(arg_GRPC AND NOT LL_GRPC)
    return()
  endif()
  add_executable(${name} ${arg_SRCS})
  _ll_common(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${LL_BIN_DIR})
  add_dependencies(programs ${name})
  if(arg_GRPC)
    _ll_reuse_pch(${name})
  endif()
endfunction()

# DATA: the test reads pinned inputs; it finds their folder in the environment variable LL_DATA_DIR.
function(ll_test name)
  cmake_parse_arguments(arg "GRPC;DATA" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  if(arg_GRPC AND NOT LL_GRPC)
    return()
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SRCS})
  _ll_common(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} ll_testing GTest::gmock GTest::gtest_main)
  if(arg_GRPC)
    _ll_reuse_pch(${name})
  endif()
  set(environment "")
  if(arg_DATA)
    list(APPEND environment "LL_DATA_DIR=${LL_DATA_DIR}")
  endif()
  list(APPEND environment "LL_BIN_DIR=${LL_BIN_DIR}" "LL_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
  if(LL_SANITIZER STREQUAL "thread" AND arg_GRPC)
    list(APPEND environment "TSAN_OPTIONS=ignore_noninstrumented_modules=1")
  endif()
  if("unit" IN_LIST arg_LABELS)
    add_dependencies(unit_tests ${name})
  endif()
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT})
  # Lists are set afterwards: what gtest_discover_tests passes on arrives flattened, and all but a list's first value
  # is lost.
  set(lists ${CMAKE_CURRENT_BINARY_DIR}/${name}_lists.cmake)
  file(WRITE ${lists} "if(${name}_TESTS)
  set_tests_properties(\${${name}_TESTS} PROPERTIES LABELS \"${arg_LABELS}\" ENVIRONMENT \"${environment}\")
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${lists})
endfunction()

function(ll_fuzz name)
  cmake_parse_arguments(arg "GRPC" "SRC;CORPUS" "DEPS" ${ARGN})
  if(arg_GRPC AND NOT LL_GRPC)
    return()
  endif()
  add_executable(${name} ${arg_SRC})
  _ll_common(${name})
  add_dependencies(fuzz_targets ${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  if(LL_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    # What it finds goes to the first folder: the corpus in the tree holds chosen inputs only.
    set(found ${CMAKE_CURRENT_BINARY_DIR}/${name}_found)
    file(MAKE_DIRECTORY ${found})
    add_test(NAME ${name} COMMAND ${name} -runs=20000 -max_len=4096 ${found} ${arg_CORPUS})
    set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 600)
  else()
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME ${name}.replay COMMAND ${name} ${arg_CORPUS})
    set_tests_properties(${name}.replay PROPERTIES LABELS fuzz-replay TIMEOUT 120)
  endif()
endfunction()

function(ll_bench name)
  cmake_parse_arguments(arg "GRPC;DATA" "" "SRCS;DEPS" ${ARGN})
  if(arg_GRPC AND NOT LL_GRPC)
    return()
  endif()
  add_executable(${name} ${arg_SRCS})
  _ll_common(${name})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} benchmark::benchmark_main)
  if(arg_GRPC)
    _ll_reuse_pch(${name})
  endif()
  add_test(NAME ${name}.smoke COMMAND ${name} --benchmark_min_time=0.001)
  set_tests_properties(${name}.smoke PROPERTIES LABELS bench-smoke TIMEOUT 300
    ENVIRONMENT "LL_DATA_DIR=${LL_DATA_DIR};LL_BENCH_SMOKE=1;LL_BIN_DIR=${LL_BIN_DIR}")
endfunction()
