// Resources of the API with every field of interest set, for tests of what clients print. They were made at the time of
// FakeTime().
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_SAMPLE_MESSAGES_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_SAMPLE_MESSAGES_H_

#include "ll/v1/endpoint.pb.h"
#include "ll/v1/model.pb.h"
#include "ll/v1/object.pb.h"
#include "ll/v1/training_job.pb.h"

namespace ll::testing {

v1::Model SampleModelMessage();              // models/digits, with aliases
v1::ModelVersion SampleVersionMessage();     // models/digits/versions/3
v1::TrainingJob SampleTrainingJobMessage();  // trainingJobs/digits, SUCCEEDED, with seven candidates
v1::Endpoint SampleEndpointMessage();        // endpoints/digits, in service, with the error of its last update
v1::Object SampleObjectMessage();            // s3://datasets/digits/train.pbr

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_SAMPLE_MESSAGES_H_
