# Writes the migrations into a C++ source:
#
#   cmake -D OUTPUT=schema.cc -D MIGRATIONS="0001_initial.sql;..." -D DIRECTORY=... -P embed.cmake
set(entries "")
set(number 0)
foreach(file IN LISTS MIGRATIONS)
  math(EXPR number "${number} + 1")
  string(REGEX REPLACE "^([0-9]+)_(.*)\\.sql$" "\\1" digits "${file}")
  if(NOT digits MATCHES "^0*${number}$")
    message(FATAL_ERROR "${file} should be migration number ${number}: they are numbered from 1 without gaps")
  endif()
  string(REGEX REPLACE "\\.sql$" "" name "${file}")
  file(READ ${DIRECTORY}/${file} sql)
  if(sql MATCHES "\\)sql\"")
    message(FATAL_ERROR "${file} holds the delimiter of the C++ text it becomes")
  endif()
  string(APPEND entries "    {${number}, \"${name}\", R\"sql(${sql})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made from registry/schema/*.sql by embed.cmake.
#include \"registry/migrations.h\"

namespace ll::registry {

absl::Span<const Migration> SchemaMigrations() {
  static constexpr Migration kMigrations[] = {
${entries}  };
  return kMigrations;
}

}  // namespace ll::registry
")
