# Tests wait on conditions; a sleep is either too short or too long.
file(GLOB_RECURSE files ${SOURCE_DIR}/tests/*.cc ${SOURCE_DIR}/base/*_test.cc ${SOURCE_DIR}/learner/*_test.cc
  ${SOURCE_DIR}/registry/*_test.cc ${SOURCE_DIR}/services/*_test.cc ${SOURCE_DIR}/clients/*_test.cc)
foreach(file IN LISTS files)
  file(STRINGS ${file} hits REGEX "sleep_for|sleep_until|SleepFor|[^a-z_]usleep *\\(|nanosleep")
  if(hits)
    message(SEND_ERROR "${file}: ${hits}")
  endif()
endforeach()
