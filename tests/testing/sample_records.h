// Records with every member set to something that is not its default, for tests that nothing is lost on the way.
#ifndef LL_TESTS_TESTING_SAMPLE_RECORDS_H_
#define LL_TESTS_TESTING_SAMPLE_RECORDS_H_

#include "registry/records.h"

namespace ll::testing {

registry::RecordHeader SampleHeader();
registry::ModelRecord SampleModel();
registry::VersionRecord SampleVersion();
registry::JobRecord SampleJob();
registry::EndpointRecord SampleEndpoint();
registry::BucketRecord SampleBucket();
registry::ObjectRecord SampleObject();

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_SAMPLE_RECORDS_H_
