#include <grpcpp/grpcpp.h>
#include <unknown/third_party.h>

#include <vector>

#include "registry/records.h"
#include "tests/testing/temp_dir.h"
