# Every third-party package, in one place; deploy/install-deps installs what is missing.
# Which room may use which is in cmake/layers.txt.

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Protobuf REQUIRED)
find_package(Boost REQUIRED)  # headers alone: Beast and Asio
find_package(Eigen3 CONFIG REQUIRED)
find_package(hwy CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(simdjson CONFIG REQUIRED)
find_package(FastFloat CONFIG REQUIRED)
find_package(LibArchive REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
if(LL_GRPC)
  find_package(gRPC CONFIG REQUIRED)
  find_package(yaml-cpp CONFIG REQUIRED)
endif()
find_package(GTest CONFIG REQUIRED)
find_package(benchmark CONFIG REQUIRED)
