# A file is named for its idea. These names collect everything and say nothing.
file(GLOB_RECURSE files RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/base/* ${SOURCE_DIR}/learner/* ${SOURCE_DIR}/registry/*
  ${SOURCE_DIR}/services/* ${SOURCE_DIR}/clients/* ${SOURCE_DIR}/tests/* ${SOURCE_DIR}/deploy/* ${SOURCE_DIR}/cmake/*)
foreach(file IN LISTS files)
  if(file MATCHES "(^|[/_])(utils?|common|helpers?|misc)([._/]|$)")
    message(SEND_ERROR "${file}: a name that says nothing")
  endif()
endforeach()
